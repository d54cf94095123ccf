import type { Calendar } from "../calendar/period.js";

/** A static label a series, dictionary-encoded. */
export interface AttributeColumn {
  readonly name: string;
  /** Distinct labels, sorted by code unit. A missing label is the empty string. */
  readonly levels: readonly string[];
  /** One index into `levels` a series. */
  readonly codes: Int32Array;
}

/**
 * The long table in memory, columnar. Rows are sorted by series (code unit order of the id), then period; row ranges of
 * series s are `offsets[s] .. offsets[s + 1]`. Missing numbers are NaN. It holds no row after the cutoff, and nothing
 * else of that time but `ahead`.
 */
export interface Panel {
  readonly calendar: Calendar;
  /** Series dictionary, sorted by code unit. */
  readonly series: readonly string[];
  /** Length series + 1. */
  readonly offsets: Int32Array;
  /** Period index a row (see calendar/period). */
  readonly period: Int32Array;
  readonly target: Float64Array;
  /** What the user's data calls the target. */
  readonly targetName?: string;
  readonly attributes: readonly AttributeColumn[];
  /** What people call the series, one a series, empty for none; absent where the source does not say. For readers: nothing is computed from it. */
  readonly names?: readonly string[];
  readonly known: Readonly<Record<string, Float64Array>>;
  readonly observed: Readonly<Record<string, Float64Array>>;
  /** Known features of the periods after the last one, where the source has them. */
  readonly ahead?: KnownAhead;
  /** Last period that the cutoff allows: the forecast starts at `lastPeriod + 1`. */
  readonly lastPeriod: number;
}

export interface KnownAhead {
  /** How many periods from `lastPeriod + 1`. */
  readonly periods: number;
  /** By feature: [series × periods], row-major, NaN where missing. */
  readonly known: Readonly<Record<string, Float64Array>>;
}

/** Number columns by the names that the source gives them: target, known, observed. */
export const numberColumns = (panel: Panel, target: string): ReadonlyMap<string, Float64Array> =>
  new Map([[target, panel.target], ...Object.entries(panel.known), ...Object.entries(panel.observed)]);

/** Ids as people know them: `Hotel Aurora (H041)`, the id alone where the panel has no name of it. */
export function seriesWords({ series, names }: Pick<Panel, "series" | "names">): (id: string) => string {
  const nameOf = new Map(series.map((id, s) => [id, names?.[s] ?? ""]));
  return (id) => {
    const name = nameOf.get(id) ?? "";
    return name === "" || name === id ? id : `${name} (${id})`;
  };
}

export const rowCount = (panel: Panel): number => panel.period.length;

/**
 * Target of every series on one common grid of `length` periods that ends at `last`: Float64Array [series × length],
 * row-major, NaN where the panel has no row.
 */
export function targetWindow(panel: Panel, last: number, length: number): Float64Array {
  const window = new Float64Array(panel.series.length * length).fill(Number.NaN);
  const first = last - length + 1;
  for (let s = 0; s < panel.series.length; s++) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      const column = panel.period[row]! - first;
      if (column >= 0 && column < length) window[s * length + column] = panel.target[row]!;
    }
  }
  return window;
}
