import { contextScale, meanMagnitude } from "../context.js";
import type { Errors } from "./errors.js";
import { distinctMembers, type Group } from "./hierarchy.js";
import { reconcileSeries } from "./solve.js";

/** Forecasts of series and of their sums that do not add up yet. */
export interface BaseForecasts {
  readonly horizon: number;
  /** [series]: 1 where the series is in the sums. */
  readonly living: Uint8Array;
  /** [series × H] */
  readonly series: Float64Array;
  readonly groups: readonly Pick<Group, "members">[];
  /** [groups × H] */
  readonly sums: Float64Array;
}

/**
 * The series, moved so that their sums agree with the sums as far as the errors say that these are to be trusted.
 * Where no target is negative, what would be is 0, and the sums are those of the series that this leaves.
 * @param errors every node has a deviation
 * @returns [series × H]; series that are in no sum stay
 */
export function coherentSeries(base: BaseForecasts, errors: Errors, nonNegative: boolean): Float64Array {
  const { horizon, living, series, sums, groups } = base;
  const members = distinctMembers(groups, (s) => living[s] === 1);
  const moved = reconcileSeries({ horizon, series, sums, members, errors });
  return moved.map((value, cell) => {
    if (living[Math.floor(cell / horizon)] === 0) return series[cell]!;
    return nonNegative ? Math.max(0, value) : value;
  });
}

/** [groups × H]: what the living members add up to; NaN for a group without one. */
export function sumMembers({ horizon, living, series, groups }: Omit<BaseForecasts, "sums">): Float64Array {
  const sums = new Float64Array(groups.length * horizon).fill(Number.NaN);
  groups.forEach(({ members }, g) => {
    const own = members.filter((s) => living[s] === 1);
    if (own.length === 0) return;
    for (let h = 0; h < horizon; h++) {
      sums[g * horizon + h] = own.reduce((sum, s) => sum + series[s * horizon + h]!, 0);
    }
  });
  return sums;
}

/**
 * [rows]: how far each row's forecasts are off, by its history alone: its seasonal naive error, else its mean size; 0
 * for a row of zeros or without a number, which no forecast should move.
 */
export function errorScales(history: Float32Array, count: number, season: number): Float64Array {
  const length = count === 0 ? 0 : history.length / count;
  return Float64Array.from({ length: count }, (_, i) => {
    const row = history.subarray(i * length, (i + 1) * length);
    return meanMagnitude(row) > 0 ? contextScale(row, season) : 0;
  });
}

/** Median deviation as a multiple of the scale, over nodes that have both; 1 where none has. */
export function typicalRatio({ deviation }: Errors, scale: Float64Array): number {
  const ratios = deviation
    .map((value, i) => value / scale[i]!)
    .filter((ratio) => ratio > 0 && Number.isFinite(ratio));
  return ratios.length === 0 ? 1 : ratios.sort()[Math.floor(ratios.length / 2)]!;
}

/** A deviation for every node: where the errors do not tell, the typical multiple of its scale. */
export const withDeviations = (errors: Errors, scale: Float64Array, typical: number): Errors => ({
  ...errors,
  deviation: errors.deviation.map((value, i) => (Number.isNaN(value) ? typical * scale[i]! : value)),
});
