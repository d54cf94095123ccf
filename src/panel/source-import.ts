import type { Calendar } from "../calendar/period.js";
import { fail } from "../kit/failure.js";
import type { DataSpec } from "../kit/specs.js";
import { hasValue, isDate, isNumeric, numberOf, textOf, textsOf, timeText } from "./cells.js";
import type { DuckDb } from "./duckdb.js";
import { quoteText } from "./sql.js";
import { columnNames, type ScannedCell, type ScannedTable, scanTable } from "./table-scan.js";
import { type SourceTimes, timesOf } from "./time-texts.js";
import { rolesInFile, type ShapedFile, scanUnpivoted } from "./unpivot.js";

/** Texts that stand for "no value" in a number column. */
const EMPTY_TEXTS = ["", "NA", "N/A", "NULL", "null"];

export const numberColumns = (spec: DataSpec): readonly string[] => [
  spec.columns.target,
  ...spec.columns.known,
  ...spec.columns.observed,
];

/** Text columns with one value a series: the attributes, and the label. */
export const labelColumns = ({ columns: { attributes, label } }: DataSpec): readonly string[] => [
  ...attributes,
  ...(label === undefined ? [] : [label]),
];

/**
 * Table `raw`: series, time (text), a0.. (attributes and label, '' for none), n0.. (target, known, observed: NaN where empty, Infinity for what is no finite
 * number), file, record.
 * @param paths the text of each table as DuckDB reads it
 */
export async function importRows(
  db: DuckDb,
  tables: readonly ShapedFile[],
  paths: readonly string[],
  spec: DataSpec,
): Promise<void> {
  const scans = tables.map((table, index) => scanShaped(table, paths[index]!, spec));
  const texts = (name: string) => textsOf(scans.map((scanned) => scanned.cell(name)));
  const ids = idTexts(spec, texts);
  const times = timeTexts(spec, scans);
  const labels = labelColumns(spec).map(texts);
  const selects = scans.map((scanned, index) => {
    const cells = [
      // The driver drops a byte order mark at the start of a text, so an id that kept its own would find no dictionary entry.
      `ltrim(${ids(index)}, chr(65279)) AS series`,
      `${times(index)} AS time`,
      ...labels.map((cells, a) => `coalesce(${cells[index]}, '') AS a${a}`),
      ...numberColumns(spec).map((name, n) => `${finite(scanned.cell(name))} AS n${n}`),
      `${index} AS file`,
      `CAST(${scanned.record} AS INTEGER) AS record`,
    ];
    return `SELECT ${cells.join(", ")} FROM ${scanned.rows}`;
  });
  await db.run(`CREATE TABLE raw AS ${selects.join(" UNION ALL ")}`);
}

function scanShaped(table: ShapedFile, path: string, spec: DataSpec): ScannedTable {
  const scanned = scanTable(table, path);
  const { unpivot } = table;
  if (unpivot === undefined) return scanned;
  const { series, time, target } = spec.columns;
  const made = { name: unpivot.names === "series" ? series : time, value: target };
  return scanUnpivoted(scanned, columnNames(table), unpivot, [...rolesInFile(spec).keys()], made);
}

/** Between the texts of columns that make one id. */
const ID_SEPARATOR = " / ";

/** SQL of the id by file; that of a table that is one series is the name of its target. */
function idTexts(
  { columns, parts }: DataSpec,
  texts: (name: string) => readonly string[],
): (file: number) => string {
  if (parts?.series === undefined) {
    const ids = texts(columns.series);
    return (file) => ids[file]!;
  }
  const own = parts.series.map(texts);
  if (own.length === 0) return () => quoteText(columns.target);
  return (file) => own.map((cells) => cells[file]).join(` || ${quoteText(ID_SEPARATOR)} || `);
}

/** SQL of the time's text by file; of several columns, such as year and month, with a blank between them. */
function timeTexts({ columns, parts }: DataSpec, scans: readonly ScannedTable[]): (file: number) => string {
  const { time } = parts ?? {};
  if (time === undefined) return (file) => timeText(scans[file]!.cell(columns.time));
  // Numbers of years and months may be floating ones.
  const part = (file: number, name: string) =>
    `regexp_replace(${textOf(scans[file]!.cell(name))}, '\\.0+$', '')`;
  return (file) => time.map((name) => part(file, name)).join(" || ' ' || ");
}

/** Whether the times of a file are dates by their type. */
function datesOf(table: ShapedFile, { columns, parts }: DataSpec): "all" | "some" | "none" {
  if (table.kind === "sheet") return "some";
  if (table.kind === "csv" || table.unpivot?.names === "time" || parts?.time !== undefined) return "none";
  return isDate(scanTable(table, table.path).cell(columns.time).type) ? "all" : "none";
}

function finite(cell: ScannedCell): string {
  const number = numberOf(cell);
  const isEmpty = isNumeric(cell.type)
    ? `NOT ${hasValue(cell)}`
    : `${cell.sql} IS NULL OR trim(${textOf(cell)}) IN (${EMPTY_TEXTS.map(quoteText).join(", ")})`;
  return `CASE WHEN isfinite(${number}) THEN ${number} WHEN ${isEmpty} THEN 'nan'::DOUBLE ELSE 'inf'::DOUBLE END`;
}

/** Table `times`: c0 text, c1 period, c2 day (−1 for none), for the texts that are periods. */
export async function importTimes(
  db: DuckDb,
  tables: readonly ShapedFile[],
  spec: DataSpec,
  calendar: Calendar,
): Promise<SourceTimes> {
  const [file, text] = await db.query("SELECT DISTINCT file, time FROM raw ORDER BY file, time");
  if (text!.values.length === 0) fail({ code: "data.empty", retryable: false, file: tables[0]!.path });
  const found = {
    texts: text!.values as (string | null)[],
    files: file!.values as Int32Array,
    dates: tables.map((table) => datesOf(table, spec)),
  };
  const times = await timesOf(db, found, spec, calendar);
  const known = [...times.known];
  await db.load("times", [
    { name: "text", type: "VARCHAR", values: known.map(([each]) => each) },
    { name: "period", type: "INTEGER", values: Int32Array.from(known, ([, { period }]) => period) },
    { name: "day", type: "INTEGER", values: Int32Array.from(known, ([, { day }]) => day ?? -1) },
  ]);
  return times;
}

/** Table `ids`: c0 series id, c1 its place in the dictionary, which is in code unit order (DuckDB sorts by UTF-8 bytes). */
export async function importSeries(db: DuckDb): Promise<readonly string[]> {
  const series = ((await db.query("SELECT DISTINCT series FROM kept"))[0]!.values as string[]).sort();
  await db.load("ids", [
    { name: "series", type: "VARCHAR", values: series },
    { name: "code", type: "INTEGER", values: Int32Array.from(series, (_, index) => index) },
  ]);
  return series;
}
