import { fail } from "../kit/failure.js";
import { isDate, isNumeric, numberOf, textOf, timeText } from "./cells.js";
import type { ColumnType } from "./column.js";
import type { DuckDb } from "./duckdb.js";
import { lineOf } from "./places.js";
import type { TableFile } from "./table-file.js";
import type { ScannedCell, ScannedTable } from "./table-scan.js";
import { unreadable } from "./text-form.js";

/** A column to read, with the type that its values get: nothing is guessed from what they look like. */
export interface TypedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** SQL of a cell as the given type, or null where no cell of that type in the file can be read so. */
export function typedCell(cell: ScannedCell, type: ColumnType): string | null {
  const isText = !isNumeric(cell.type) && !isDate(cell.type);
  switch (type) {
    case "VARCHAR":
      return timeText(cell);
    case "DATE":
      return isDate(cell.type)
        ? inRange(cell.type === "TIMESTAMP WITH TIME ZONE" ? utcDay(cell) : `CAST(${cell.sql} AS DATE)`)
        : isText
          ? inRange(`TRY_CAST(${textOf(cell)} AS DATE)`)
          : null;
    case "DOUBLE":
      return isDate(cell.type) ? null : numberOf(cell);
    case "INTEGER": {
      if (isDate(cell.type)) return null;
      const number = numberOf(cell);
      return `CASE WHEN ${number} = trunc(${number}) THEN TRY_CAST(${number} AS INTEGER) END`;
    }
  }
}

const utcDay = ({ sql }: ScannedCell): string => `CAST(make_timestamp(epoch_us(${sql})) AS DATE)`;

/** Days of four-digit years: others have no ISO form. */
const inRange = (day: string): string => `CASE WHEN year(${day}) BETWEEN 1 AND 9999 THEN ${day} END`;

/**
 * @throws FailureError `data.unreadable` with the record of the first cell that is not of its type
 */
export async function requireTypes(
  db: DuckDb,
  table: TableFile,
  scanned: ScannedTable,
  columns: readonly TypedColumn[],
): Promise<void> {
  for (const { name, type } of columns) {
    const cell = scanned.cell(name);
    if (type === "VARCHAR" || (cell.type === type && type !== "DATE")) continue;
    const sql = typedCell(cell, type);
    if (sql === null) {
      fail(unreadable(table.path, null, `${name} is ${cell.type}, expected ${EXPECTED[type]}`));
    }
    // What a number column cannot hold is NaN, and missing.
    const isThere = isNumeric(cell.type) ? `${numberOf(cell)} IS NOT NULL` : `${cell.sql} IS NOT NULL`;
    const [record, text] = await db.query(
      `SELECT ${scanned.record}, ${textOf(cell)} FROM ${scanned.rows} WHERE ${isThere} AND (${sql}) IS NULL ORDER BY 1 LIMIT 1`,
    );
    const number = record!.values[0] as number | undefined;
    if (number === undefined) continue;
    const line = await lineOf(table, number);
    const detail = `${name} is ${JSON.stringify(text!.values[0])}, expected ${EXPECTED[type]}`;
    fail(unreadable(table.path, line, line === null ? `row ${number}: ${detail}` : detail));
  }
}

const EXPECTED: Readonly<Record<ColumnType, string>> = {
  DATE: "a day such as 2025-04-01",
  DOUBLE: "a number",
  INTEGER: "a whole number",
  VARCHAR: "text",
};
