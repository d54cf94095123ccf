import { groupOf } from "../segment-codes.js";
import type { Evidence, FoldEvidence } from "./evidence.js";
import type { Combination } from "./model.js";
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
/** Of the actuals; a smaller error is no matter, even where the naive has none at all. */
const MATTERS = 0.1;

/**
 * Series on which an expert's error is three times the seasonal naive's or more in every fold that has both, and matters there, two folds at least. The worst
 * first.
 * @param weights of the combination: an expert that has none for a series' segment has no say there
 */
export function worseOnSeries(
  { folds, experts }: Evidence,
  weights: Combination["weights"],
): readonly WorseOnSeries[] {
  const found = Array.from({ length: experts }, (_, expert) => onSeries(folds, expert))
    .flat()
    .filter(({ expert, series }) => {
      const { codes, columns } = folds[0]!.rows;
      const own = weights[groupOf(codes[series * columns] ?? -1, weights.length)] ?? weights.at(-1)!;
      return own[expert] !== 0;
    });
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
      ({ own, naive, size }) => own > TIMES * naive && own > MATTERS * size && own > 0,
    );
    if (both.length < 2 || !isWorse) return [];
    const [own, naive] = both.reduce(([a, b], fold) => [a + fold.own, b + fold.naive], [0, 0]);
    return [{ expert, series, times: naive > 0 ? own / naive : null }];
  });
}
