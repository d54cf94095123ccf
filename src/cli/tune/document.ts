import {
  type Difference,
  type Objective,
  objectiveOf,
  type Ranking,
  rankTrials,
} from "../../forecast/tune/rank.js";
import type { Point } from "../../forecast/tune/space.js";
import { decimal } from "../../report/format.js";
import type { Trial } from "./search.js";
import type { Strategy } from "./space-file.js";

interface Figures {
  readonly objective: number | null;
  readonly wmape: number | null;
  readonly mase: number | null;
}

/** What `retrain tune --json` prints. Additions are fine, changes are not. */
export interface TuneDocument {
  readonly quarter: string;
  /** Last day that the search saw: the end of the quarter before. */
  readonly cutoff: string;
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
  readonly step: string;
  readonly objective: Objective;
  readonly strategy: Strategy;
  readonly seed: number;
  /** Best first; 0 is the runbook as it is. */
  readonly trials: readonly (Figures & {
    readonly trial: number;
    readonly values: Point;
    /** Of the objective by fold, to the runbook's own; below 0 is better. */
    readonly difference: Difference | null;
    readonly folds: readonly (Figures & { readonly origin: string })[];
    readonly naive: { readonly wmape: number | null; readonly mase: number | null } | null;
    /** Code of the failure that ended its training. */
    readonly failure: string | null;
  })[];
  readonly best: number;
  readonly chosen: number;
  readonly why: string;
  /** Path of the patch; null where the runbook stays as it is. */
  readonly patch: string | null;
  readonly applied: boolean;
}

type Judged = Pick<TuneDocument, "trials" | "best" | "chosen" | "why">;

export function judge(trials: readonly Trial[], objective: Objective): Judged {
  const ranking = rankTrials(
    trials.map(({ trial, values, scores }) => ({ trial, changes: Object.keys(values).length, scores })),
    objective,
  );
  return {
    trials: ranking.standings.map(({ trial: number, objective: value, difference }) => {
      const { values, scores, failure } = trials[number]!;
      return {
        trial: number,
        values,
        objective: value,
        wmape: scores?.own.wmape ?? null,
        mase: scores?.own.mase ?? null,
        difference,
        folds: (scores?.folds ?? []).map((fold) => ({
          origin: fold.origin,
          objective: objectiveOf(fold, objective),
          wmape: fold.own.wmape,
          mase: fold.own.mase,
        })),
        naive: scores === null ? null : { wmape: scores.naive.wmape, mase: scores.naive.mase },
        failure,
      };
    }),
    best: ranking.best,
    chosen: ranking.chosen,
    why: whyChosen(ranking, objective),
  };
}

function whyChosen({ best, chosen, standings }: Ranking, objective: Objective): string {
  if (best === 0) return "no trial is better than the runbook as it is";
  const lowest = standings[0]!.difference;
  if (lowest === null)
    return `trial ${best} has the lowest ${objective}, but with one fold nobody can tell whether that is luck: give the step more folds`;
  const by = `${decimal(-lowest.mean, 4)} a fold, with a standard error of ${decimal(lowest.standardError, 4)} between folds`;
  if (chosen === 0)
    return `trial ${best} has the lowest ${objective}, but is better by no more than folds differ: by ${by}; the runbook stays as it is`;
  if (chosen === best) return `trial ${best} is better than the runbook by ${by}`;
  return `trial ${best} has the lowest ${objective}; trial ${chosen} changes less and is as good up to one standard error between folds`;
}
