import type { LearnerScore } from "../../kit/artifacts/training.js";
import {
  type Candidate,
  learnersOf,
  type Margin,
  plainMean,
  type Selection,
  selectCombination,
} from "./auto.js";
import type { Evidence } from "./evidence.js";
import { type DroppedMember, droppedMembers } from "./guard.js";
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
  /** How far each was from the more general one before it, with the noise of that. */
  readonly margins: readonly Margin[];
  /** Members of a plain mean that lost their weight. */
  readonly dropped: readonly DroppedMember[];
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
  const otherwise = plainMean(options);
  const selection = selectCombination(evidence, learners, otherwise, asked === "auto" ? undefined : [asked]);
  const { winner, candidates, margins } = selection;
  return {
    combination: learners[winner.method](evidence),
    nested: winner.forecasts,
    nestedCombinations: winner.combinations,
    learn: learners[winner.method],
    otherwise,
    candidates: candidates.map(scoreOf),
    margins,
    dropped: winner.method === "four" ? droppedMembers(evidence, options.members) : [],
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

function whyItWon({ winner, candidates, margins }: Selection): string {
  if (candidates.every(({ learned, method }) => method === "four" || learned === 0)) {
    return "no fold had an earlier one to learn weights from, so equal weights stay";
  }
  const compared = margins.map(({ method, against, mean, standardError, isSure, grossBias }) => {
    if (grossBias !== null)
      return `${method} has a bias of ${(100 * grossBias).toFixed(0)}%, far beyond ${against}`;
    if (!(mean < 0)) return `${method} is ${mean.toFixed(3)} behind ${against}`;
    const noise =
      standardError === null
        ? "an unknown standard error"
        : `the standard error of ${standardError.toFixed(3)}`;
    return `${method} is ${(-mean).toFixed(3)} ahead of ${against}, ${isSure ? "more than" : "within"} ${noise}`;
  });
  const head =
    winner.method === candidates[0]!.method ? `${winner.method} stays` : `${winner.method} is taken`;
  return `${head}, by WMAPE and MASE together as multiples of the seasonal naive's: ${compared.join(", ")}`;
}
