import { type Calendar, periodLabel } from "../calendar/period.js";
import { fail } from "../kit/failure.js";
import type { DataSpec } from "../kit/specs.js";
import { encodeAttribute } from "./artifact.js";
import { calendarOf, lastPeriodOf } from "./calendar.js";
import { type DuckDb, quoteText, withDuckDb } from "./duckdb.js";
import { foldIds, type NearId, nearIds } from "./fold-ids.js";
import { type AheadCells, aheadGrid } from "./known-ahead.js";
import type { Panel } from "./panel.js";
import { periodOfText } from "./period-text.js";
import { sourceFiles, sourceNames } from "./source-files.js";
import { inspectTableFile, type TableFile } from "./table-file.js";
import {
  numberOfText,
  readingTables,
  requireColumns,
  scannedTypes,
  scanTables,
  typedCell,
} from "./table-scan.js";

/** A cell or a row in the user's data. */
interface SourceCell {
  /** Index into `SourcePanel.files`. */
  readonly file: number;
  /** Data record in the file, from 1. */
  readonly record: number;
  readonly series: string | null;
  readonly period: number | null;
  readonly column: string;
}

/** The user's rows up to the cutoff, as they are: keys may be double and cells unreadable until the checks have passed. */
export interface SourcePanel {
  /** Infinity in a number column is a cell that is no finite number; NaN an empty one. */
  readonly panel: Panel;
  readonly files: readonly TableFile[];
  /** Names of the files for people. */
  readonly names: readonly string[];
  /** Provenance, one a panel row. */
  readonly file: Int32Array;
  readonly record: Int32Array;
  /** Rows after the cutoff, which were left out. */
  readonly futureRows: number;
  /** Rows left out because their time cell is no period. */
  readonly unreadableTimes: readonly SourceCell[];
  /** Rows left out because they name no series. */
  readonly missingSeries: readonly SourceCell[];
  /** Attribute cells that differ from the series' first row. */
  readonly changedAttributes: readonly SourceCell[];
  /** Known features after the cutoff; null without any, or where none were asked for. */
  readonly aheadCells: AheadCells | null;
  /** Ids that differ only in what `data.ids` leaves open, the most frequent of each group first. */
  readonly nearIds: readonly (readonly NearId[])[];
}

/** Texts that stand for "no value" in a number column. */
const EMPTY_TEXTS = ["", "NA", "N/A", "NULL", "null"];

/**
 * Reads CSV, CSV.gz or Parquet as the runbook's `data:` section says. Rows after the cutoff stay in the database, but for
 * their known features.
 * @param options.cutoff ISO day
 * @param options.ahead periods after the cutoff whose known features are read; default: none
 * @throws FailureError `data.source-missing`, `data.lfs-pointer`, `data.empty`, `data.columns-missing`, `data.unreadable`,
 *   `data.no-rows-before-cutoff`
 */
export async function readSource(
  spec: DataSpec,
  options: { readonly cutoff: string; readonly fiscalYearStart: number; readonly ahead?: number },
): Promise<SourcePanel> {
  const roles = columnRoles(spec);
  const paths = await sourceFiles(spec);
  const inspect = { delimiter: spec.delimiter, wanted: [...roles.keys()] };
  const files = await Promise.all(paths.map((path) => inspectTableFile(path, inspect)));
  const calendar = calendarOf(spec, options.fiscalYearStart);
  return withDuckDb(async (db) => {
    await requireColumns(db, files, roles);
    await readingTables(files, () => importRows(db, files, spec));
    await foldIds(db, spec.ids ?? {});
    const lastPeriod = lastPeriodOf(options.cutoff, calendar);
    const times = await importPeriods(db, calendar, files);
    const unreadableTimes = await unreadableTimeRows(db, spec);
    if (times.length > 0 && times[0]! > lastPeriod && unreadableTimes.length === 0) {
      fail({
        code: "data.no-rows-before-cutoff",
        retryable: false,
        cutoff: options.cutoff,
        first: periodLabel(times[0]!, calendar),
        last: periodLabel(times.at(-1)!, calendar),
      });
    }
    await db.run(`CREATE VIEW kept AS SELECT raw.*, times.c1 AS period FROM raw JOIN times ON raw.time = times.c0
      WHERE times.c1 <= ${lastPeriod} AND series IS NOT NULL AND series <> ''`);
    const series = await importSeries(db);
    const rows = await keptRows(db, spec);
    const aheadCells = await knownAhead(db, spec, lastPeriod, options.ahead ?? 0);
    const ahead = aheadCells === null ? undefined : aheadGrid(aheadCells, series.length, lastPeriod);
    const changedAttributes: SourceCell[] = [];
    const attributes = spec.columns.attributes.map((name) => ({ name, labels: [] as string[] }));
    for (const [index, attribute] of attributes.entries()) {
      const read = await readAttribute(db, index, attribute.name, series);
      attribute.labels = read.labels;
      changedAttributes.push(...read.changed);
    }
    return {
      panel: {
        calendar,
        series,
        offsets: offsetsOf(rows.seriesOf, series.length),
        period: rows.period,
        target: rows.target,
        attributes: attributes.map(({ name, labels }) => encodeAttribute(name, labels)),
        known: rows.known,
        observed: rows.observed,
        ...(ahead === undefined ? {} : { ahead }),
        lastPeriod,
      },
      files,
      names: sourceNames(paths),
      file: rows.file,
      record: rows.record,
      futureRows: await count(db, `raw JOIN times ON raw.time = times.c0 WHERE times.c1 > ${lastPeriod}`),
      unreadableTimes,
      missingSeries: await missingSeriesRows(db, spec, lastPeriod),
      changedAttributes,
      aheadCells,
      nearIds: await nearIds(db, spec.ids ?? {}, lastPeriod + (options.ahead ?? 0)),
    };
  });
}

/** Column name → what the runbook calls it, in the order in which they are read. */
function columnRoles(spec: DataSpec): ReadonlyMap<string, string> {
  const { series, time, target } = spec.columns;
  const roles = new Map([
    [series, "series"],
    [time, "time"],
    [target, "target"],
  ]);
  for (const role of ["attributes", "known", "observed"] as const) {
    for (const column of spec.columns[role]) if (!roles.has(column)) roles.set(column, role);
  }
  return roles;
}

const numberColumns = (spec: DataSpec): readonly string[] => [
  spec.columns.target,
  ...spec.columns.known,
  ...spec.columns.observed,
];

/** Table `raw`: series, time (text), a0.. (attributes, '' for none), n0.. (target, known, observed), file, record. */
async function importRows(db: DuckDb, files: readonly TableFile[], spec: DataSpec): Promise<void> {
  const { series, time, attributes } = spec.columns;
  const numbers = numberColumns(spec);
  const columns = [series, time, ...attributes, ...numbers];
  const scan = scanTables(files, columns);
  const types = await scannedTypes(db, scan);
  const firstNumber = 2 + attributes.length;
  const inner = [
    // The driver drops a byte order mark at the start of a text, so an id that kept its own would find no dictionary entry.
    "ltrim(CAST(c0 AS VARCHAR), chr(65279)) AS series",
    `CAST(${types[1] === "VARCHAR" ? "c1" : typedCell(types[1]!, "c1").sql} AS VARCHAR) AS time`,
    ...attributes.map((_, index) => `coalesce(CAST(c${2 + index} AS VARCHAR), '') AS a${index}`),
    ...numbers.flatMap((_, index) => {
      const cell = `c${firstNumber + index}`;
      const typed = types[firstNumber + index]! !== "VARCHAR";
      return [
        `${cell} AS t${index}`,
        `${typed ? `CAST(${cell} AS DOUBLE)` : numberOfText(cell)} AS v${index}`,
      ];
    }),
    "file",
    "record",
  ];
  const outer = [
    "series",
    "time",
    ...attributes.map((_, index) => `a${index}`),
    ...numbers.map((_, index) => {
      const text = `trim(CAST(t${index} AS VARCHAR))`;
      const empty = `t${index} IS NULL OR ${text} IN (${EMPTY_TEXTS.map(quoteText).join(", ")})`;
      return `CASE WHEN isfinite(v${index}) THEN v${index} WHEN ${empty} THEN 'nan'::DOUBLE ELSE 'inf'::DOUBLE END AS n${index}`;
    }),
    "file",
    "CAST(record AS INTEGER) AS record",
  ];
  await db.run(
    `CREATE TABLE raw AS SELECT ${outer.join(", ")} FROM (SELECT ${inner.join(", ")} FROM (${scan}))`,
  );
}

/** Table `times`: c0 text, c1 period, for the texts that are periods. Answers the periods, rising. */
async function importPeriods(
  db: DuckDb,
  calendar: Calendar,
  files: readonly TableFile[],
): Promise<readonly number[]> {
  const distinct = await db.query("SELECT DISTINCT time FROM raw");
  const texts = distinct[0]!.values as (string | null)[];
  if (texts.length === 0) fail({ code: "data.empty", retryable: false, file: files[0]!.path });
  const known: string[] = [];
  const periods: number[] = [];
  for (const text of texts) {
    const period = text === null ? null : periodOfText(text, calendar);
    if (period === null) continue;
    known.push(text!);
    periods.push(period);
  }
  await db.load("times", [
    { name: "text", type: "VARCHAR", values: known },
    { name: "period", type: "INTEGER", values: Int32Array.from(periods) },
  ]);
  return periods.sort((a, b) => a - b);
}

/** Table `ids`: c0 series id, c1 its place in the dictionary, which is in code unit order (DuckDB sorts by UTF-8 bytes). */
async function importSeries(db: DuckDb): Promise<readonly string[]> {
  const series = ((await db.query("SELECT DISTINCT series FROM kept"))[0]!.values as string[]).sort();
  await db.load("ids", [
    { name: "series", type: "VARCHAR", values: series },
    { name: "code", type: "INTEGER", values: Int32Array.from(series, (_, index) => index) },
  ]);
  return series;
}

interface KeptRows {
  readonly seriesOf: Int32Array;
  readonly period: Int32Array;
  readonly file: Int32Array;
  readonly record: Int32Array;
  readonly target: Float64Array;
  readonly known: Record<string, Float64Array>;
  readonly observed: Record<string, Float64Array>;
}

async function keptRows(db: DuckDb, spec: DataSpec): Promise<KeptRows> {
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
async function knownAhead(
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

/** The label of every series (its first row's), and the cells that say something else. */
async function readAttribute(
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

async function unreadableTimeRows(db: DuckDb, spec: DataSpec): Promise<SourceCell[]> {
  const [file, record, series] = await db.query(
    `SELECT file, record, series FROM raw WHERE time IS NULL OR time NOT IN (SELECT c0 FROM times) ORDER BY file, record`,
  );
  return Array.from(record!.values as Int32Array, (number, row) => ({
    file: file!.values[row] as number,
    record: number,
    series: series!.values[row] as string | null,
    period: null,
    column: spec.columns.time,
  }));
}

async function missingSeriesRows(db: DuckDb, spec: DataSpec, lastPeriod: number): Promise<SourceCell[]> {
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

async function count(db: DuckDb, from: string): Promise<number> {
  return (await db.query(`SELECT count(*) FROM ${from}`))[0]!.values[0] as number;
}

function offsetsOf(seriesOf: Int32Array, series: number): Int32Array {
  const offsets = new Int32Array(series + 1);
  for (const code of seriesOf) offsets[code + 1]!++;
  for (let s = 0; s < series; s++) offsets[s + 1]! += offsets[s]!;
  return offsets;
}
