import { z } from "zod";

/** Exponential smoothing filters on a fixed grid, weighted by how well each fits the row: nothing is fitted beforehand. */
export const EtsBankExpert = z.object({
  kind: z.literal("ets-bank"),
  id: z.string(),
  alpha: z.array(z.number()),
  beta: z.array(z.number()),
  gamma: z.array(z.number()),
  phi: z.array(z.number()),
  /** Weight of a member ∝ exp(−temper · criterion). */
  temper: z.number().positive(),
});
export type EtsBankExpert = z.infer<typeof EtsBankExpert>;
