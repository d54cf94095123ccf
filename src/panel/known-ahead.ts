import { type Calendar, periodStart } from "../calendar/period.js";
import type { Column } from "./column.js";
import type { KnownAhead, Panel } from "./panel.js";

/** The second file inside a `panel` artifact. Absent where nothing is known of the periods after the cutoff. */
export const KNOWN_AHEAD_FILE = "known-ahead.parquet";

/** Cells of known features after the last period, one row each, in the order in which the first number wins. */
export interface AheadRows {
  /** Index of the series. */
  readonly series: ArrayLike<number>;
  readonly period: ArrayLike<number>;
  /** By feature. What is no finite number is missing. */
  readonly known: Readonly<Record<string, ArrayLike<number>>>;
}

/** As the source has them, double and unreadable cells too: Infinity is a cell that is no finite number, NaN an empty one. */
export interface AheadCells extends AheadRows {
  /** How many periods after the cutoff were looked for. */
  readonly periods: number;
  readonly file: Int32Array;
  readonly record: Int32Array;
}

/** As a grid up to the last period that any series has a number of; undefined when there is none. */
export function aheadGrid(rows: AheadRows, series: number, lastPeriod: number): KnownAhead | undefined {
  const names = Object.keys(rows.known);
  let periods = 0;
  for (let row = 0; row < rows.period.length; row++) {
    if (names.some((name) => Number.isFinite(rows.known[name]![row]!))) {
      periods = Math.max(periods, rows.period[row]! - lastPeriod);
    }
  }
  if (periods === 0) return undefined;
  const grid = (values: ArrayLike<number>): Float64Array => {
    const cells = new Float64Array(series * periods).fill(Number.NaN);
    for (let row = 0; row < values.length; row++) {
      const lead = rows.period[row]! - lastPeriod - 1;
      const cell = rows.series[row]! * periods + lead;
      if (lead < periods && Number.isFinite(values[row]!) && Number.isNaN(cells[cell]!)) {
        cells[cell] = values[row]!;
      }
    }
    return cells;
  };
  return { periods, known: Object.fromEntries(names.map((name) => [name, grid(rows.known[name]!)])) };
}

/**
 * Columns of the file: series VARCHAR, period DATE (first day), known features DOUBLE; a row where a feature has
 * a number.
 * @param names of the features in the file, in the order of `panel.known`
 */
export function aheadColumns(panel: Panel, ahead: KnownAhead, names: readonly string[]): Column[] {
  const features = Object.keys(panel.known).map((name) => ahead.known[name]!);
  const cells = Array.from({ length: panel.series.length * ahead.periods }, (_, cell) => cell).filter(
    (cell) => features.some((values) => !Number.isNaN(values[cell]!)),
  );
  const days = daysAhead(panel.lastPeriod, ahead.periods, panel.calendar);
  return [
    {
      name: "series",
      type: "VARCHAR",
      values: cells.map((cell) => panel.series[Math.floor(cell / ahead.periods)]!),
    },
    { name: "period", type: "DATE", values: cells.map((cell) => days[cell % ahead.periods]!) },
    ...features.map((values, k): Column => {
      return { name: names[k]!, type: "DOUBLE", values: Float64Array.from(cells, (cell) => values[cell]!) };
    }),
  ];
}

const daysAhead = (last: number, periods: number, calendar: Calendar): string[] =>
  Array.from({ length: periods }, (_, lead) => periodStart(last + 1 + lead, calendar));
