import { type Calendar, periodLabel } from "../../calendar/period.js";
import { textOf as cellText } from "../cells.js";
import type { Column } from "../column.js";
import { withDuckDb } from "../duckdb.js";
import { type LocatedRecord, locateRecords } from "../locate.js";
import { readingTables } from "../reading.js";
import type { SourcePanel } from "../source.js";
import type { TableFile } from "../table-file.js";
import { columnNames, scanTable } from "../table-scan.js";
import { cellOfRecord, type ShapedFile } from "../unpivot.js";
import { columnLetters, sheetCell, sheetRow } from "../workbook.js";
import type { Check, Finding } from "./check.js";

/** A finding as the user's file shows it. */
export interface LocatedFinding extends Finding {
  readonly check: string;
  /** Line of a CSV file, row of a sheet or of a Parquet file, all from 1 (the header of a CSV is line 1). */
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
    cells.set(file, await cellReader(source.files[file]!, own, source.panel.targetName));
  }
  return findings.map((finding) => {
    const { file, record, value } = finding;
    const cell = file === null || record === null ? null : cells.get(file)!(finding);
    const column = cell?.column ?? finding.column;
    return { ...finding, column, line: cell?.line ?? null, text: value ?? cell?.text ?? null };
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
  const place = file === null ? [] : [placeText(source.names[file]!, source.files[file]!, line, column)];
  const key = [series, labelOf(period, source.panel.calendar)].filter((part) => part !== null).join(", ");
  const what = file === null ? text! : `${column} is ${text === null ? "empty" : JSON.stringify(text)}`;
  return [...place, ...(key === "" ? [] : [key]), what].join(": ");
}

const labelOf = (period: number | null, calendar: Calendar): string | null =>
  period === null ? null : periodLabel(period, calendar);

function placeText(name: string, file: TableFile, line: number | null, column: string): string {
  if (file.kind === "csv") return `${name}:${line}`;
  if (file.kind === "parquet") return `${name}, row ${line}`;
  const at = file.header.indexOf(column);
  return at < 0
    ? `${name}, ${file.sheet}, row ${line}`
    : `${name}, ${file.sheet}!${columnLetters(at)}${line}`;
}

/** Where a finding stands in its file, and what is there; `column` is that of the file. */
type CellReader = (finding: Finding) => { line: number; column: string; text: string | null };

async function cellReader(
  file: ShapedFile,
  findings: readonly Finding[],
  target: string | undefined,
): Promise<CellReader> {
  const header = columnNames(file);
  // The values of a wide table stand under its ids or periods, which are in the header.
  const placed = (finding: Finding): { record: number; column: string } => {
    const { record, column } = cellOfRecord(file, finding.record!);
    const isMade = finding.column === target || !header.includes(finding.column);
    return { record, column: column !== null && isMade ? header[column]! : finding.column };
  };
  const places = findings.map(placed);
  const records = places.map(({ record }) => record);
  if (file.kind === "sheet") {
    return (finding) => {
      const { record, column } = placed(finding);
      return { line: sheetRow(file, record), column, text: sheetCell(file, record, column) };
    };
  }
  if (file.kind === "csv") {
    const located = await locateRecords(file, records);
    return (finding) => {
      const { record, column } = placed(finding);
      const { line, fields } = located.get(record) as LocatedRecord;
      return { line, column, text: fields[header.indexOf(column)] || null };
    };
  }
  const columns = [...new Set(places.map(({ column }) => column))].filter((name) => header.includes(name));
  const cells = await parquetCells(file, columns, records);
  return (finding) => {
    const { record, column } = placed(finding);
    return { line: record, column, text: cells.get(column)?.get(record) ?? null };
  };
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
