import { type Calendar, periodLabel } from "../../calendar/period.js";
import { textOf as cellText } from "../cells.js";
import type { Column } from "../column.js";
import { withDuckDb } from "../duckdb.js";
import { type LocatedRecord, locateRecords } from "../locate.js";
import { readingTables } from "../reading.js";
import type { SourcePanel } from "../source.js";
import type { TableFile } from "../table-file.js";
import { scanTable } from "../table-scan.js";
import type { Check, Finding } from "./check.js";

/** A finding as the user's file shows it. */
export interface LocatedFinding extends Finding {
  readonly check: string;
  /** Line of a CSV file, row of a Parquet file, both from 1 (the header of a CSV is line 1). */
  readonly line: number | null;
  /** The text that stands in the cell, or null when the cell is empty or there is none. */
  readonly text: string | null;
}

/** Looks the findings of the checks up in the files, one pass over each file that has any. Order is kept. */
export async function locateFindings(
  source: SourcePanel,
  checks: readonly Check[],
): Promise<LocatedFinding[]> {
  const findings = checks.flatMap(({ id, findings }) =>
    findings.map((finding) => ({ ...finding, check: id })),
  );
  const cells = new Map<number, CellReader>();
  for (const file of new Set(findings.flatMap((finding) => finding.file ?? []))) {
    const own = findings.filter((finding) => finding.file === file);
    cells.set(file, await cellReader(source.files[file]!, own));
  }
  return findings.map((finding) => {
    const { file, record, column, value } = finding;
    const cell = file === null || record === null ? null : cells.get(file)!(record, column);
    return { ...finding, line: cell?.line ?? null, text: value ?? cell?.text ?? null };
  });
}

/** `failures.csv`: file, line, series, period, column, value, check. */
export function failureColumns(source: SourcePanel, findings: readonly LocatedFinding[]): Column[] {
  const text = (name: string, cell: (finding: LocatedFinding) => string | null): Column => ({
    name,
    type: "VARCHAR",
    values: findings.map(cell),
  });
  return [
    text("file", ({ file }) => (file === null ? null : source.names[file]!)),
    text("line", ({ line }) => (line === null ? null : String(line))),
    text("series", ({ series }) => series),
    text("period", ({ period }) => labelOf(period, source.panel.calendar)),
    text("column", ({ column }) => column),
    text("value", ({ text: value }) => value),
    text("check", ({ check }) => check),
  ];
}

/** e.g. `demand.csv:12: P003, 2025-04: rooms is "-3"` */
export function describeFinding(source: SourcePanel, finding: LocatedFinding): string {
  const { file, line, series, period, column, text } = finding;
  const place = file === null ? [] : [placeText(source.names[file]!, source.files[file]!, line)];
  const key = [series, labelOf(period, source.panel.calendar)].filter((part) => part !== null).join(", ");
  const what = file === null ? text! : `${column} is ${text === null ? "empty" : JSON.stringify(text)}`;
  return [...place, ...(key === "" ? [] : [key]), what].join(": ");
}

const labelOf = (period: number | null, calendar: Calendar): string | null =>
  period === null ? null : periodLabel(period, calendar);

const placeText = (name: string, file: TableFile, line: number | null): string =>
  file.kind === "csv" ? `${name}:${line}` : `${name}, row ${line}`;

type CellReader = (record: number, column: string) => { line: number; text: string | null };

async function cellReader(file: TableFile, findings: readonly Finding[]): Promise<CellReader> {
  const records = findings.map(({ record }) => record!);
  if (file.kind === "csv") {
    const located = await locateRecords(file, records);
    return (record, column) => {
      const { line, fields } = located.get(record) as LocatedRecord;
      return { line, text: fields[file.header.indexOf(column)] || null };
    };
  }
  const columns = [...new Set(findings.map(({ column }) => column))];
  const cells = await parquetCells(file, columns, records);
  return (record, column) => ({ line: record, text: cells.get(column)!.get(record) ?? null });
}

async function parquetCells(
  file: TableFile,
  columns: readonly string[],
  records: readonly number[],
): Promise<ReadonlyMap<string, ReadonlyMap<number, string | null>>> {
  return withDuckDb(async (db) => {
    await db.load("wanted", [{ name: "record", type: "INTEGER", values: Int32Array.from(new Set(records)) }]);
    const { rows: table, record, cell } = scanTable(file, file.path);
    const list = columns.map((column) => cellText(cell(column)));
    const rows = await readingTables([file], [file.path], () =>
      db.query(
        `SELECT ${[record, ...list].join(", ")} FROM ${table} WHERE ${record} IN (SELECT c0 FROM wanted)`,
      ),
    );
    const numbers = rows[0]!.values as Float64Array;
    const textOf = (index: number) =>
      new Map(Array.from(numbers, (record, row) => [record, rows[1 + index]!.values[row] as string | null]));
    return new Map(columns.map((column, index) => [column, textOf(index)]));
  });
}
