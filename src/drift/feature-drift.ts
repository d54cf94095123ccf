import { seasonLength } from "../calendar/period.js";
import type { ValidationReport } from "../kit/artifacts/validation.js";
import { fail } from "../kit/failure.js";
import { nearest } from "../kit/suggest.js";
import type { Panel } from "../panel/panel.js";
import { benjaminiHochberg, bonferroni } from "../stats/corrections.js";
import { ksTwoSample } from "../stats/ks.js";

export type DriftRow = ValidationReport["drift"][number];

export const DRIFT_REFERENCES = ["same-quarter-last-year", "previous-quarter", "training-window"] as const;
export type DriftReference = (typeof DRIFT_REFERENCES)[number];

export const DRIFT_CORRECTIONS = ["bh", "bonferroni", "none"] as const;
export type DriftCorrection = (typeof DRIFT_CORRECTIONS)[number];

export interface DriftOptions {
  /** Names of observed or known features, or `target`. */
  readonly features: readonly string[];
  /** Limit of D: 0..1. */
  readonly statistic: number;
  /** Limit of the corrected p. */
  readonly alpha: number;
  readonly correction: DriftCorrection;
  /** What the quarter is compared with; `training-window` is everything before it. */
  readonly reference: DriftReference;
  /** Values that each side needs, default 30. */
  readonly minN?: number;
  /** First and last period of the quarter. */
  readonly quarterPeriods: PeriodRange;
}

export interface PeriodRange {
  readonly first: number;
  readonly last: number;
}

const CORRECTIONS: Readonly<Record<DriftCorrection, (p: readonly number[]) => readonly number[]>> = {
  bh: benjaminiHochberg,
  bonferroni,
  none: (p) => p,
};

/**
 * Two-sample KS of every feature's values in the quarter against the reference, pooled over series, missing values dropped.
 * FAIL: D ≥ limit and corrected p ≤ alpha. WARN: D ≥ limit alone, since in a small sample D is large by chance.
 * UNKNOWN: a side has fewer than `minN` values; such a test is not in the family that the correction counts.
 * @returns one row a feature, in the order asked for
 * @throws FailureError `data.name-unknown` for a feature that the panel does not have
 */
export function featureDrift(panel: Panel, options: DriftOptions): DriftRow[] {
  const { minN = 30, reference, quarterPeriods } = options;
  const referencePeriods = referenceRange(reference, quarterPeriods, seasonLength(panel.calendar.frequency));
  const tests = options.features.map((feature) => {
    const { current, past } = samplesOf(panel, feature, quarterPeriods, referencePeriods);
    const test = current.length > 0 && past.length > 0 ? ksTwoSample(current, past) : null;
    const judged = current.length >= minN && past.length >= minN ? test : null;
    return { feature, n: current.length, nReference: past.length, test, judged };
  });

  const family = tests.flatMap(({ judged }) => (judged === null ? [] : [judged]));
  const adjusted = CORRECTIONS[options.correction](family.map(({ p }) => p));
  return tests.map(({ feature, n, nReference, test, judged }) => {
    const pAdjusted = judged === null ? null : adjusted[family.indexOf(judged)]!;
    return {
      feature,
      reference,
      statistic: test?.statistic ?? null,
      p: test?.p ?? null,
      pAdjusted,
      n,
      nReference,
      verdict: judged === null ? "UNKNOWN" : verdictOf(judged.statistic, pAdjusted!, options),
    };
  });
}

/**
 * The two samples that the test of a feature compares: its values in the quarter and in the reference, missing ones dropped.
 * @throws FailureError `data.name-unknown` for a feature that the panel does not have
 */
export function driftSamples(
  panel: Panel,
  feature: string,
  { reference, quarterPeriods }: Pick<DriftOptions, "reference" | "quarterPeriods">,
): DriftSamples {
  const season = seasonLength(panel.calendar.frequency);
  return samplesOf(panel, feature, quarterPeriods, referenceRange(reference, quarterPeriods, season));
}

interface DriftSamples {
  readonly current: Float64Array;
  readonly past: Float64Array;
}

function samplesOf(
  panel: Panel,
  feature: string,
  quarter: PeriodRange,
  reference: PeriodRange,
): DriftSamples {
  const column = featureColumn(panel, feature);
  return { current: valuesIn(panel, column, quarter), past: valuesIn(panel, column, reference) };
}

function verdictOf(statistic: number, pAdjusted: number, limits: DriftOptions): DriftRow["verdict"] {
  if (statistic < limits.statistic) return "PASS";
  return pAdjusted <= limits.alpha ? "FAIL" : "WARN";
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

const valuesIn = (panel: Panel, column: Float64Array, { first, last }: PeriodRange): Float64Array =>
  column.filter((value, row) => {
    const period = panel.period[row]!;
    return period >= first && period <= last && !Number.isNaN(value);
  });
