import { z } from "zod";

const byLead = z.array(z.number());

/**
 * forecast[h] = Σ_k x[C − lags + k] · weights[k][h]
 *   + scale · (intercept[h] + Σ_j Σ_{l≤h} z_j[l] · known[j][h − l] + Σ_o z_o · observed[o][h]),
 * k = 0..lags−1 (oldest first), over the filled context x, with h and l from 0 for the first forecast period.
 * z = (value − centre) / spread, 0 where missing, j and o over the expert's `known` and `observed`.
 */
export const LinearMap = z.object({
  /** Periods of history that a row needs for this map. */
  minLength: z.number().int().positive(),
  lags: z.number().int().positive(),
  /** [lags][horizon], oldest lag first. */
  weights: z.array(byLead),
  /** [horizon], in units of the row's scale. */
  intercept: byLead.optional(),
  /** [K][horizon]: what a unit of z in a forecast period adds to the forecast 0, 1, … periods later, in units of the scale. */
  known: z.array(byLead).optional(),
  /** [O][horizon]: what a unit of z at the last period of the history adds to each lead, in units of the scale. */
  observed: z.array(byLead).optional(),
});
export type LinearMap = z.infer<typeof LinearMap>;

/** The feature is column `column` of the input. */
const Standard = z.object({
  column: z.number().int().nonnegative(),
  centre: z.number(),
  spread: z.number().positive(),
});

/**
 * Linear in the history. With groups, the forecast of a row that is in at least one of them is half the pooled
 * one and half the mean of its groups'.
 */
export const LinearExpert = z.object({
  kind: z.literal("linear"),
  id: z.string(),
  /** By falling minLength; the last one has minLength 1, so that every series gets a forecast. A row takes the first that fits. */
  maps: z.array(LinearMap).min(1),
  /**
   * Versions for the rows with one code in one column of `codes`. One map for each of `maps`, for the rows that
   * take that one; null is the pooled one.
   */
  groups: z.array(
    z.object({
      column: z.number().int().nonnegative(),
      code: z.number().int().nonnegative(),
      maps: z.array(LinearMap.nullable()).min(1),
    }),
  ),
  /** The features that maps use. */
  known: z.array(Standard),
  observed: z.array(Standard),
});
export type LinearExpert = z.infer<typeof LinearExpert>;
