import type { Programs } from "../kit/programs.js";
import { targetWindow } from "../panel/panel.js";
import { seasonalNaiveScale } from "../stats/metrics.js";
import { type BacktestTask, clipOf, rowsAt, sumRowsAt } from "./cv-task.js";
import type { Executor } from "./executor.js";
import type { Canary } from "./external/canary.js";
import type { Fold } from "./folds.js";
import { blankEmpty, type Clip } from "./interpret.js";
import { type CommandSpec, isSlow, type LearnerSpec, type OwnLearnerSpec } from "./learners/spec.js";
import type { Rows } from "./rows.js";
import { isNonNegative, type TrainingData, viewAsGiven } from "./training-view.js";

/**
 * Forecasts of every learner at one origin, beside what happened. Matrices are [series × horizon], row-major.
 */
export interface FoldOutcome {
  readonly fold: Fold;
  /** What the forecaster saw of every series. */
  readonly rows: Rows;
  /** NaN where there is no actual. */
  readonly actual: Float64Array;
  /** Of the combination, by the targets that the fold could be trained on. */
  readonly clip: Clip;
  /** Seasonal naive error of each series up to the origin; null where there is none or it is zero. */
  readonly maseScale: readonly (number | null)[];
  /** In the order of the learners, clipped; NaN in rows without a number. */
  readonly forecasts: readonly Float64Array[];
  /** The same of the sums in the training data; null without, and where a learner forecasts none. */
  readonly sums: { readonly rows: Rows; readonly forecasts: readonly Float64Array[] } | null;
}

export interface CvControl {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  /** Called when all learners of a fold have been scored; `done` of `total` folds are. */
  readonly onFold: (fold: Fold, done: number, total: number) => void;
  /** What runs the learners that are programs of their own; needed only where there are some. */
  readonly programs?: Programs;
  /** Looks whether programs know more than their folds; none: nobody looks. */
  readonly canary?: Canary;
  /** Takes the place of `forecastOutside`. */
  readonly forecastOutside?: ForecastOutside;
}

/** What a program forecasts in every fold: [folds] of [N × H], clipped. */
export type ForecastOutside = (
  data: TrainingData,
  folds: readonly Fold[],
  spec: CommandSpec,
  programs: Programs,
  canary?: Canary,
) => Promise<readonly Float64Array[]>;

/** Forecasts that a learner outside of this process made, one matrix a fold. */
export type OutsideForecasts = ReadonlyMap<number, readonly Float64Array[]>;

/**
 * Runs every learner on every fold, as independent tasks. The outcome does not depend on the order they ran
 * in.
 * @param outside by index of the learner, for those that do not run here
 */
export async function crossValidate(
  data: TrainingData,
  folds: readonly Fold[],
  learners: readonly LearnerSpec[],
  control: CvControl,
  outside: OutsideForecasts = new Map(),
): Promise<readonly FoldOutcome[]> {
  const inside = learners.map((_, index) => index).filter((index) => !outside.has(index));
  // Long ones first, so that no thread is left with one at the end; the others fold by fold, which share what is made of a fold.
  const pieces = inside
    .flatMap((learner) => piecesOf(folds, learners[learner] as OwnLearnerSpec, learner))
    .sort(
      (a, b) =>
        Number(isSlow(b.task.learner)) - Number(isSlow(a.task.learner)) || a.task.origin - b.task.origin,
    );
  const open = folds.map(() => inside.length);
  let done = 0;
  const results = await control.executor.runAll(
    { kind: "backtest", data, tasks: pieces.map(({ task }) => task) },
    {
      signal: control.signal,
      onFinished: (piece) => {
        for (const f of pieces[piece]!.folds) {
          open[f]!--;
          if (open[f] === 0) control.onFold(folds[f]!, ++done, folds.length);
        }
      },
    },
  );
  const found = folds.map(() => new Map<number, Float64Array>());
  pieces.forEach((piece, p) => {
    piece.folds.forEach((f, position) => {
      found[f]!.set(piece.learner, results[p]![position]!);
    });
  });
  return folds.map((fold, f) => {
    const rows = rowsAt(data, fold.origin);
    const cells = rows.count * data.horizon;
    const both = learners.map((_, index) => outside.get(index)?.[f] ?? found[f]!.get(index)!);
    const forecasts = both.map((forecast) => forecast.subarray(0, cells));
    for (const forecast of forecasts) blankEmpty(forecast, rows);
    return {
      fold,
      rows,
      actual: targetWindow(data.panel, fold.origin + data.horizon, data.horizon),
      clip: clipOf({ nonNegative: isNonNegative(data.panel, fold.origin - fold.gap) }),
      maseScale: maseScales(data, fold.origin),
      forecasts,
      sums:
        data.sums === undefined || outside.size > 0
          ? null
          : {
              rows: sumRowsAt(data, fold.origin),
              forecasts: both.map((forecast) => forecast.subarray(cells)),
            },
    };
  });
}

interface Piece {
  readonly learner: number;
  readonly folds: readonly number[];
  readonly task: BacktestTask;
}

/** One piece a fold; folds that share a fit are one. */
function piecesOf(folds: readonly Fold[], spec: OwnLearnerSpec, learner: number): Piece[] {
  const fitOf = (f: number) => (isSlow(spec) ? folds[f]!.slowFit - 1 : f);
  return [...new Set(folds.map((_, f) => fitOf(f)))].map((fit) => {
    const own = folds.map((_, f) => f).filter((f) => fitOf(f) === fit);
    const { origin, since, gap } = folds[fit]!;
    return {
      learner,
      folds: own,
      task: { origin, since, gap, learner: spec, origins: own.map((f) => folds[f]!.origin) },
    };
  });
}

/**
 * MASE denominators of all series: the seasonal naive error over the whole history up to the origin; null
 * where it is zero or undefined.
 */
export function maseScales(data: TrainingData, origin: number): (number | null)[] {
  const view = viewAsGiven(data, origin);
  return view.series.map((history) => {
    const error = seasonalNaiveScale(history, view.season);
    return error === 0 ? null : error;
  });
}
