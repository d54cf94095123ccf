import { fail } from "../kit/failure.js";
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

/** @throws FailureError `data.name-unknown` for a feature that the panel does not have */
export function featureColumn(panel: Panel, feature: string): Float64Array {
  if (feature === "target") return panel.target;
  for (const group of [panel.observed, panel.known]) {
    if (Object.hasOwn(group, feature)) return group[feature]!;
  }
  const known = [...Object.keys(panel.observed), ...Object.keys(panel.known), "target"];
  fail({
    code: "data.name-unknown",
    retryable: false,
    role: "feature",
    name: feature,
    known,
    suggestion: nearest(feature, known),
  });
}
