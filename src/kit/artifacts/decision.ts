import { z } from "zod";

export const RuleResult = z.object({
  id: z.string(),
  kind: z.enum(["threshold", "champion", "ks", "order"]),
  verdict: z.enum(["PASS", "FAIL", "UNKNOWN"]),
  severity: z.enum(["block", "warn"]),
  /** Whether this result stops the promotion. */
  blocks: z.boolean(),
  metric: z.string(),
  observed: z.number().nullable(),
  limit: z.number().nullable(),
  /** How to read the limit: `max` is observed ≤ limit, `min` is observed ≥ limit. */
  direction: z.enum(["max", "min"]),
  n: z.number().int().nullable(),
  /** Machine word for an UNKNOWN, or for what excused it; null otherwise. */
  why: z.string().nullable(),
  /** One line with the figures behind the result. */
  detail: z.string(),
});
export type RuleResult = z.infer<typeof RuleResult>;

/** `decision.json`: the durable verdict. `digest` is sha256 over the canonical JSON of everything else. */
export const Decision = z.object({
  digest: z.string(),
  quarter: z.string(),
  cutoff: z.string(),
  model: z.string(),
  alias: z.string(),
  candidate: z.object({ version: z.string(), digest: z.string() }),
  /** What the gate compared with, and what the alias must still name at promotion. */
  baseline: z.object({ version: z.string(), digest: z.string().nullable() }).nullable(),
  firstRelease: z.boolean(),
  verdict: z.enum(["pass", "fail"]),
  rules: z.array(RuleResult),
  inputs: z.object({
    panel: z.string(),
    training: z.string(),
    runbook: z.string(),
    retrain: z.string(),
    git: z.string().nullable(),
  }),
});
export type Decision = z.infer<typeof Decision>;
