import type { ValidationReport } from "../kit/artifacts/validation.js";
import type { Panel } from "../panel/panel.js";
import { type DriftOptions, driftSamples } from "./feature-drift.js";

type Distribution = ValidationReport["distributions"][number];

/** Steps of probability from the smallest value to the largest. */
const STEPS = 40;

/** The target, then every observed and known feature, in the quarter and in the reference of a drift test. */
export function featureDistributions(
  panel: Panel,
  options: Pick<DriftOptions, "reference" | "quarterPeriods">,
): Distribution[] {
  const features = ["target", ...Object.keys(panel.observed), ...Object.keys(panel.known)];
  return features.map((feature) => {
    const { current, past } = driftSamples(panel, feature, options);
    return { feature, reference: options.reference, now: quantiles(current), before: quantiles(past) };
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
