import type { DataSpec } from "../kit/specs.js";
import type { DuckDb } from "./duckdb.js";

/** A cell or a row in the user's data. */
export interface SourceCell {
  /** Index into `SourcePanel.files`. */
  readonly file: number;
  /** Data record in the file, from 1. */
  readonly record: number;
  readonly series: string | null;
  readonly period: number | null;
  readonly column: string;
  /** What stands there, when that is known. */
  readonly value?: string;
}

/** The label of every series (its first row's), and the cells that say something else. */
export async function readAttribute(
  db: DuckDb,
  index: number,
  column: string,
  series: readonly string[],
): Promise<{ labels: string[]; changed: SourceCell[] }> {
  const cell = `a${index}`;
  const [ids, low, high] = await db.query(
    `SELECT series, min(${cell}), max(${cell}) FROM kept GROUP BY series`,
  );
  const place = new Map(series.map((id, at) => [id, at]));
  const labels = new Array<string>(series.length).fill("");
  const changing: string[] = [];
  for (const [at, id] of (ids!.values as string[]).entries()) {
    const label = low!.values[at] as string;
    if (label !== high!.values[at]) changing.push(id);
    labels[place.get(id)!] = label;
  }
  if (changing.length === 0) return { labels, changed: [] };
  const rows = await db.query(
    `SELECT series, period, file, record, ${cell} FROM kept
      WHERE series IN (SELECT series FROM kept GROUP BY series HAVING min(${cell}) <> max(${cell}))
      ORDER BY period, file, record`,
  );
  const first = new Map<string, string>();
  const changed: SourceCell[] = [];
  for (const cellRow of cellsOf(rows, column)) {
    const id = cellRow.cell.series!;
    if (!first.has(id)) first.set(id, cellRow.text);
    else if (first.get(id) !== cellRow.text) changed.push(cellRow.cell);
  }
  for (const [id, label] of first) labels[place.get(id)!] = label;
  return { labels, changed };
}

function* cellsOf(
  rows: Awaited<ReturnType<DuckDb["query"]>>,
  column: string,
): Generator<{ cell: SourceCell; text: string }> {
  const [series, period, file, record, text] = rows.map((each) => each.values);
  for (let row = 0; row < series!.length; row++) {
    yield {
      cell: {
        file: file![row] as number,
        record: record![row] as number,
        series: series![row] as string,
        period: period![row] as number,
        column,
      },
      text: text![row] as string,
    };
  }
}

export async function unreadableTimeRows(db: DuckDb, spec: DataSpec): Promise<SourceCell[]> {
  const [file, record, series, time] = await db.query(
    `SELECT file, record, series, time FROM raw WHERE time IS NULL OR time NOT IN (SELECT c0 FROM times) ORDER BY file, record`,
  );
  return Array.from(record!.values as Int32Array, (number, row) => {
    const text = time!.values[row] as string | null;
    return {
      file: file!.values[row] as number,
      record: number,
      series: series!.values[row] as string | null,
      period: null,
      column: spec.columns.time,
      ...(text === null || text === "" ? {} : { value: text }),
    };
  });
}

export async function missingSeriesRows(
  db: DuckDb,
  spec: DataSpec,
  lastPeriod: number,
): Promise<SourceCell[]> {
  const [file, record, period] = await db.query(
    `SELECT file, record, times.c1 FROM raw JOIN times ON raw.time = times.c0
      WHERE (series IS NULL OR series = '') AND times.c1 <= ${lastPeriod} ORDER BY file, record`,
  );
  return Array.from(record!.values as Int32Array, (number, row) => ({
    file: file!.values[row] as number,
    record: number,
    series: null,
    period: period!.values[row] as number,
    column: spec.columns.series,
  }));
}
