import { targetWindow } from "../panel/panel.js";
import { seasonalNaiveScale } from "../stats/metrics.js";
import { backtestLearner, type TrainingData } from "./cv-task.js";
import type { Executor } from "./executor.js";
import type { Fold } from "./folds.js";
import type { RowForecasts } from "./interpret.js";
import type { LearnerSpec } from "./learners/index.js";
import { trainingView } from "./training-view.js";

/**
 * Forecasts of every learner at one origin, beside what happened. Matrices are [series × horizon], row-major.
 */
export interface FoldOutcome {
  readonly fold: Fold;
  /** NaN where there is no actual. */
  readonly actual: Float64Array;
  /** Seasonal naive error of each series up to the origin; null where there is none or it is zero. */
  readonly maseScale: readonly (number | null)[];
  /** In the order of the learners. */
  readonly forecasts: readonly RowForecasts[];
}

export interface CvControl {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  /** Called when all learners of a fold have been scored; `done` of `total` folds are. */
  readonly onFold: (fold: Fold, done: number, total: number) => void;
}

/**
 * Runs every learner on every fold, as independent tasks. The outcome does not depend on the order they ran
 * in.
 */
export async function crossValidate(
  data: TrainingData,
  folds: readonly Fold[],
  learners: readonly LearnerSpec[],
  control: CvControl,
): Promise<readonly FoldOutcome[]> {
  const tasks = folds.flatMap((fold) => learners.map((learner) => ({ origin: fold.origin, learner })));
  const open = folds.map(() => learners.length);
  let done = 0;
  const results = await control.executor.runAll(
    { shared: data, tasks, run: backtestLearner },
    {
      signal: control.signal,
      onFinished: (task) => {
        const fold = Math.floor(task / learners.length);
        open[fold]!--;
        if (open[fold] === 0) control.onFold(folds[fold]!, ++done, folds.length);
      },
    },
  );
  return folds.map((fold, index) => ({
    fold,
    actual: targetWindow(data.panel, fold.origin + data.horizon, data.horizon),
    maseScale: maseScales(data, fold.origin),
    forecasts: results.slice(index * learners.length, (index + 1) * learners.length),
  }));
}

/**
 * MASE denominators of all series: the seasonal naive error over the whole history up to the origin; null
 * where it is zero or undefined.
 */
export function maseScales(data: TrainingData, origin: number): (number | null)[] {
  const view = trainingView(data.panel, origin, data.horizon);
  return view.series.map((history) => {
    const error = seasonalNaiveScale(history, view.season);
    return error === 0 ? null : error;
  });
}
