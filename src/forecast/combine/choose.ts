import type { LearnerScore } from "../../kit/artifacts/training.js";
import { type Candidate, learnersOf, type Selection, selectCombination } from "./auto.js";
import type { Evidence } from "./evidence.js";
import type { Combination } from "./model.js";
import type { LearnCombination } from "./nested.js";

/** The combination, and how it came about. */
export interface Chosen {
  readonly combination: Combination;
  /**
   * What the combination would have forecast in each fold, [folds] of [N × H], clipped, NaN in rows without a
   * number: with weights from evidence that had happened by then.
   */
  readonly nested: readonly Float64Array[];
  /** The combination behind each of them. */
  readonly nestedCombinations: readonly Combination[];
  /** What learned them from the folds before each, and what stood in where there was none. */
  readonly learn: LearnCombination;
  readonly otherwise: LearnCombination;
  /** Every method that was compared, the chosen one among them. */
  readonly candidates: readonly LearnerScore[];
  /** Why this one, in one sentence. */
  readonly why: string;
}

export interface ChooseOptions {
  /** Experts that the plain mean takes. */
  readonly members: readonly number[];
  /** A smaller segment takes what is best over all series. */
  readonly minSegmentSeries: number;
}

/** @param asked the method, or `auto` for whichever nested CV says */
export function chooseCombination(
  evidence: Evidence,
  asked: Combination["method"] | "auto",
  options: ChooseOptions,
): Chosen {
  const learners = learnersOf(options);
  const selection = selectCombination(evidence, learners, asked === "auto" ? undefined : [asked]);
  const { winner, candidates } = selection;
  return {
    combination: learners[winner.method](evidence),
    nested: winner.forecasts,
    nestedCombinations: winner.combinations,
    learn: learners[winner.method],
    otherwise: learners.four,
    candidates: candidates.map(scoreOf),
    why: asked === "auto" ? whyItWon(selection) : "the runbook asks for it",
  };
}

const scoreOf = ({ method, wmape, mase, bias, n }: Candidate): LearnerScore => ({
  learner: method,
  wmape,
  mase,
  bias,
  n,
});

function whyItWon({ winner, candidates }: Selection): string {
  if (
    winner.method === "four" &&
    candidates.every(({ learned, method }) => method === "four" || learned === 0)
  ) {
    return "no fold had an earlier one to learn weights from, so equal weights stay";
  }
  const rivals = candidates
    .filter(({ method }) => method !== winner.method)
    .map(({ method, relativeError }) => `${method} ${relativeError.toFixed(3)}`);
  return (
    `WMAPE and MASE together, as multiples of the seasonal naive's, are lowest with ${winner.method}: ` +
    `${winner.relativeError.toFixed(3)} against ${rivals.join(", ")}`
  );
}
