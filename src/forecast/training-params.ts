import { z } from "zod";
import { learnerId } from "./learners/index.js";
import { LearnerSpec } from "./learners/spec.js";
import { ReconcileSpec } from "./reconcile/spec.js";
import type { TrainOptions } from "./training-plan.js";

const DEFAULT_LEVELS = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99];
/** A higher one of the default levels is there where CV happens to carry it; those that a runbook lists are wanted at any rate. */
const HIGHEST_WANTED = 0.95;

/** Parameters of a training, as a runbook writes them. */
export const trainingParams = z.strictObject({
  folds: z.int().min(1).max(52).default(3).describe("Rolling-origin CV folds, fewer where history is short."),
  step: z
    .int()
    .min(1)
    .max(240)
    .optional()
    .describe("Periods between the origins of two folds. Default: the model's horizon."),
  learners: z
    .array(LearnerSpec)
    .min(1)
    .refine((specs) => new Set(specs.map(learnerId)).size === specs.length, {
      message: "the same learner is listed twice",
    })
    .optional()
    .describe(
      "Learners of the ensemble; for `single` the ones to choose from, where the first wins a tie. " +
        "Default: what the ensemble is made of.",
    ),
  ensemble: z
    .enum(["four", "full", "single", "auto"])
    .default("four")
    .describe(
      "How the learners become one forecast. four: at equal weights (ets-bank, theta, pooled-ridge, centred-ridge), without those that CV shows to do harm. " +
        "full: boosted trees too, with weights that CV learns, and trees on what is left. " +
        "single: the best of them by CV, per segment. auto: four, unless CV shows another to be ahead by more than chance.",
    ),
  window: z
    .int()
    .min(2)
    .max(10_000)
    .optional()
    .describe(
      "Periods that a model is trained on: a sliding window. Default: all history, an expanding one.",
    ),
  gap: z
    .int()
    .min(0)
    .max(240)
    .default(0)
    .describe("Periods before a CV origin whose values are not trained on, as where actuals arrive late."),
  intervals: z
    .enum(["pooled", "by-segment"])
    .default("pooled")
    .describe(
      "Interval widths from the residuals of all series, or of each segment where it has enough of them.",
    ),
  context: z
    .int()
    .min(1)
    .max(1200)
    .optional()
    .describe(
      "Periods of history that the forecaster sees, rounded up to whole seasons and to the widest learner. " +
        "Default: 96 months or 40 quarters.",
    ),
  levels: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .default(DEFAULT_LEVELS)
    .describe(
      "Interval levels to calibrate from CV residuals. One that the folds have too few for comes from further origins and is marked, " +
        "or is left out where history has not so many either. The default's levels above 0.95 are there only where the folds carry them.",
    ),
  minSegmentSeries: z
    .int()
    .min(1)
    .default(5)
    .describe("A segment with fewer series takes the learner that is best over all series."),
  reconcile: ReconcileSpec.optional().describe(
    "Makes the outlook add up over attributes. Default: every series is forecast on its own, and the outlook is exactly " +
      "what the graph says; with it, the outlook differs from the graph by this step.",
  ),
});

/** What they come to for a horizon, in periods. */
export const trainOptionsOf = (given: z.output<typeof trainingParams>, horizon: number): TrainOptions => ({
  ...given,
  horizon,
  step: given.step ?? null,
  context: given.context ?? null,
  window: given.window ?? null,
  learners: given.learners ?? null,
  widthsBySegment: given.intervals === "by-segment",
  furtherLevels: isDefault(given.levels)
    ? given.levels.filter((level) => level <= HIGHEST_WANTED)
    : given.levels,
});

const isDefault = (levels: readonly number[]): boolean => levels.join() === DEFAULT_LEVELS.join();
