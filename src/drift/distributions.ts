import { seasonLength } from "../calendar/period.js";
import type { ValidationReport } from "../kit/artifacts/validation.js";
import type { Panel } from "../panel/panel.js";
import {
  type DriftReference,
  featureColumn,
  type PeriodRange,
  referenceRange,
  targetLabel,
} from "./reference.js";

type Distribution = ValidationReport["distributions"][number];

/** Steps of probability from the smallest value to the largest. */
const STEPS = 40;

/** The target, then every observed and known feature, in the quarter and in the reference of a drift test. */
export function featureDistributions(
  panel: Panel,
  { reference, quarterPeriods }: { readonly reference: DriftReference; readonly quarterPeriods: PeriodRange },
): Distribution[] {
  const before = referenceRange(reference, quarterPeriods, seasonLength(panel.calendar.frequency));
  const features = [targetLabel(panel), ...Object.keys(panel.observed), ...Object.keys(panel.known)];
  return features.map((feature) => {
    const valuesOf = (periods: PeriodRange) =>
      quantiles(valuesIn(panel, featureColumn(panel, feature), periods));
    return { feature, reference, now: valuesOf(quarterPeriods), before: valuesOf(before) };
  });
}

/** Values at probabilities 0, 1/40 … 1, linear between order statistics (type 7 of Hyndman & Fan 1996); none for no values. */
function quantiles(values: Float64Array): number[] {
  if (values.length === 0) return [];
  const sorted = values.toSorted();
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const at = ((sorted.length - 1) * step) / STEPS;
    const below = Math.floor(at);
    const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
    return rounded(low + (high - low) * (at - below));
  });
}

/** Seven digits draw as well as seventeen. */
const rounded = (value: number): number => Number(value.toPrecision(7));

const valuesIn = (panel: Panel, column: Float64Array, { first, last }: PeriodRange): Float64Array =>
  column.filter((value, row) => {
    const period = panel.period[row]!;
    return period >= first && period <= last && !Number.isNaN(value);
  });
