import type { DataSpec } from "../kit/specs.js";
import type { DuckDb } from "./duckdb.js";
import type { AheadCells } from "./known-ahead.js";
import { numberColumns } from "./source-import.js";

export interface KeptRows {
  readonly seriesOf: Int32Array;
  readonly period: Int32Array;
  readonly file: Int32Array;
  readonly record: Int32Array;
  readonly target: Float64Array;
  readonly known: Record<string, Float64Array>;
  readonly observed: Record<string, Float64Array>;
}

export async function keptRows(db: DuckDb, spec: DataSpec): Promise<KeptRows> {
  const numbers = numberColumns(spec).map((_, index) => `n${index}`);
  const list = ["ids.c1 AS code", "period", "file", "record", ...numbers];
  const columns = await db.query(
    `SELECT ${list.join(", ")} FROM kept JOIN ids ON kept.series = ids.c0 ORDER BY code, period, file, record`,
  );
  const integers = (index: number) => columns[index]!.values as Int32Array;
  const doubles = (index: number) => columns[4 + index]!.values as Float64Array;
  const { known, observed } = spec.columns;
  return {
    seriesOf: integers(0),
    period: integers(1),
    file: integers(2),
    record: integers(3),
    target: doubles(0),
    known: Object.fromEntries(known.map((name, index) => [name, doubles(1 + index)])),
    observed: Object.fromEntries(observed.map((name, index) => [name, doubles(1 + known.length + index)])),
  };
}

/** Of the series that have a row up to the cutoff. Neither target nor observed features are looked at. */
export async function knownAhead(
  db: DuckDb,
  spec: DataSpec,
  lastPeriod: number,
  periods: number,
): Promise<AheadCells | null> {
  const { known } = spec.columns;
  if (known.length === 0 || periods === 0) return null;
  const list = ["ids.c1", "times.c1", "file", "record", ...known.map((_, index) => `n${1 + index}`)];
  const [series, period, file, record, ...features] = await db.query(
    `SELECT ${list.join(", ")} FROM raw JOIN times ON raw.time = times.c0 JOIN ids ON raw.series = ids.c0
      WHERE times.c1 BETWEEN ${lastPeriod + 1} AND ${lastPeriod + periods} ORDER BY ids.c1, times.c1, file, record`,
  );
  return {
    periods,
    series: series!.values as Int32Array,
    period: period!.values as Int32Array,
    file: file!.values as Int32Array,
    record: record!.values as Int32Array,
    known: Object.fromEntries(known.map((name, index) => [name, features[index]!.values as Float64Array])),
  };
}
