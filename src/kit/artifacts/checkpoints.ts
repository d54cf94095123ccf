import { z } from "zod";

const Revision = z.object({
  before: z.number(),
  after: z.number(),
  /** after / before − 1, or null when before is zero. */
  revision: z.number().nullable(),
});

/** `checkpoints.json`: what changed in the months that last quarter's snapshot and the new outlook both cover. */
export const Checkpoints = z.object({
  previous: z
    .object({ quarter: z.string(), version: z.string().nullable(), source: z.string(), cutoff: z.string() })
    .nullable(),
  months: z.array(Revision.extend({ period: z.string(), series: z.number().int() })),
  segments: z.array(Revision.extend({ segment: z.string(), period: z.string(), series: z.number().int() })),
  /** Largest |revision| of a month's total, and of a segment's month. */
  maxRevision: z.number().nullable(),
  maxSegmentRevision: z.number().nullable(),
  /** WMAPE of each month of this quarter beside the months of last quarter, both by the snapshots that were live. */
  monthlyAccuracy: z.array(
    z.object({
      period: z.string(),
      wmape: z.number().nullable(),
      n: z.number().int(),
      previousPeriod: z.string().nullable(),
      previousWmape: z.number().nullable(),
      previousN: z.number().int(),
    }),
  ),
});
export type Checkpoints = z.infer<typeof Checkpoints>;
