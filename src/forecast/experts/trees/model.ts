import { z } from "zod";
import { TreeEnsemble } from "../../boosting/model.js";

/**
 * Direct boosted trees: one row of features a (series, lead); forecast[h] = level + scale · answer, with level the
 * mean of the last season of the filled context. The features, in order, are listed in `features.ts`.
 */
export const TreesExpert = z.object({
  kind: z.literal("trees"),
  id: z.string(),
  lags: z.number().int().positive(),
  /** How many values of the season of the target period, the most recent first. */
  sameSeason: z.number().int().nonnegative(),
  /** Of each column of `codes`: the number that stands for a code as a feature, by the answers of the training rows; the last entry is for unknown codes. */
  encodings: z.array(z.array(z.number()).min(1)),
  /** How many known and observed features it uses: all of the model. */
  known: z.number().int().nonnegative(),
  observed: z.number().int().nonnegative(),
  ensemble: TreeEnsemble,
});
export type TreesExpert = z.infer<typeof TreesExpert>;
