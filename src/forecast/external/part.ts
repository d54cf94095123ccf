import { periodLabel } from "../../calendar/period.js";
import type { Fold } from "../folds.js";
import { learnerId } from "../learners/index.js";
import type { CommandSpec } from "../learners/spec.js";
import type { Rows } from "../rows.js";
import type { TrainingData, TrainingView } from "../training-view.js";

/** One run of a learner's program: a fold of CV, or the final fit. */
export interface Part {
  readonly data: TrainingData;
  readonly spec: CommandSpec;
  readonly span: Pick<Fold, "origin" | "since" | "gap">;
  /** Null for the final fit. */
  readonly fold: { readonly number: number; readonly of: number } | null;
  /** What may be trained on. */
  readonly view: TrainingView;
  /** What is forecast from. */
  readonly rows: Rows;
}

/** What a failure says of the place. */
export interface Place {
  readonly learner: string;
  /** `fold 2 of 3 (origin 2024-12)` */
  readonly part: string;
  readonly log: string;
}

export function placeOf({ spec, fold, span, data }: Part, log: string): Place {
  const origin = `origin ${periodLabel(span.origin, data.panel.calendar)}`;
  const part = fold === null ? `final fit (${origin})` : `fold ${fold.number} of ${fold.of} (${origin})`;
  return { learner: learnerId(spec), part, log };
}
