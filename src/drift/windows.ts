import type { Panel } from "../panel/panel.js";
import type { PeriodRange } from "./reference.js";

/** Values of a feature in two windows of time, missing ones dropped. */
export interface TwoSamples {
  readonly current: Float64Array;
  readonly past: Float64Array;
  /** Series with a value on each side. */
  readonly series: number;
  readonly pastSeries: number;
}

export type DriftValues = "relative" | "raw";

export interface WindowRequest {
  readonly quarter: PeriodRange;
  readonly reference: PeriodRange;
  /**
   * `relative`: each series in units of its own mean size over both windows, for series with values in both; so a change shows whatever the size
   * of the series, and a new or lost series does not. `raw`: as they are.
   */
  readonly values: DriftValues;
  /** Indices of the series that count. */
  readonly members: Iterable<number>;
}

export function twoSamples(panel: Panel, column: Float64Array, request: WindowRequest): TwoSamples {
  const { quarter, reference, values, members } = request;
  const [current, past]: [number[], number[]] = [[], []];
  let [series, pastSeries] = [0, 0];
  for (const s of members) {
    const now = valuesOf(panel, column, s, quarter);
    const then = valuesOf(panel, column, s, reference);
    if (values === "relative" && (now.length === 0 || then.length === 0)) continue;
    const unit = values === "relative" ? meanSize(now, then) : 1;
    for (const value of now) current.push(value / unit);
    for (const value of then) past.push(value / unit);
    if (now.length > 0) series++;
    if (then.length > 0) pastSeries++;
  }
  return { current: Float64Array.from(current), past: Float64Array.from(past), series, pastSeries };
}

function valuesOf(panel: Panel, column: Float64Array, s: number, { first, last }: PeriodRange): number[] {
  const found: number[] = [];
  const end = panel.offsets[s + 1]!;
  for (let row = firstRowFrom(panel, s, first); row < end && panel.period[row]! <= last; row++) {
    if (!Number.isNaN(column[row]!)) found.push(column[row]!);
  }
  return found;
}

/** First row of the series whose period is not before the given one; rows rise by period. */
function firstRowFrom(panel: Panel, s: number, period: number): number {
  let [low, high] = [panel.offsets[s]!, panel.offsets[s + 1]!];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (panel.period[middle]! < period) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of zeros alone it is 1: they stay zeros. */
function meanSize(now: readonly number[], then: readonly number[]): number {
  let sum = 0;
  for (const value of now) sum += Math.abs(value);
  for (const value of then) sum += Math.abs(value);
  return sum === 0 ? 1 : sum / (now.length + then.length);
}
