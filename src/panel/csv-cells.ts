/** How text cells of CSV files for people are written. */
export type CsvFormulas = "text" | "keep";

/** Signs that begin a formula, also in the widths that East Asian keyboards give; spreadsheets read those as the plain ones. */
const FORMULA = /^[\s'"\p{Cf}\p{Cc}]*[=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]/u;
/** Spreadsheets drop these, and what follows begins the cell. */
const DROPPED = /^'*[\t\r\n]/;
/** Runs nothing, and is to stay one. */
const NUMBER = /^[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?%?$/;

const wouldRun = (text: string): boolean => (FORMULA.test(text) || DROPPED.test(text)) && !NUMBER.test(text);

/** A text that a spreadsheet would run as a formula gets an apostrophe in front, by which it shows it as text. */
export const asText = (text: string): string => (wouldRun(text) ? `'${text}` : text);

/** Undoes `asText`. */
export const fromText = (cell: string): string =>
  cell.startsWith("'") && wouldRun(cell.slice(1)) ? cell.slice(1) : cell;

/** One field of RFC 4180: numbers in their shortest form that reads back equal, null as nothing, the empty text as `""`. */
export function csvField(value: string | number | null, formulas: CsvFormulas): string {
  if (value === null || Number.isNaN(value)) return "";
  if (typeof value === "number") return String(value);
  const text = formulas === "keep" ? value : asText(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
