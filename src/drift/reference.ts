import { fail } from "../kit/failure.js";
import { ownValue } from "../kit/own-value.js";
import { nearest } from "../kit/suggest.js";
import type { Panel } from "../panel/panel.js";

export const DRIFT_REFERENCES = ["same-quarter-last-year", "previous-quarter", "training-window"] as const;
/** What a quarter's values are compared with; `training-window` is everything before it. */
export type DriftReference = (typeof DRIFT_REFERENCES)[number];

/** First and last period. */
export interface PeriodRange {
  readonly first: number;
  readonly last: number;
}

/** Periods that a reference stands for, seen from the quarter. */
export function referenceRange(
  reference: DriftReference,
  { first, last }: PeriodRange,
  season: number,
): PeriodRange {
  switch (reference) {
    case "same-quarter-last-year":
      return { first: first - season, last: last - season };
    case "previous-quarter":
      return { first: first - (last - first + 1), last: first - 1 };
    case "training-window":
      return { first: Number.NEGATIVE_INFINITY, last: first - 1 };
  }
}

/** `target`, or the name of its column where a feature is called so. */
export function targetLabel({ observed, known, targetName }: Panel): string {
  const isTaken = Object.hasOwn(observed, "target") || Object.hasOwn(known, "target");
  return isTaken && targetName !== undefined ? targetName : "target";
}

/** @throws FailureError `data.name-unknown` for a feature that the panel does not have */
export function featureColumn(panel: Panel, feature: string): Float64Array {
  // A column of the user's comes before a word of ours.
  const column = ownValue(panel.observed, feature) ?? ownValue(panel.known, feature);
  if (column !== undefined) return column;
  const target = targetLabel(panel);
  if (feature === target || feature === panel.targetName) return panel.target;
  const known = [...Object.keys(panel.observed), ...Object.keys(panel.known), target];
  fail({
    code: "data.name-unknown",
    retryable: false,
    role: "feature",
    name: feature,
    known,
    suggestion: nearest(feature, known),
  });
}
