import { z } from "zod";

export const LearnerScore = z.object({
  learner: z.string(),
  wmape: z.number().nullable(),
  mase: z.number().nullable(),
  bias: z.number().nullable(),
  n: z.number().int(),
  /** Pairs that stand on one side only. */
  excluded: z.number().int().optional(),
});
export type LearnerScore = z.infer<typeof LearnerScore>;

/** `training.json`: how the model was chosen. The weights are in `model.json`. */
export const TrainingReport = z.object({
  horizon: z.number().int(),
  season: z.number().int(),
  /** Periods of history that the forecaster sees. */
  context: z.number().int(),
  series: z.number().int(),
  learners: z.array(z.object({ id: z.string(), description: z.string() })),
  folds: z.array(
    z.object({
      fold: z.number().int(),
      /** Last period that the fold trains on. */
      origin: z.string(),
      series: z.number().int(),
      pairs: z.number().int(),
      scores: z.array(LearnerScore),
    }),
  ),
  segments: z.array(
    z.object({
      segment: z.string(),
      series: z.number().int(),
      chosen: z.string(),
      scores: z.array(LearnerScore),
    }),
  ),
  /** The composite (each segment by its chosen learner), pooled over folds. */
  cv: LearnerScore,
  /** Seasonal naive on the same pairs. */
  naive: LearnerScore,
  learnerTotals: z.array(LearnerScore),
  /** Interval half-widths in units of the series' scale: one row a level, one column a lead. */
  conformal: z.object({
    levels: z.array(z.number()),
    halfWidths: z.array(z.array(z.number())),
    residuals: z.array(z.number().int()),
  }),
});
export type TrainingReport = z.infer<typeof TrainingReport>;
