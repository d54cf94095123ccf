import { z } from "zod";

/**
 * What a person decided about an escalated run. It never changes a rule's result: an approval that lets a candidate go live although rules
 * failed is an override of those rules, and stays one.
 */
export const Approval = z.object({
  format: z.literal(1),
  /** Of everything else in canonical JSON: the same words twice are one record. */
  id: z.string(),
  kind: z.enum(["approval", "rejection", "rollback", "adoption"]),
  /** The run of `retrain` and its run in the registry; both null for a rollback and an adoption. */
  run: z.string().nullable(),
  registryRun: z.string().nullable(),
  quarter: z.string().nullable(),
  model: z.string(),
  alias: z.string(),
  /** Version that the record is about: the candidate, or what was rolled back to or adopted; `none` for a start anew. */
  version: z.string(),
  /** Version that the alias had to name, and named, when the person decided; null: none. */
  live: z.string().nullable(),
  /** Digest of the decision record that the person saw; null for a rollback and an adoption. */
  decision: z.string().nullable(),
  /** Ids of the rules that blocked, and that an approval overrides. */
  overrides: z.array(z.string()),
  by: z.string(),
  reason: z.string(),
  at: z.string(),
  /** ISO day, the last one on which an approval or an adoption counts; null for the others. */
  expires: z.string().nullable(),
  /** Of an adoption: key of the last move of the alias, so that it counts for what is missing now and for nothing later; null: there was none. */
  after: z.string().nullable().exactOptional(),
});
export type Approval = z.infer<typeof Approval>;
