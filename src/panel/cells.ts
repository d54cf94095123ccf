import { quoteText } from "./sql.js";
import type { ScannedCell } from "./table-scan.js";

const WHOLE = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT|BOOLEAN)$/;
const FLOATING = /^(FLOAT|DOUBLE)$/;

export const isNumeric = (duckType: string): boolean =>
  WHOLE.test(duckType) || FLOATING.test(duckType) || duckType.startsWith("DECIMAL");

export const isDate = (duckType: string): boolean => duckType === "DATE" || duckType.startsWith("TIMESTAMP");

/** A cell as text: what it says, whatever the type. */
export const textOf = ({ sql, type }: ScannedCell): string =>
  type === "VARCHAR" ? sql : `CAST(${sql} AS VARCHAR)`;

/** The cells of one column in several files as text: numbers of several types are written as their common one, so that 7 and 7.0 are one. */
export function textsOf(cells: readonly ScannedCell[]): string[] {
  const isMixed =
    new Set(cells.map(({ type }) => type)).size > 1 && cells.every(({ type }) => isNumeric(type));
  const isFloating = isMixed && cells.some(({ type }) => FLOATING.test(type));
  return cells.map((cell) => (isFloating ? `CAST(CAST(${cell.sql} AS DOUBLE) AS VARCHAR)` : textOf(cell)));
}

/** A text as DOUBLE; NULL when it is not a number in plain notation (`12`, `-1.5`, `3e4`). */
export const numberOfText = (text: string): string =>
  // DuckDB also reads 1_000 as a number, which other readers of the same file do not.
  `CASE WHEN contains(${text}, '_') THEN NULL ELSE TRY_CAST(${text} AS DOUBLE) END`;

/** A cell as DOUBLE; NULL when it is empty, NaN or no number. */
export function numberOf(cell: ScannedCell): string {
  if (FLOATING.test(cell.type))
    return `CASE WHEN isnan(${cell.sql}) THEN NULL ELSE CAST(${cell.sql} AS DOUBLE) END`;
  return isNumeric(cell.type) ? `CAST(${cell.sql} AS DOUBLE)` : numberOfText(textOf(cell));
}

/** Whether a cell of numbers is there and not NaN, which pandas writes where a number is missing. */
export const hasValue = ({ sql, type }: ScannedCell): string =>
  FLOATING.test(type) ? `(${sql} IS NOT NULL AND NOT isnan(${sql}))` : `(${sql} IS NOT NULL)`;

/**
 * A time cell as text. Instants are written in UTC, with the zone that the file notes for them:
 * `2025-04-30 22:00:00Z[Europe/Berlin]`.
 */
export function timeText(cell: ScannedCell): string {
  if (cell.type !== "TIMESTAMP WITH TIME ZONE") return textOf(cell);
  const zone = cell.zone === null ? "" : `[${cell.zone}]`;
  return `CAST(make_timestamp(epoch_us(${cell.sql})) AS VARCHAR) || ${quoteText(`Z${zone}`)}`;
}
