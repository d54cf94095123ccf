import type { Evidence, FoldEvidence } from "./evidence.js";
import { absoluteErrors } from "./paired.js";

/** A learner that a series would be better off without. */
export interface WorseOnSeries {
  /** Index of the expert. */
  readonly expert: number;
  /** Index of the series, and its error in all folds as a multiple of the naive's; null where the naive had none. */
  readonly series: number;
  readonly times: number | null;
}

/** In every fold; less than that, one learner or the other is behind on some series of any panel. */
const TIMES = 3;
/** An error that is a rounding of the actuals is none. */
const ROUNDING = 1e-6;

/**
 * Series on which an expert's error is three times the seasonal naive's or more in every fold that has both, two at least. The worst first.
 * @param experts those that have a say
 */
export function worseOnSeries({ folds }: Evidence, experts: readonly number[]): readonly WorseOnSeries[] {
  const found = experts.flatMap((expert) => onSeries(folds, expert));
  const rank = ({ times }: WorseOnSeries): number => times ?? Number.POSITIVE_INFINITY;
  return found.sort((a, b) => (rank(a) === rank(b) ? a.series - b.series : rank(b) > rank(a) ? 1 : -1));
}

function onSeries(folds: readonly FoldEvidence[], expert: number): WorseOnSeries[] {
  const count = folds[0]?.rows.count ?? 0;
  const errors = folds.map((fold) => ({
    own: absoluteErrors(fold, fold.forecasts[expert]!),
    naive: absoluteErrors(fold, fold.naive),
  }));
  return Array.from({ length: count }, (_, series) => series).flatMap((series) => {
    const both = errors
      .map(({ own, naive }) => ({
        own: own.absolute[series]!,
        naive: naive.absolute[series]!,
        size: own.actual[series]!,
      }))
      .filter(({ own }) => !Number.isNaN(own));
    const isWorse = both.every(
      ({ own, naive, size }) => own > TIMES * naive && own > ROUNDING * size && own > 0,
    );
    if (both.length < 2 || !isWorse) return [];
    const [own, naive] = both.reduce(([a, b], fold) => [a + fold.own, b + fold.naive], [0, 0]);
    return [{ expert, series, times: naive > 0 ? own / naive : null }];
  });
}
