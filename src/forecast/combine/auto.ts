import type { Evidence } from "./evidence.js";
import { learnFour } from "./learn-four.js";
import { fullLearner } from "./learn-full.js";
import { learnSingle } from "./learn-single.js";
import type { Combination } from "./model.js";
import { type LearnCombination, type NestedForecasts, nestedForecasts } from "./nested.js";
import { type CvScore, relativeError, scoreForecasts, scoreNaive } from "./scores.js";

type Method = Combination["method"];

export interface CombineOptions {
  /** Experts that the plain mean takes. */
  readonly members: readonly number[];
  /** A smaller segment does not choose its own expert. */
  readonly minSegmentSeries: number;
}

/** One way to combine, as nested CV saw it. */
export interface Candidate extends CvScore, NestedForecasts {
  readonly method: Method;
  /** WMAPE + MASE, each as a multiple of the seasonal naive's. Lowest wins. */
  readonly relativeError: number;
}

/** Why a combination was taken. */
export interface Selection {
  readonly winner: Candidate;
  /** In the order in which they win ties: the one that learns least first. */
  readonly candidates: readonly Candidate[];
  readonly naive: CvScore;
}

/** How to learn each; made once for one evidence. */
export const learnersOf = ({
  members,
  minSegmentSeries,
}: CombineOptions): Record<Method, LearnCombination> => ({
  four: (evidence) => learnFour(evidence, members),
  single: (evidence) => learnSingle(evidence, minSegmentSeries),
  full: fullLearner(),
});

/**
 * Scores every way to combine on forecasts that knew nothing of what they are scored on, and takes the best. Four
 * equals the others in folds that had nothing to learn from, so with too few folds it wins.
 */
export function selectCombination(
  evidence: Evidence,
  learners: Record<Method, LearnCombination>,
  methods: readonly Method[] = ["four", "full", "single"],
): Selection {
  const naive = scoreNaive(evidence.folds);
  const candidates = methods.map((method): Candidate => {
    const nested = nestedForecasts(evidence, learners[method], learners.four);
    const score = scoreForecasts(evidence.folds, nested.forecasts);
    return { method, ...score, relativeError: relativeError(score, naive), ...nested };
  });
  // A last bit more or less is no reason.
  const winner = candidates.reduce((best, next) =>
    next.relativeError < best.relativeError - 1e-12 ? next : best,
  );
  return { winner, candidates, naive };
}
