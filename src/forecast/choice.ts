import { type CvScores, learnerInGroup, learnerTotal } from "./cv-scores.js";

/** Which learner forecasts what, as indexes into the list of learners. */
export interface Choice {
  /** One a segment. */
  readonly bySegment: readonly number[];
  /** The best over all series: for unknown segments and those that CV says too little about. */
  readonly pooled: number;
}

/**
 * The lowest CV WMAPE a segment. A segment with fewer than `minSeries` series, or whose actuals are all zero
 * or absent, takes the pooled choice. So does a single segment: a forecaster of one segment does not look at
 * segments, so unknown series must be in it. The learner that is listed first wins a tie.
 * @param candidates how many of the scored learners may be chosen: the first ones
 */
export function chooseLearners(
  scores: CvScores,
  candidates: number,
  codes: Int32Array,
  minSeries: number,
): Choice {
  const pooled = best(candidates, (learner) => learnerTotal(scores, learner).result().wmape) ?? 0;
  const bySegment = Array.from({ length: scores.groups - 1 }, (_, segment) => {
    if (scores.groups === 2 || countOf(codes, segment) < minSeries) return pooled;
    return best(candidates, (learner) => learnerInGroup(scores, learner, segment).result().wmape) ?? pooled;
  });
  return { bySegment, pooled };
}

export const countOf = (codes: Int32Array, segment: number): number =>
  codes.reduce((count, code) => (code === segment ? count + 1 : count), 0);

/** Index of the smallest figure that is not null; null when all are. */
function best(candidates: number, figure: (learner: number) => number | null): number | null {
  let winner: number | null = null;
  let lowest = Number.POSITIVE_INFINITY;
  for (let learner = 0; learner < candidates; learner++) {
    const value = figure(learner);
    if (value === null || value >= lowest) continue;
    winner = learner;
    lowest = value;
  }
  return winner;
}
