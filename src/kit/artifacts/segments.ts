import { z } from "zod";
import { wholeRecord } from "../whole-record.js";

/** `segments.json` */
export const Segments = z.object({
  method: z.enum(["attributes", "abc-xyz", "k-means"]),
  segments: z.array(
    z.object({
      /** Stable from quarter to quarter. */
      id: z.string(),
      label: z.string(),
      series: z.number().int(),
      /** Share of the last year's volume, 0..1. */
      volumeShare: z.number(),
      /** k-means centre in scaled feature space; empty for other methods. */
      centre: z.array(z.number()),
    }),
  ),
  /** Series id → segment id, sorted by series id. */
  assignment: wholeRecord(z.string(), z.string()),
  moved: z.array(z.object({ series: z.string(), from: z.string(), to: z.string() })),
  newSeries: z.array(z.string()),
  lostSeries: z.array(z.string()),
  /** Quarter of the assignment that this one was compared with, or null. */
  previous: z.string().nullable(),
});
export type Segments = z.infer<typeof Segments>;
