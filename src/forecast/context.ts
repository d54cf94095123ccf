import { type Panel, targetWindow } from "../panel/panel.js";
import { seasonalNaiveScale } from "../stats/metrics.js";

/** A row of history, most recent last. NaN is a missing value. */
export type HistoryRow = Float32Array | Float64Array;

/**
 * What the forecaster sees of every series at `last`: Float32Array [series × length], row-major, in the
 * panel's series order. Float32 because that is what the graph's `history` input carries: training on wider
 * numbers would not be what serves.
 */
export function contextWindow(panel: Panel, last: number, length: number): Float32Array {
  return new Float32Array(targetWindow(panel, last, length));
}

/** Periods from the first number to the end of the row; 0 when there is no number. */
export function contextLength(row: HistoryRow): number {
  for (let t = 0; t < row.length; t++) if (!Number.isNaN(row[t]!)) return row.length - t;
  return 0;
}

/** Mean of the numbers of the row; NaN when there is none. */
export function meanOf(row: HistoryRow): number {
  let sum = 0;
  let count = 0;
  for (let t = 0; t < row.length; t++) {
    const value = row[t]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/** Mean |x| over the numbers of the row; NaN when there is none. */
export const meanMagnitude = (row: HistoryRow): number => meanOf(row.map(Math.abs));

/**
 * The unit of a series: seasonal naive error, else mean |x|, else 1; whichever is first above zero. NaN
 * without a number.
 */
export function contextScale(row: HistoryRow, season: number): number {
  const error = seasonalNaiveScale(row, season);
  if (error !== null && error > 0) return error;
  const magnitude = meanMagnitude(row);
  return magnitude === 0 ? 1 : magnitude;
}

/** Largest number of the row; NaN when there is none. */
export function contextPeak(row: HistoryRow): number {
  let peak = Number.NaN;
  for (const value of row) if (!(value <= peak) && !Number.isNaN(value)) peak = value;
  return peak;
}

/**
 * The row without holes: the same season of the year before (which may itself be filled), else the mean of
 * the row's numbers.
 * @param filled as long as the row; takes the answer
 */
export function fillContext(
  row: HistoryRow,
  season: number,
  filled = new Float64Array(row.length),
): Float64Array {
  filled.set(row);
  let missing = 0;
  for (let t = 0; t < filled.length; t++) {
    if (!Number.isNaN(filled[t]!)) continue;
    if (t >= season) filled[t] = filled[t - season]!;
    if (Number.isNaN(filled[t]!)) missing++;
  }
  if (missing === 0) return filled;
  const mean = meanOf(row);
  for (let t = 0; t < filled.length; t++) if (Number.isNaN(filled[t]!)) filled[t] = mean;
  return filled;
}
