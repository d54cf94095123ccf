import type { LearnerScore } from "../kit/artifacts/training.js";
import { PairScores } from "../stats/metrics.js";
import type { FoldOutcome } from "./cv.js";
import { groupOf } from "./segment-codes.js";

/**
 * Sums behind every CV score, by learner, fold and group of series. Group g is segment g; the last group
 * holds the series whose segment is unknown.
 */
export interface CvScores {
  /** [learner][fold][group] */
  readonly cells: readonly (readonly (readonly PairScores[])[])[];
  readonly groups: number;
}

/**
 * Scores the pairs that have both a forecast and an actual; a pair with one of them only is counted as
 * excluded.
 */
export function scoreOutcomes(
  outcomes: readonly FoldOutcome[],
  codes: Int32Array,
  segments: number,
  horizon: number,
): CvScores {
  const groups = segments + 1;
  const learners = outcomes[0]?.forecasts.length ?? 0;
  const cells = Array.from({ length: learners }, (_, learner) =>
    outcomes.map((outcome) => scoreFold(outcome, learner, codes, groups, horizon)),
  );
  return { cells, groups };
}

function scoreFold(
  outcome: FoldOutcome,
  learner: number,
  codes: Int32Array,
  groups: number,
  horizon: number,
): PairScores[] {
  const cells = Array.from({ length: groups }, () => new PairScores());
  const forecast = outcome.forecasts[learner]!;
  outcome.actual.forEach((actual, cell) => {
    const series = Math.floor(cell / horizon);
    const scores = cells[groupOf(codes[series]!, groups)]!;
    const missing = Number(Number.isNaN(actual)) + Number(Number.isNaN(forecast[cell]!));
    if (missing === 0) scores.add(series, actual, forecast[cell]!, outcome.maseScale[series]!);
    if (missing === 1) scores.exclude(1);
  });
  return cells;
}

export const learnerInFold = (scores: CvScores, learner: number, fold: number): PairScores =>
  mergeAll(scores.cells[learner]![fold]!);

export const learnerInGroup = (scores: CvScores, learner: number, group: number): PairScores =>
  mergeAll(scores.cells[learner]!.map((fold) => fold[group]!));

/** A forecaster that takes learner `byGroup[g]` for group g. */
export const composite = (scores: CvScores, byGroup: readonly number[]): PairScores =>
  mergeAll(byGroup.map((learner, group) => learnerInGroup(scores, learner, group)));

export const learnerTotal = (scores: CvScores, learner: number): PairScores =>
  composite(
    scores,
    Array.from({ length: scores.groups }, () => learner),
  );

export function learnerScore(learner: string, scores: PairScores): LearnerScore {
  const { wmape, mase, bias, n, excluded } = scores.result();
  return { learner, wmape, mase, bias, n, excluded };
}

function mergeAll(parts: readonly PairScores[]): PairScores {
  const merged = new PairScores();
  for (const part of parts) merged.merge(part);
  return merged;
}
