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

const LevelScore = LearnerScore.pick({ wmape: true, mase: true, n: true });

/** How the outlook is made to add up, and what CV says of it at each level, from the total to the series. */
export const ReconciliationReport = z.object({
  asked: z.enum(["bottom-up", "mint-shrink"]),
  method: z.enum(["bottom-up", "mint-shrink", "wls-naive"]),
  /** λ: 1 is no correlation at all; null where no covariance is used. */
  shrinkage: z.number().nullable(),
  /** Rows of CV errors behind the covariance: folds × leads. */
  rows: z.number().int(),
  /** Scored folds that the others had too few errors for: their scores are those of `wls-naive`. */
  scoredWithout: z.number().int(),
  levels: z.array(
    z.object({
      level: z.string(),
      groups: z.number().int(),
      /** Forecasts of the sums themselves; null where a learner makes none. */
      base: LevelScore.nullable(),
      bottomUp: LevelScore,
      /** Null for `bottom-up`. */
      reconciled: LevelScore.nullable(),
    }),
  ),
});
export type ReconciliationReport = z.infer<typeof ReconciliationReport>;

/** How intervals came out in CV, where each fold is judged with widths from the folds that had happened by its origin. */
export const IntervalReport = z.object({
  levels: z.array(
    z.object({
      level: z.number(),
      /** Share of actuals inside; null where no fold had enough earlier residuals for the level. */
      coverage: z.number().nullable(),
      n: z.number().int(),
      /** Mean of (upper − lower) / scale. */
      meanWidth: z.number().nullable(),
    }),
  ),
  /** Weighted quantile loss over the bounds of these levels; null where nothing could be judged or Σ|y| = 0. */
  wql: z.number().nullable(),
  /** Of the seasonal naive with widths from its own residuals, on the same pairs. */
  naiveWql: z.number().nullable(),
  /** Judged pairs of forecast and actual. */
  n: z.number().int(),
});
export type IntervalReport = z.infer<typeof IntervalReport>;

/** What the boosted trees of a model made of their features, the most telling first. */
export const FeatureImportance = z.object({
  learner: z.string(),
  features: z.array(
    z.object({
      feature: z.string(),
      /** Of all that the splits lowered the training loss by. */
      share: z.number(),
      splits: z.number().int(),
    }),
  ),
});
export type FeatureImportance = z.infer<typeof FeatureImportance>;

/** The highest levels, where CV has too few residuals for them: see `ForecastModel`. */
export const FurtherLevels = z.object({
  levels: z.array(z.number()).min(1),
  /** Origins that follow each other period by period. */
  origins: z.number().int().positive(),
  /** One number a lead: residuals that count alike, however old they are. */
  residuals: z.array(z.number().int()),
});

/** A level that was asked for and has no interval: residuals of the lead that has the fewest, and how many it takes. */
export const LeftOutLevel = z.object({
  level: z.number(),
  have: z.number().int(),
  need: z.number().int(),
});
export type LeftOutLevel = z.infer<typeof LeftOutLevel>;

/** Intervals at the cutoff of sums of series, by the errors that such sums had in CV; those of the series on their own, where they are reconciled after. */
export const SumIntervals = z.object({
  /** Whether no lower bound is below zero. */
  nonNegative: z.boolean(),
  /** The sum of all series, then of those of each segment. */
  groups: z.array(
    z.object({
      /** Null for all series. */
      segment: z.string().nullable(),
      /** Those that the errors of this sum carry, rising. */
      levels: z.array(z.number()),
      /** In the target's unit: one row a level, one column a lead. */
      halfWidths: z.array(z.array(z.number())),
    }),
  ),
  /** Levels that the sum of all series lacks: residuals over all folds and leads, where those of older folds count in part. */
  leftOut: z.array(LeftOutLevel).optional(),
});
export type SumIntervals = z.infer<typeof SumIntervals>;

/** A member of the plain mean that CV shows to do harm there. */
export const DroppedLearner = z.object({
  learner: z.string(),
  why: z.enum(["worse-than-naive", "biased"]),
  /** WMAPE and MASE together, as multiples of the seasonal naive's, beyond it; or the bias. */
  by: z.number(),
  standardError: z.number(),
});
export type DroppedLearner = z.infer<typeof DroppedLearner>;

/** `times` is the learner's error as a multiple of the seasonal naive's; null where that had none. */
export const WorseOnSeries = z.object({
  learner: z.string(),
  series: z.string(),
  times: z.number().nullable(),
});
export type WorseOnSeries = z.infer<typeof WorseOnSeries>;

/** `training.json`: how the model was chosen. The weights are in `model.json`. */
export const TrainingReport = z.object({
  horizon: z.number().int(),
  season: z.number().int(),
  /** Periods of history that the forecaster sees. */
  context: z.number().int(),
  series: z.number().int(),
  learners: z.array(z.object({ id: z.string(), description: z.string() })),
  /** How the learners became one forecast, and how the ways to do it compare in CV. */
  ensemble: z.object({
    asked: z.enum(["four", "full", "single", "auto"]),
    method: z.enum(["four", "full", "single"]),
    /** One sentence. */
    why: z.string(),
    candidates: z.array(LearnerScore),
    /** Of each learner, for series without a segment. */
    weights: z.array(z.object({ learner: z.string(), weight: z.number() })),
    /** Weight of the residual trees; 0 without. */
    residual: z.number(),
    /** Where ways were compared: how far each is from the more general one before it (below 0: ahead), and the paired standard error of that. */
    margins: z
      .array(
        z.object({
          method: z.string(),
          against: z.string(),
          difference: z.number(),
          standardError: z.number().nullable(),
          /** Its bias, where that is gross and far beyond those of the other way and of the naive. */
          grossBias: z.number().nullable(),
          isSure: z.boolean(),
        }),
      )
      .optional(),
    /** Members that lost their weight in the plain mean. Absent where none did. */
    dropped: z.array(DroppedLearner).optional(),
    /** Series on which a learner with a weight errs three times as much as the seasonal naive or more, in every fold; the worst ones. Absent where there is none. */
    worseOnSeries: z.array(WorseOnSeries).optional(),
  }),
  folds: z.array(
    z.object({
      fold: z.number().int(),
      /** Last period that the fold trains on. */
      origin: z.string(),
      series: z.number().int(),
      pairs: z.number().int(),
      /** Of the learners, the seasonal naive and the composite. */
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
  /** Of learners that are programs: whether one was seen to know more than its fold. Absent without any. */
  canaries: z
    .array(
      z.object({
        learner: z.string(),
        verdict: z.enum(["clean", "not-proven"]),
        /** Null for `clean`. */
        why: z.string().nullable(),
      }),
    )
    .optional(),
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
    further: FurtherLevels.optional(),
    /** Of the levels that a runbook lists, or of the default ones up to 0.95. */
    leftOut: z.array(LeftOutLevel).optional(),
  }),
  intervals: IntervalReport,
  /** Absent in reports of programs before. */
  sums: SumIntervals.optional(),
  /** One a learner of boosted trees in the model; absent where there is none. */
  importance: z.array(FeatureImportance).optional(),
  /** Where the runbook asks for it. The other scores are those of the series on their own. */
  reconciliation: ReconciliationReport.optional(),
});
export type TrainingReport = z.infer<typeof TrainingReport>;
