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
  decision: z.string(),
  registryRun: z.string(),
});
export type Promotion = z.infer<typeof Promotion>;
