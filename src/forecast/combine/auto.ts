import type { Evidence } from "./evidence.js";
import { grossBias } from "./guard.js";
import { learnFour, learnGuardedFour } from "./learn-four.js";
import { fullLearner } from "./learn-full.js";
import { learnSingle } from "./learn-single.js";
import type { Combination } from "./model.js";
import { type LearnCombination, type NestedForecasts, nestedForecasts } from "./nested.js";
import { type PairedDifference, pairedDifference, seriesLosses } from "./paired.js";
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

/** A way to combine against the more general one that was ahead until then: in folds that one of them had learned for. */
export interface Margin extends PairedDifference {
  readonly method: Method;
  readonly against: Method;
  /** Its bias, where that is gross and far beyond those of the other one and of the naive; null where it is not. */
  readonly grossBias: number | null;
  /** Whether it is ahead by more than the standard error, and not grossly biased. */
  readonly isSure: boolean;
}

/** Why a combination was taken. */
export interface Selection {
  readonly winner: Candidate;
  /** The more general first: the one that learns least. */
  readonly candidates: readonly Candidate[];
  /** One for every candidate but the first. */
  readonly margins: readonly Margin[];
  readonly naive: CvScore;
}

/** How to learn each; made once for one evidence. */
export const learnersOf = ({
  members,
  minSegmentSeries,
}: CombineOptions): Record<Method, LearnCombination> => ({
  four: (evidence) => learnGuardedFour(evidence, members),
  single: (evidence) => learnSingle(evidence, minSegmentSeries),
  full: fullLearner(),
});

/** What stands in where there is nothing to learn from. */
export const plainMean =
  ({ members }: Pick<CombineOptions, "members">): LearnCombination =>
  (evidence) =>
    learnFour(evidence, members);

/**
 * Scores every way to combine on forecasts that knew nothing of what they are scored on. The most general one is taken unless another is ahead by more
 * than the paired standard error of these scores: a difference within it is noise. All equal the plain mean in folds that had nothing to learn from, so
 * with too few folds it stays.
 */
export function selectCombination(
  evidence: Evidence,
  learners: Record<Method, LearnCombination>,
  otherwise: LearnCombination,
  methods: readonly Method[] = ["four", "full", "single"],
): Selection {
  const naive = scoreNaive(evidence.folds);
  const candidates = methods.map((method): Candidate => {
    const nested = nestedForecasts(evidence, learners[method], otherwise);
    const score = scoreForecasts(evidence.folds, nested.forecasts);
    return { method, ...score, relativeError: relativeError(score, naive), ...nested };
  });
  let winner = candidates[0]!;
  const margins: Margin[] = [];
  for (const next of candidates.slice(1)) {
    const margin = marginOf(evidence, next, winner);
    margins.push(margin);
    if (margin.isSure) winner = next;
  }
  return { winner, candidates, margins, naive };
}

function marginOf({ folds }: Evidence, next: Candidate, against: Candidate): Margin {
  const learned = folds.flatMap((fold, f) =>
    next.isLearned[f] || against.isLearned[f]
      ? [{ fold, own: next.forecasts[f]!, other: against.forecasts[f]! }]
      : [],
  );
  const { mean, standardError } = pairedDifference(
    learned.map(({ fold, own, other }) => {
      const reference = seriesLosses(fold, other);
      return seriesLosses(fold, own).map((loss, i) => loss - reference[i]!);
    }),
  );
  // What is mostly zeros is forecast with the least absolute error by next to nothing: of no use to who plans with the sum.
  const gross = grossBias(
    learned.map(({ fold }) => fold),
    learned.map(({ own }) => own),
    [learned.map(({ other }) => other)],
  );
  const isAhead =
    standardError !== null && mean < -standardError && next.relativeError < against.relativeError - 1e-12;
  return {
    method: next.method,
    against: against.method,
    mean,
    standardError,
    grossBias: gross?.by ?? null,
    isSure: isAhead && gross === null,
  };
}
