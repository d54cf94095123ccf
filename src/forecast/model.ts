import { z } from "zod";

/**
 * `model.json`: everything the forecaster needs, as numbers. Trainer and ONNX graph are two interpreters of
 * it and must agree.
 *
 * For one series the interpreter gets a context row x[0..C−1] (most recent last, rounded to float32, NaN =
 * missing) and does, in float64:
 * 1. length n = C − index of the first number in x (0 when there is none: then every output is NaN).
 * 2. scale = mean |x[t] − x[t−s]| over t ≥ s where both are numbers; when there is no such pair or it is 0,
 *    mean |x| over the numbers; when that is 0, 1. (The MASE scale inside the context; s = season.)
 * 3. peak = max of the numbers in x.
 * 4. fill: for t = s..C−1 in order, a missing x[t] takes x[t−s] (which may itself have been filled); what is
 *    still missing takes the mean of the numbers of the original row. C is a multiple of s, so the first pass
 *    goes season by season.
 * 5. learner = chosen[segment], or `fallback` for segment −1 (a series without a known segment).
 *    Its map is the first one whose `minLength` ≤ n; forecast[h] = Σ_k x[C − lags + k] · weights[k][h], k =
 *    0..lags−1 (oldest first).
 * 6. where `nonNegative`: clip forecast to [0, clip · peak], as max(0, min(forecast, clip · peak)): 0 when
 *    every number is negative.
 * 7. for level ℓ with half-width w[ℓ][h]: lo = forecast − w·scale, hi = forecast + w·scale; where
 *    `nonNegative`: both at least 0.
 */
export const ForecastModel = z.object({
  format: z.literal(1),
  frequency: z.enum(["month", "quarter"]),
  season: z.number().int().positive(),
  horizon: z.number().int().positive(),
  /** C: periods of history that the forecaster sees; a multiple of the season. */
  context: z.number().int().positive(),
  nonNegative: z.boolean(),
  /** Upper clip as a multiple of the context's maximum. */
  clip: z.number().positive(),
  /** Segment ids in the order of their codes. One segment `all` when the runbook has none. */
  segments: z.array(z.string()).min(1),
  learners: z
    .array(
      z.object({
        id: z.string(),
        /** By falling minLength; the last one has minLength 1, so that every series gets a forecast. */
        maps: z
          .array(
            z.object({
              minLength: z.number().int().positive(),
              lags: z.number().int().positive(),
              /** [lags][horizon], oldest lag first. */
              weights: z.array(z.array(z.number())),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
  /** Index into `learners`, one a segment. */
  chosen: z.array(z.number().int().nonnegative()),
  fallback: z.number().int().nonnegative(),
  conformal: z.object({
    /** Rising, each in (0, 1). */
    levels: z.array(z.number()),
    /** [level][horizon], in units of the series' scale. */
    halfWidths: z.array(z.array(z.number())),
    /** CV residuals behind each lead. */
    residuals: z.array(z.number().int()),
  }),
});
export type ForecastModel = z.infer<typeof ForecastModel>;

/**
 * Probabilities of the `quantiles` output, rising: (1−ℓ)/2 by falling level, then (1+ℓ)/2 by rising level.
 */
export function quantileProbabilities(levels: readonly number[]): number[] {
  const lower = [...levels].reverse().map((level) => (1 - level) / 2);
  return [...lower, ...levels.map((level) => (1 + level) / 2)].map((p) => Number(p.toPrecision(12)));
}

/** Context length that the published spike found good: 8 seasons of months, 10 of quarters. */
export const defaultContext = (season: number): number => (season === 12 ? 96 : 10 * season);
