import type { LinearMap } from "../experts/linear/model.js";
import type { TrainingView } from "../training-view.js";
import { impulseResponse, stepResponse, uncentred, unrollRecursion } from "./recursion.js";
import type { Solution } from "./solve.js";

/** Larger weights come from lags that are almost nothing beside their targets; their sums cancel in no order. */
const MAX_WEIGHT = 1e4;

/**
 * A regression as what its recursion adds up to over the horizon; null where that leaves every range.
 * @param centred whether it is one on deviations from the last season's mean
 * @param known how many of its features are known ahead; the others are held at their last value
 */
export function recursiveMap(
  { lags, intercept, features }: Solution,
  { season, horizon }: Pick<TrainingView, "season" | "horizon">,
  centred: boolean,
  known: number,
): LinearMap | null {
  const weights = unrollRecursion(centred ? uncentred(lags, season) : lags, horizon);
  if (!weights.every((response) => response.every((weight) => Math.abs(weight) <= MAX_WEIGHT))) return null;
  const impulse = impulseResponse(weights);
  const step = stepResponse(impulse);
  const times = (response: readonly number[], by: number): number[] => response.map((value) => value * by);
  const ahead = [...features.subarray(0, known)];
  const held = [...features.subarray(known)];
  return {
    minLength: lags.length,
    lags: lags.length,
    weights,
    ...(centred ? { intercept: times(step, intercept) } : {}),
    ...(ahead.length > 0 ? { known: ahead.map((effect) => times(impulse, effect)) } : {}),
    ...(held.length > 0 ? { observed: held.map((effect) => times(step, effect)) } : {}),
  };
}
