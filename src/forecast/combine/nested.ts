import { blankEmpty, clipRows } from "../interpret.js";
import { combine } from "./combine.js";
import { type Evidence, earlierFolds, type FoldEvidence } from "./evidence.js";
import type { Combination } from "./model.js";

export type LearnCombination = (evidence: Evidence) => Combination;

/** What a way to combine would have forecast in every fold. */
export interface NestedForecasts {
  /** One matrix a fold: [N × H], clipped; NaN in rows without a number. */
  readonly forecasts: readonly Float64Array[];
  /** What made them, one a fold. */
  readonly combinations: readonly Combination[];
  /** One a fold: whether its combination was learned; in the others the other one stood in. */
  readonly isLearned: readonly boolean[];
  /** How many were. */
  readonly learned: number;
}

/**
 * The forecasts of every fold by the combination that is learned from the folds whose actuals had all happened by
 * its origin, as it would have been at that time.
 * @param otherwise for folds with no such fold; it must learn nothing from the evidence
 * @param judged what to forecast; default: the folds that it is learned from
 */
export function nestedForecasts(
  evidence: Evidence,
  learn: LearnCombination,
  otherwise: LearnCombination,
  judged: readonly FoldEvidence[] = evidence.folds,
): NestedForecasts {
  const earlier = judged.map((fold) => earlierFolds(evidence.folds, fold));
  const combinations = earlier.map((folds) =>
    folds.length === 0 ? otherwise(evidence) : learn({ ...evidence, folds }),
  );
  const isLearned = earlier.map((folds) => folds.length > 0);
  const forecasts = judged.map((fold, f) => {
    const point = combine(combinations[f]!, fold.forecasts, fold.rows);
    clipRows(point, fold.rows, fold.clip);
    blankEmpty(point, fold.rows);
    return point;
  });
  return { forecasts, combinations, isLearned, learned: isLearned.filter(Boolean).length };
}
