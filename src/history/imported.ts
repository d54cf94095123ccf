import { type Calendar, periodEnd, periodStart } from "../calendar/period.js";
import { parseQuarter } from "../calendar/quarter.js";
import { timeColumn } from "../calendar/time-column.js";
import type { TimeText } from "../calendar/time-forms.js";
import { quarterOfWords } from "../calendar/time-words.js";
import { fail } from "../kit/failure.js";
import { fromText } from "../panel/csv-cells.js";
import { withDuckDb } from "../panel/duckdb.js";
import { doubtfulTimes, periodOfTime } from "../panel/period-text.js";
import { type Column, describeTable, readTable } from "../panel/table.js";
import { readByFormat } from "../panel/time-format.js";
import type { SnapshotRows } from "./snapshot-rows.js";

/** Names of the columns in the files. */
export interface ImportColumns {
  readonly series: string;
  readonly period: string;
  readonly forecast: string;
  /** Last day (or month, or quarter) that the forecast had seen. */
  readonly cutoff: string;
  /** Read where the file has them. */
  readonly lo: string;
  readonly hi: string;
  readonly model: string;
}

export const IMPORT_COLUMNS: ImportColumns = {
  series: "series",
  period: "period",
  forecast: "forecast",
  cutoff: "cutoff",
  lo: "lo",
  hi: "hi",
  model: "model",
};

/** A forecast that another process made: the rows of one file with one cutoff. */
export interface ImportedSnapshot {
  /** Path of the file as given. */
  readonly source: string;
  /** ISO day: the last day of the period that the file's cutoff lies in. */
  readonly cutoff: string;
  /** What the file calls its model, or null. */
  readonly version: string | null;
  readonly rows: SnapshotRows;
}

/**
 * Reads forecasts from CSV, Parquet or Excel files. Lead times count from the `cutoff` of the row. Periods and cutoffs are written as those of a
 * panel may be: days, months or quarters.
 * @param level nominal level of `lo` and `hi`, or null when it is not known: then they are left out
 * @returns latest cutoff first; those of one cutoff in the order of files and rows
 * @throws FailureError `snapshot.unreadable` with file and line for the first bad row, and what `readTable` throws
 */
export async function importedSnapshots(
  files: readonly string[],
  options: ImportOptions & { readonly level: number | null },
): Promise<ImportedSnapshot[]> {
  const snapshots: ImportedSnapshot[] = [];
  for (const file of files) {
    const groups = groupRows(await parseRows(file, await readImport(file, options), options));
    for (const rows of groups) snapshots.push(snapshotOf(file, rows, options.level, options.calendar));
  }
  return snapshots.sort((a, b) => (a.cutoff < b.cutoff ? 1 : a.cutoff > b.cutoff ? -1 : 0));
}

const REQUIRED = ["series", "period", "forecast", "cutoff"] as const;

/** The columns that the file has, as text, so that a bad cell is found here, with its line, and not turned into a null on the way. */
async function readImport(file: string, { columns, encoding }: ImportOptions): Promise<readonly Column[]> {
  const form = { expected: REQUIRED.map((role) => columns[role]), otherwise: encoding };
  const { kind, names } = await describeTable(file, form);
  for (const role of REQUIRED) {
    if (!names.includes(columns[role]))
      bad(file, 0, `no column ${columns[role]} (the ${role}); the file has ${names.join(", ")}`);
  }
  const wanted = [...new Set(Object.values(columns))].filter((name) => names.includes(name));
  const read = await readTable(
    file,
    wanted.map((name) => ({ name, type: "VARCHAR" })),
    form,
  );
  return kind === "csv" ? read.map(fromCsv) : read;
}

/** As they were before a program like ours wrote them for spreadsheets. */
const fromCsv = (column: Column): Column => ({
  ...column,
  values: (column.values as readonly (string | null)[]).map((text) =>
    text === null ? null : fromText(text),
  ),
});

interface ImportOptions {
  readonly columns: ImportColumns;
  readonly calendar: Calendar;
  /** As `data.timeZone` */
  readonly timeZone?: string | undefined;
  /** As `data.timeFormat`; a column that it cannot read is read as its cells tell. */
  readonly timeFormats?: readonly string[] | undefined;
  /** As `data.encoding`, for files that are not UTF-8: another program than that of the panel may have written them. */
  readonly encoding?: string | undefined;
}

type Cells = readonly (string | null)[];

interface Row {
  readonly series: string;
  readonly period: number;
  readonly cutoff: number;
  readonly forecast: number;
  /** NaN when there is none. */
  readonly lo: number;
  readonly hi: number;
  readonly model: string | null;
}

async function parseRows(file: string, table: readonly Column[], options: ImportOptions): Promise<Row[]> {
  const { columns } = options;
  const read = (role: keyof ImportColumns) =>
    (table.find(({ name }) => name === columns[role])?.values ?? []) as Cells;
  const [series, period, forecast, cutoff] = REQUIRED.map(read) as [Cells, Cells, Cells, Cells];
  const [lo, hi, model] = [read("lo"), read("hi"), read("model")];

  const periodOf = await periodReader(file, columns.period, period, options);
  const cutoffOf = await periodReader(file, columns.cutoff, cutoff, options);
  const seen = new Set<string>();
  return series.map((id, index) => {
    const at = index + 1;
    const row: Row = {
      series: id === null || id === "" ? bad(file, at, `${columns.series} is empty`) : id,
      period: periodOf(at),
      cutoff: cutoffOf(at),
      forecast: numberOf(file, at, columns.forecast, forecast[index] ?? null),
      lo: lo[index] ? numberOf(file, at, columns.lo, lo[index]) : Number.NaN,
      hi: hi[index] ? numberOf(file, at, columns.hi, hi[index]) : Number.NaN,
      model: model[index] || null,
    };
    if (row.period <= row.cutoff) {
      bad(file, at, `${columns.period} ${period[index]} is not after ${columns.cutoff} ${cutoff[index]}`);
    }
    if (Number.isNaN(row.lo) !== Number.isNaN(row.hi)) {
      bad(file, at, `${columns.lo} and ${columns.hi} must both have a number or both be empty`);
    }
    if (row.lo > row.hi) bad(file, at, `${columns.lo} ${row.lo} is above ${columns.hi} ${row.hi}`);
    const key = JSON.stringify([row.series, row.period, row.cutoff, row.model]);
    if (seen.has(key)) {
      bad(file, at, `a second forecast of series ${row.series} for ${period[index]} with one cutoff`);
    }
    seen.add(key);
    return row;
  });
}

function groupRows(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.cutoff, row.model]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function snapshotOf(
  source: string,
  rows: readonly Row[],
  level: number | null,
  calendar: Calendar,
): ImportedSnapshot {
  const hasIntervals = level !== null && rows.some((row) => !Number.isNaN(row.lo));
  const lo = Float64Array.from(rows, (row) => row.lo);
  const hi = Float64Array.from(rows, (row) => row.hi);
  return {
    source,
    cutoff: periodEnd(rows[0]!.cutoff, calendar),
    version: rows[0]!.model,
    rows: {
      series: rows.map((row) => row.series),
      period: rows.map((row) => periodStart(row.period, calendar)),
      lead: Int32Array.from(rows, (row) => row.period - row.cutoff),
      forecast: Float64Array.from(rows, (row) => row.forecast),
      intervals: hasIntervals ? [{ level, lo, hi }] : [],
    },
  };
}

/**
 * The period of each row's cell, by the number of the row.
 * @throws FailureError `snapshot.unreadable` for cells that have several readings
 */
async function periodReader(
  file: string,
  column: string,
  texts: Cells,
  options: ImportOptions,
): Promise<(at: number) => number> {
  const { calendar } = options;
  const timeZone = options.timeZone ?? null;
  // The last day of a quarter lies in the last month of it, and in the quarter itself.
  const day = (text: string) =>
    parseQuarter(quarterOfWords(text.trim()) ?? "", calendar.fiscalYearStart)?.cutoff ?? text;
  const cells = texts.map((text) => day(text ?? ""));
  const read = await textReader(file, column, cells, options);
  const times = cells.map((cell) => {
    const time = read(cell);
    return time === null ? null : periodOfTime(time, calendar, timeZone);
  });
  const doubt = doubtfulTimes(
    times.map((time) => time?.cell ?? null),
    timeZone,
  );
  if (doubt !== null) {
    const detail = `${column} is "${texts[doubt.example]}": in another time zone that is the ${doubt.other} month; write months such as 2025-04, or name the zone in data.timeZone`;
    bad(file, doubt.example + 1, detail);
  }
  return (at) =>
    times[at - 1]?.period ??
    bad(file, at, `${column} is "${texts[at - 1] ?? ""}", expected a day such as 2025-04-01`);
}

async function textReader(
  file: string,
  column: string,
  cells: readonly string[],
  { timeFormats, calendar }: ImportOptions,
): Promise<(cell: string) => TimeText | null> {
  const distinct = [...new Set(cells)];
  if (timeFormats !== undefined) {
    const told = await withDuckDb((db) => readByFormat(db, distinct, timeFormats), { threads: 1 });
    if (distinct.every((cell) => told.has(cell))) return (cell) => told.get(cell)!;
  }
  const { read, doubt } = timeColumn(distinct, calendar.frequency);
  if (doubt === null) return read;
  const means = doubt.readings.map((reading) => reading.means).join(" or ");
  const detail = `${column} is "${doubt.text}", which may be ${means}; write days such as 2025-04-01, or name the form in data.timeFormat`;
  return bad(file, cells.findIndex((cell) => cell.trim() === doubt.text) + 1, detail);
}

function numberOf(file: string, at: number, column: string, text: string | null): number {
  const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text ?? "") ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : bad(file, at, `${column} is "${text ?? ""}", expected a number`);
}

/** `at` counts data rows from 1; 0 is the header. Parquet has rows and no lines. */
function bad(file: string, at: number, detail: string): never {
  const isParquet = /\.parquet$/i.test(file);
  return fail({
    code: "snapshot.unreadable",
    retryable: false,
    file,
    line: isParquet ? null : at + 1,
    detail: isParquet && at > 0 ? `row ${at}: ${detail}` : detail,
  });
}
