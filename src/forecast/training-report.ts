import { periodLabel } from "../calendar/period.js";
import type { TrainingReport } from "../kit/artifacts/training.js";
import type { Panel } from "../panel/panel.js";
import { type Choice, countOf } from "./choice.js";
import type { FoldOutcome } from "./cv.js";
import {
  type CvScores,
  composite,
  learnerInFold,
  learnerInGroup,
  learnerScore,
  learnerTotal,
} from "./cv-scores.js";
import { type LearnerSpec, learnerId, makeLearner, NAIVE } from "./learners/index.js";
import type { ForecastModel } from "./model.js";
import type { SegmentCodes } from "./segment-codes.js";

/** Everything that a training came to know. */
export interface TrainingOutcome {
  readonly panel: Panel;
  readonly model: ForecastModel;
  readonly segments: SegmentCodes;
  /**
   * Learners in the order of the scores; the first `candidates` could be chosen, and the seasonal naive is
   * one of them all.
   */
  readonly scored: readonly LearnerSpec[];
  readonly candidates: number;
  readonly choice: Choice;
  readonly outcomes: readonly FoldOutcome[];
  readonly scores: CvScores;
}

export function trainingReport(training: TrainingOutcome): TrainingReport {
  const { panel, model, segments, choice, outcomes, scores } = training;
  const candidates = training.scored.slice(0, training.candidates).map(makeLearner);
  const naive = training.scored.findIndex((spec) => learnerId(spec) === NAIVE);
  return {
    horizon: model.horizon,
    season: model.season,
    context: model.context,
    series: panel.series.length,
    learners: candidates.map((learner) => ({ id: learner.id, description: learner.describe(model.season) })),
    folds: outcomes.map((outcome, index) => ({
      fold: outcome.fold.number,
      origin: periodLabel(outcome.fold.origin, panel.calendar),
      series: seriesWithActuals(outcome, model.horizon),
      pairs: learnerInFold(scores, naive, index).result().n,
      scores: candidates.map(({ id }, learner) => learnerScore(id, learnerInFold(scores, learner, index))),
    })),
    segments: segments.ids.map((segment, code) => ({
      segment,
      series: countOf(segments.codes, code),
      chosen: candidates[choice.bySegment[code]!]!.id,
      scores: candidates.map(({ id }, learner) => learnerScore(id, learnerInGroup(scores, learner, code))),
    })),
    cv: learnerScore("composite", composite(scores, [...choice.bySegment, choice.pooled])),
    naive: learnerScore(NAIVE, learnerTotal(scores, naive)),
    learnerTotals: candidates.map(({ id }, learner) => learnerScore(id, learnerTotal(scores, learner))),
    conformal: model.conformal,
  };
}

/** Series that the fold's window has an actual of. */
function seriesWithActuals({ actual }: FoldOutcome, horizon: number): number {
  let count = 0;
  for (let start = 0; start < actual.length; start += horizon) {
    if (actual.subarray(start, start + horizon).some((value) => !Number.isNaN(value))) count++;
  }
  return count;
}
