import { fail } from "../kit/failure.js";
import type { ColumnType } from "./column.js";
import type { DuckDb } from "./duckdb.js";
import { locateRecords } from "./locate.js";
import type { TableFile } from "./table-file.js";
import { numberOfText, scannedTypes, typedCell } from "./table-scan.js";

/**
 * SQL for the cells `c0`, `c1`, … of a scan, each with the given type, or the type that its content shows.
 * @throws FailureError `data.unreadable` with the record of the first cell that is not of its given type
 */
export async function typeCells(
  db: DuckDb,
  tables: readonly TableFile[],
  scan: string,
  columns: readonly { readonly name: string; readonly type: ColumnType | null }[],
): Promise<string[]> {
  const found = await scannedTypes(db, scan);
  const guessed = await guessTypes(
    db,
    scan,
    columns.map(({ type }) => type),
    found,
  );
  const cells: string[] = [];
  for (const [index, { name, type: given }] of columns.entries()) {
    const cell = `c${index}`;
    const type = given ?? guessed[index]!;
    if (found[index] !== "VARCHAR") {
      const native = typedCell(found[index]!, cell);
      cells.push(native.type === type ? native.sql : `CAST(${native.sql} AS ${type})`);
    } else {
      const sql = textAs(type, cell);
      if (given !== null && given !== "VARCHAR") await refuseOdd(db, tables, scan, { name, cell, type, sql });
      cells.push(sql);
    }
  }
  return cells;
}

function textAs(type: ColumnType, cell: string): string {
  if (type === "VARCHAR") return cell;
  if (type === "DATE") return `TRY_CAST(${cell} AS DATE)`;
  return type === "DOUBLE" ? numberOfText(cell) : `TRY_CAST(${numberOfText(cell)} AS INTEGER)`;
}

/** Types of the columns that have none: text columns by what all their cells look like. */
async function guessTypes(
  db: DuckDb,
  scan: string,
  types: readonly (ColumnType | null)[],
  found: readonly string[],
): Promise<ColumnType[]> {
  const open = types.flatMap((type, index) => (type === null && found[index] === "VARCHAR" ? [index] : []));
  const guessed = found.map((duckType, index) => typedCell(duckType, `c${index}`).type);
  if (open.length === 0) return guessed;
  // An id such as 007 or a 20-digit number would not survive as DOUBLE.
  const number = (cell: string) =>
    `regexp_full_match(${cell}, '[+-]?(0|[1-9][0-9]{0,14})?([.][0-9]*)?([eE][+-]?[0-9]{1,3})?') AND isfinite(${numberOfText(cell)})`;
  const day = (cell: string) =>
    `regexp_full_match(${cell}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND TRY_CAST(${cell} AS DATE) IS NOT NULL`;
  const votes = open.flatMap((index) =>
    [number, day].map((test) => {
      const cell = `c${index}`;
      return `CAST(coalesce(bool_and(coalesce(${test(cell)}, false)) FILTER (${cell} IS NOT NULL), false) AS INTEGER)`;
    }),
  );
  const answers = await db.query(`SELECT ${votes.join(", ")} FROM (${scan})`);
  for (const [at, index] of open.entries()) {
    if (answers[at * 2]!.values[0] === 1) guessed[index] = "DOUBLE";
    else if (answers[at * 2 + 1]!.values[0] === 1) guessed[index] = "DATE";
  }
  return guessed;
}

async function refuseOdd(
  db: DuckDb,
  tables: readonly TableFile[],
  scan: string,
  column: { readonly name: string; readonly cell: string; readonly type: ColumnType; readonly sql: string },
): Promise<void> {
  const { name, cell, type, sql } = column;
  const [file, record, text] = await db.query(
    `SELECT file, record, ${cell} FROM (${scan}) WHERE ${cell} IS NOT NULL AND (${sql}) IS NULL ORDER BY file, record LIMIT 1`,
  );
  const number = record!.values[0] as number | undefined;
  if (number === undefined) return;
  const table = tables[file!.values[0] as number]!;
  const line = table.kind === "csv" ? (await locateRecords(table, [number])).get(number)!.line : null;
  const detail = `${name} is ${JSON.stringify(text!.values[0])}, expected ${EXPECTED[type]}`;
  fail({ code: "data.unreadable", retryable: false, file: table.path, line, detail });
}

const EXPECTED: Readonly<Record<ColumnType, string>> = {
  DATE: "a day such as 2025-04-01",
  DOUBLE: "a number",
  INTEGER: "a whole number",
  VARCHAR: "text",
};
