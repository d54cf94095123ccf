import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import { type Fold, makeFolds } from "./folds.js";
import { makeLearner } from "./learners/index.js";
import { FIVE, FOUR, isCommand, type LearnerSpec, NAIVE, type OwnLearnerSpec } from "./learners/spec.js";
import { defaultContext } from "./model.js";
import type { ReconcileSpec } from "./reconcile/spec.js";

/** How the learners become one forecast: at equal weights, with learned weights, the best of them, or whichever of these CV says. */
export type EnsembleMethod = "four" | "full" | "single" | "auto";

export interface TrainOptions {
  readonly horizon: number;
  /** CV folds that are scored, at most. */
  readonly folds: number;
  /** Periods between two CV origins; null is the horizon. */
  readonly step: number | null;
  /** Periods that a fold trains on; null is all. */
  readonly window: number | null;
  /** Periods before an origin whose targets are not trained on. */
  readonly gap: number;
  readonly ensemble: EnsembleMethod;
  /** In order of preference where their scores tie, ids are distinct; null is what the ensemble is made of. */
  readonly learners: readonly LearnerSpec[] | null;
  /** Periods of history that the forecaster sees; null is `defaultContext`. */
  readonly context: number | null;
  /** Interval levels to calibrate, in (0, 1). */
  readonly levels: readonly number[];
  /** Those of them that may come from further origins where CV's folds have too few residuals. Absent: none. */
  readonly furtherLevels?: readonly number[];
  /** Whether every segment has its own interval widths. */
  readonly widthsBySegment: boolean;
  /** A smaller segment takes the learner that is best over all series. */
  readonly minSegmentSeries: number;
  /** Absent: the series are forecast on their own. */
  readonly reconcile?: ReconcileSpec | undefined;
}

const DEFAULTS: Readonly<Record<EnsembleMethod, readonly OwnLearnerSpec[]>> = {
  four: FOUR,
  full: FIVE,
  single: [NAIVE, ...FIVE],
  auto: FIVE,
};

export const learnersOf = ({ ensemble, learners }: Pick<TrainOptions, "ensemble" | "learners">) =>
  learners ?? DEFAULTS[ensemble];

/** Which of them the plain mean takes: the ones that are listed, or the default four. */
export const membersOf = ({ ensemble, learners }: Pick<TrainOptions, "ensemble" | "learners">): number[] => {
  const all = learnersOf({ ensemble, learners });
  const indexes = all.map((_, k) => k);
  return learners === null ? indexes.filter((k) => FOUR.some((spec) => spec === all[k])) : indexes;
};

/**
 * Periods of history that the forecaster sees: as asked, else the default; enough for the widest learner, in
 * whole seasons.
 */
export function contextFor(
  panel: Panel,
  options: Pick<TrainOptions, "context" | "ensemble" | "learners">,
): number {
  const season = seasonLength(panel.calendar.frequency);
  const lags = learnersOf(options).map((spec) => (isCommand(spec) ? 1 : makeLearner(spec).lags(season)));
  return Math.ceil(Math.max(options.context ?? defaultContext(season), ...lags) / season) * season;
}

/** Earlier origins that learned weights are fitted on, and how many in a horizon. */
const LEARNING_FOLDS = 7;
const LEARNING_STEPS = 3;

export interface FoldPlan {
  /** Oldest first. */
  readonly folds: readonly Fold[];
  /** Which of them the report is about. */
  readonly isScored: readonly boolean[];
}

/**
 * The folds that are scored, and for learned weights those that they are learned from besides. A learner that is slow
 * to train is fitted at the scored ones only, and at the first: the others see the latest fit before them.
 * @throws FailureError forecast.too-short
 */
export function planFolds(panel: Panel, last: number, options: TrainOptions): FoldPlan {
  const { horizon, window, gap, ensemble } = options;
  const scored = makeFolds(panel, last, {
    horizon,
    window,
    gap,
    count: options.folds,
    step: options.step ?? horizon,
  });
  if (ensemble === "four" || ensemble === "single")
    return { folds: scored, isScored: scored.map(() => true) };
  const step = Math.ceil(horizon / LEARNING_STEPS);
  const learning = makeFolds(panel, last, { horizon, window, gap, count: LEARNING_FOLDS, step });
  const origins = new Set(scored.map(({ origin }) => origin));
  const folds = [...scored, ...learning.filter(({ origin }) => !origins.has(origin))].sort(
    (a, b) => a.origin - b.origin,
  );
  const isScored = folds.map(({ origin }) => origins.has(origin));
  const first = isScored.indexOf(true);
  return {
    folds: folds.map((fold, f) => ({
      ...fold,
      number: f + 1,
      slowFit: f < first ? 1 : isScored.lastIndexOf(true, f) + 1,
    })),
    isScored,
  };
}
