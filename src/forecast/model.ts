import { z } from "zod";
import { FurtherLevels } from "../kit/artifacts/training.js";
import { Combination } from "./combine/model.js";
import { Expert } from "./experts/model.js";

/**
 * `model.json`: everything the forecaster needs, as numbers. Trainer and ONNX graph are two interpreters of
 * it and must agree.
 *
 * For one series the interpreter gets a context row x[0..C−1] (most recent last, rounded to float32, NaN =
 * missing), codes and features, and does, in float64:
 * 0. where `oddRows`: what a row has before its last gap of three periods or more is at the level after it (see relaunch.ts); the steps from here
 *    see that row, but for experts of other programs.
 * 1. length n = C − index of the first number in x (0 when there is none: then every output is NaN).
 * 2. scale = mean |x[t] − x[t−s]| over t ≥ s where both are numbers; when there is no such pair or it is 0,
 *    mean |x| over the numbers; when that is 0, 1. (The MASE scale inside the context; s = season.)
 * 3. peak = max of the numbers in x.
 * 4. fill: for t = s..C−1 in order, a missing x[t] takes x[t−s] (which may itself have been filled); what is
 *    still missing takes the mean of the numbers of the original row. C is a multiple of s, so the first pass
 *    goes season by season.
 * 5. every expert k forecasts f_k[h]; where `nonNegative` it is clipped to [0, clip · peak], as
 *    max(0, min(f, clip · peak)): 0 when every number is negative. Where `oddRows`, a steady row's is clipped before to what steady.ts says, but for experts of other programs.
 * 6. point[h] = Σ_k w_k · f_k[h] with the weights of the row's segment (the last row for a series without a
 *    known segment), plus the residual trees' correction; where `nonNegative` clipped as in 5.
 * 7. for level ℓ with half-width w[ℓ][h] of the row's group: lo = point − w·scale, hi = point + w·scale; where
 *    `nonNegative`: both at least 0. Where `oddRows`, the unit of a row that never moved is a thousandth of its level instead of the scale.
 */
export const ForecastModel = z.object({
  format: z.literal(2),
  frequency: z.enum(["month", "quarter"]),
  season: z.number().int().positive(),
  horizon: z.number().int().positive(),
  /** C: periods of history that the forecaster sees; a multiple of the season. */
  context: z.number().int().positive(),
  nonNegative: z.boolean(),
  /** Upper clip as a multiple of the context's maximum. */
  clip: z.number().positive(),
  /** Whether steps 0, 5 and 7 heed relaunched and steady rows. Absent where the panel has none. */
  oddRows: z.literal(true).optional(),
  /** Segment ids in the order of their codes (column 0 of `codes`). One segment `all` when the runbook has none. */
  segments: z.array(z.string()).min(1),
  /** Columns of `codes` after the segment: labels in the order of their codes. */
  attributes: z.array(z.object({ name: z.string(), levels: z.array(z.string()) })),
  /** Columns of the inputs `known` and `observed`. */
  known: z.array(z.string()),
  observed: z.array(z.string()),
  experts: z.array(Expert).min(1),
  combination: Combination,
  conformal: z.object({
    /** Rising, each in (0, 1). */
    levels: z.array(z.number()),
    /** [group][level][horizon], in units of the row's scale. One group for all rows, or one a segment and a last one for unknown segments. */
    halfWidths: z.array(z.array(z.array(z.number()))).min(1),
    /** CV residuals behind each lead, where those of older folds count in part, rounded down: [group][horizon]. */
    residuals: z.array(z.array(z.number().int())).min(1),
    /** The highest of the levels, where CV has too few residuals: widths of all series from origins that follow each other. */
    further: FurtherLevels.optional(),
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
