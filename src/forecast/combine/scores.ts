import { PairScores } from "../../stats/metrics.js";
import { type FoldEvidence, isScored } from "./evidence.js";

/** Scores of one way to forecast over folds. */
export interface CvScore {
  readonly wmape: number | null;
  readonly mase: number | null;
  readonly bias: number | null;
  /** Scored pairs. */
  readonly n: number;
}

/**
 * Over the pairs that have an actual, a forecast and a naive forecast, so that all that is scored on these folds
 * is scored on the same ones.
 * @param forecasts one matrix a fold
 */
export function scoreForecasts(folds: readonly FoldEvidence[], forecasts: readonly Float64Array[]): CvScore {
  const scores = new PairScores();
  for (const [f, fold] of folds.entries()) addScores(scores, fold, forecasts[f]!);
  const { wmape, mase, bias, n } = scores.result();
  return { wmape, mase, bias, n };
}

export const scoreNaive = (folds: readonly FoldEvidence[]): CvScore =>
  scoreForecasts(
    folds,
    folds.map(({ naive }) => naive),
  );

function addScores(
  scores: PairScores,
  { rows, actual, naive, maseScale }: FoldEvidence,
  forecast: Float64Array,
): void {
  for (let i = 0; i < rows.count; i++) {
    for (let cell = i * rows.horizon; cell < (i + 1) * rows.horizon; cell++) {
      if (!isScored(actual[cell]!, naive[cell]!)) continue;
      scores.add(i, actual[cell]!, forecast[cell]!, maseScale[i]!);
    }
  }
}

/**
 * WMAPE and MASE as multiples of the seasonal naive's, added: below 2 is better than it. A figure that the naive
 * has not, or has at zero, does not count; 0 when neither counts.
 */
export function relativeError(score: CvScore, naive: CvScore): number {
  const ratio = (own: number | null, reference: number | null): number =>
    own === null || reference === null || reference === 0 ? 0 : own / reference;
  return ratio(score.wmape, naive.wmape) + ratio(score.mase, naive.mase);
}
