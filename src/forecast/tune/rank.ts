import { relativeError } from "../combine/scores.js";
import type { TrialScores } from "./trial.js";

/** What a search makes small. `relative`: WMAPE and MASE as multiples of the seasonal naive's, added. */
export const OBJECTIVES = ["relative", "wmape", "mase"] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** A configuration that was scored. */
export interface RankedTrial {
  readonly trial: number;
  /** In how many parameters it differs from the runbook. */
  readonly changes: number;
  /** Null where its training failed. */
  readonly scores: TrialScores | null;
}

export interface Standing {
  readonly trial: number;
  /** Null where it cannot be ranked. */
  readonly objective: number | null;
  /** Of the objective's fold by fold differences to the runbook's own trial; null below two folds. */
  readonly difference: Difference | null;
}

/** `mean` of the differences between two trials by fold, below 0 where the first is better, and its standard error. */
export interface Difference {
  readonly mean: number;
  readonly standardError: number;
}

export interface Ranking {
  /** Best first; trials that cannot be ranked last. */
  readonly standings: readonly Standing[];
  /** Lowest objective. */
  readonly best: number;
  /** The one to take: the best, or the one with the fewest changes that is as good up to one standard error. */
  readonly chosen: number;
}

/**
 * Orders trials by the objective, and chooses by the one-standard-error rule (Breiman et al. 1984, "Classification
 * and Regression Trees", section 3.4.3) on the differences by fold: folds differ more from each other than
 * configurations on the same fold do. With one fold there is no spread, and nothing can be said to be better.
 * @param trials trial 0 is the runbook as it is; ranked are those with its folds
 */
export function rankTrials(trials: readonly RankedTrial[], objective: Objective): Ranking {
  const current = trials[0]!;
  const standings = trials
    .map((trial) => {
      const isComparable = trial.scores !== null && hasFoldsOf(trial.scores, current.scores);
      return {
        trial,
        objective: isComparable ? objectiveOf(trial.scores, objective) : null,
        difference: isComparable ? differenceOf(trial, current, objective) : null,
      };
    })
    .sort((a, b) => compare(a.objective, b.objective) || a.trial.trial - b.trial.trial);
  const best = standings[0]!;
  const simplest = standings
    .filter(({ trial, objective: own }) => own !== null && isAsGood(trial, best.trial, objective))
    .sort((a, b) => a.trial.changes - b.trial.changes)[0];
  return {
    standings: standings.map(({ trial, ...standing }) => ({ trial: trial.trial, ...standing })),
    best: best.trial.trial,
    chosen: (simplest ?? best).trial.trial,
  };
}

export function objectiveOf(
  { own, naive }: Pick<TrialScores, "own" | "naive">,
  objective: Objective,
): number | null {
  if (own.n === 0) return null;
  if (objective === "relative") return relativeError({ ...own, bias: null }, { ...naive, bias: null });
  return own[objective];
}

/** Up to one standard error of the difference; without a spread everything is as good. */
function isAsGood(trial: RankedTrial, best: RankedTrial, objective: Objective): boolean {
  if (trial === best) return true;
  const difference = differenceOf(trial, best, objective);
  // Where all but one fold are the same, mean and standard error are equal but for the last bits.
  return difference === null || difference.mean <= difference.standardError * (1 + 1e-9);
}

function differenceOf(a: RankedTrial, b: RankedTrial, objective: Objective): Difference | null {
  if (a.scores === null || b.scores === null) return null;
  const ofB = b.scores.folds.map((fold) => objectiveOf(fold, objective));
  const differences = a.scores.folds.flatMap((fold, f) => {
    const own = objectiveOf(fold, objective);
    const other = ofB[f] ?? null;
    return own === null || other === null ? [] : [own - other];
  });
  const count = differences.length;
  if (count < 2) return null;
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, standardError: Math.sqrt(variance / count) };
}

const hasFoldsOf = (scores: TrialScores, current: TrialScores | null): boolean =>
  current !== null &&
  scores.folds.length === current.folds.length &&
  scores.folds.every(({ origin }, f) => origin === current.folds[f]!.origin);

function compare(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a - b;
}
