import { periodLabel, periodsPerQuarter, seasonLength } from "../calendar/period.js";
import { type Panel, rowCount, targetWindow } from "../panel/panel.js";

/** Quarters before this one that say what is ordinary. */
const QUARTERS_BEFORE = 8;

/** The last years of the panel's target on one common grid. Column `start` is the quarter's first period; the last column its last one. */
export interface Grid {
  readonly panel: Panel;
  /** Periods in a season and in a quarter. */
  readonly season: number;
  readonly size: number;
  readonly columns: number;
  readonly start: number;
  /** [series × columns], NaN where there is no finite value. */
  readonly values: Float64Array;
  /** First columns of earlier quarters with a year of data before them, the latest first. */
  readonly earlier: readonly number[];
}

export function gridOf(panel: Panel): Grid {
  const season = seasonLength(panel.calendar.frequency);
  const size = periodsPerQuarter(panel.calendar.frequency);
  const columns = size * (QUARTERS_BEFORE + 1) + 2 * season;
  const values = targetWindow(panel, panel.lastPeriod, columns).map((value) =>
    Number.isFinite(value) ? value : Number.NaN,
  );
  const start = columns - size;
  const first = firstColumn(panel, columns);
  const earlier = Array.from({ length: QUARTERS_BEFORE }, (_, i) => start - size * (i + 1)).filter(
    (column) => column - season >= first,
  );
  return { panel, season, size, columns, start, values, earlier };
}

function firstColumn(panel: Panel, columns: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const period of panel.period) if (period < first) first = period;
  return Math.max(0, first - (panel.lastPeriod - columns + 1));
}

export const at = ({ values, columns }: Grid, series: number, column: number): number =>
  column < 0 ? Number.NaN : values[series * columns + column]!;

export const labelAt = ({ panel, columns }: Grid, column: number): string =>
  periodLabel(panel.lastPeriod - columns + 1 + column, panel.calendar);

/** Rows whose series and period stand in another row too; rows are sorted by both. */
export function duplicateRows(panel: Panel): number {
  let duplicates = 0;
  for (let s = 0; s < panel.series.length; s++) {
    for (let row = panel.offsets[s]! + 1; row < panel.offsets[s + 1]!; row++) {
      if (panel.period[row] === panel.period[row - 1]) duplicates++;
    }
  }
  return Math.min(rowCount(panel), duplicates);
}

/** Middle value; of an even number the mean of both. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The second largest of four and more values, so that one exceptional quarter does not hide all after it; else the largest. */
export function ordinaryMost(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => b - a);
  return sorted[sorted.length >= 4 ? 1 : 0] ?? Number.NaN;
}

export const clamp = (value: number, low = 0, high = 1): number =>
  Number.isNaN(value) ? low : Math.min(high, Math.max(low, value));
