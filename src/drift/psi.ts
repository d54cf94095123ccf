import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import { populationStability } from "../stats/psi.js";
import { type DriftReference, featureColumn, type PeriodRange, referenceRange } from "./reference.js";
import { twoSamples } from "./windows.js";

/** A figure of one feature; null comes with the reason. */
export interface FeatureFigure {
  readonly feature: string;
  readonly observed: number | null;
  readonly n: number;
  readonly nReference: number;
  readonly why: string | null;
}

export interface PsiOptions {
  readonly features: readonly string[];
  readonly bins: number;
  readonly reference: DriftReference;
  readonly minN: number;
  readonly quarterPeriods: PeriodRange;
}

/**
 * PSI of each feature's values in the quarter against the reference, pooled over series, missing values dropped.
 * @throws FailureError `data.name-unknown` for a feature that the panel does not have
 */
export function featurePsi(panel: Panel, options: PsiOptions): FeatureFigure[] {
  const { bins, reference, minN, quarterPeriods } = options;
  const range = referenceRange(reference, quarterPeriods, seasonLength(panel.calendar.frequency));
  return options.features.map((feature) => {
    const { current, past } = twoSamples(panel, featureColumn(panel, feature), {
      quarter: quarterPeriods,
      reference: range,
      values: "raw",
      members: panel.series.keys(),
    });
    const isEnough = current.length >= minN && past.length >= minN;
    const observed = isEnough ? populationStability(current, past, bins) : null;
    return {
      feature,
      observed,
      n: current.length,
      nReference: past.length,
      why: observed === null ? "too-few-rows" : null,
    };
  });
}
