import type { IntervalReport } from "../../kit/artifacts/training.js";
import { WeightedQuantileLoss } from "../../stats/quantile-loss.js";
import { earlierFolds, isScored } from "../combine/evidence.js";
import { type Clip, forecastQuantiles } from "../interpret.js";
import { quantileProbabilities } from "../model.js";
import { conformalWidths, type HonestFold, withFurtherLevels } from "./widths.js";

export interface JudgedFold extends HonestFold {
  /** By the targets that were known then: one that turns negative later must not lift earlier bounds, or the lack of it lower them. */
  readonly clip: Clip;
}

export interface IntervalOptions {
  /** One a fold: whether it is judged; all of them calibrate. */
  readonly isScored: readonly boolean[];
  /** As for `conformalWidths`. */
  readonly groups: number;
  readonly horizon: number;
  /** Rising, each in (0, 1). */
  readonly levels: readonly number[];
  /** Folds of further origins, and the levels that come from them; null without. */
  readonly further?: {
    readonly own: readonly JudgedFold[];
    readonly naive: readonly JudgedFold[];
    readonly levels: readonly number[];
  } | null;
}

/**
 * Coverage, width and weighted quantile loss of the intervals in CV. A fold is judged with the widths that its own time would have
 * given: from the residuals of folds whose actuals had all happened by its origin. The first folds have none, and are not judged.
 * @param naive the same folds with forecasts of the seasonal naive
 */
export function intervalReport(
  folds: readonly JudgedFold[],
  naive: readonly JudgedFold[],
  options: IntervalOptions,
): IntervalReport {
  const { further = null } = options;
  const { levels, wql, n } = judge(folds, further?.own ?? [], options);
  return {
    levels: levels.map(({ level, inside, width, n }) => ({
      level,
      coverage: n === 0 ? null : inside / n,
      n,
      meanWidth: n === 0 ? null : width / n,
    })),
    wql: wql.result(),
    naiveWql: judge(naive, further?.naive ?? [], options).wql.result(),
    n,
  };
}

interface LevelSums {
  readonly level: number;
  inside: number;
  /** Σ (upper − lower) / scale */
  width: number;
  n: number;
}

interface Judged {
  readonly levels: readonly LevelSums[];
  readonly wql: WeightedQuantileLoss;
  readonly n: number;
}

function judge(
  folds: readonly JudgedFold[],
  further: readonly JudgedFold[],
  options: IntervalOptions,
): Judged {
  const { groups, horizon } = options;
  const marked = options.further?.levels ?? [];
  const plain = options.levels.filter((level) => !marked.includes(level));
  const levels = options.levels.map((level): LevelSums => ({ level, inside: 0, width: 0, n: 0 }));
  const wql = new WeightedQuantileLoss();
  let n = 0;
  for (const fold of folds.filter((_, f) => options.isScored[f]!)) {
    const conformal = withFurtherLevels(
      conformalWidths(earlierFolds(folds, fold), groups, horizon, plain),
      earlierFolds(further, fold),
      horizon,
      marked,
    );
    const count = conformal.levels.length;
    if (count === 0) continue;
    const { rows, actual, forecast, clip } = fold;
    const segment = Int32Array.from({ length: rows.count }, (_, i) => rows.codes[i * rows.columns] ?? -1);
    const bounds = forecastQuantiles(
      { conformal, horizon, nonNegative: clip.nonNegative },
      { forecast, scale: rows.unit },
      segment,
    );
    const probabilities = quantileProbabilities(conformal.levels);
    const sums = conformal.levels.map((level) => levels.find((one) => one.level === level)!);
    actual.forEach((y, cell) => {
      if (!isScored(y, forecast[cell]!)) return;
      n++;
      const start = cell * 2 * count;
      probabilities.forEach((probability, q) => {
        wql.add(probability, y, bounds[start + q]!);
      });
      const scale = rows.unit[Math.floor(cell / horizon)]!;
      sums.forEach((sum, l) => {
        const lower = bounds[start + count - 1 - l]!;
        const upper = bounds[start + count + l]!;
        sum.n++;
        sum.width += (upper - lower) / scale;
        if (lower <= y && y <= upper) sum.inside++;
      });
    });
  }
  return { levels, wql, n };
}
