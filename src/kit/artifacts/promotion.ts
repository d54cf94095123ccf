import { z } from "zod";

/** `promotion.json` */
export const Promotion = z.object({
  outcome: z.enum(["promoted", "escalated"]),
  /**
   * Why nothing was promoted: the gate said no, the champion moved meanwhile, a person had rolled this version back or rejected it, or the artifact is
   * not the one that was judged.
   */
  reason: z.enum(["gate-passed", "gate-failed", "champion-moved", "withdrawn", "digest-mismatch"]),
  model: z.string(),
  alias: z.string(),
  candidate: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  /** What a rollback would go back to from what is live after an escalation; null where nothing is. Absent in records of programs that did not say it. */
  previous: z.string().nullable().optional(),
  decision: z.string(),
  registryRun: z.string(),
});
export type Promotion = z.infer<typeof Promotion>;
