import { z } from "zod";
import { TreeEnsemble } from "../boosting/model.js";

/**
 * How the experts' clipped forecasts f_k become one: point = Σ_k w_k · f_k + residual.weight · scale · T, with
 * the weights of the row's segment, and T the trees' answer on what the experts disagree about.
 */
export const Combination = z.object({
  method: z.enum(["four", "full", "single"]),
  /** [segments + 1][experts], each row of sum 1; the last row is for unknown segments. */
  weights: z.array(z.array(z.number())),
  residual: z
    .object({
      weight: z.number(),
      trees: TreeEnsemble,
    })
    .nullable(),
});
export type Combination = z.infer<typeof Combination>;
