import { type Calendar, periodEnd, periodLabel } from "../calendar/period.js";
import { quarterOfDay } from "../calendar/quarter.js";
import { fail } from "../kit/failure.js";
import type { DataSpec } from "../kit/specs.js";
import { encodeAttribute } from "./artifact.js";
import { calendarOf, lastPeriodOf } from "./calendar.js";
import { type DuckDb, withDuckDb } from "./duckdb.js";
import { foldIds, type NearId, nearIds } from "./fold-ids.js";
import { type AheadCells, aheadGrid } from "./known-ahead.js";
import type { Panel } from "./panel.js";
import { withReadableText } from "./readable-text.js";
import { readingTables } from "./reading.js";
import { missingSeriesRows, readAttribute, type SourceCell, unreadableTimeRows } from "./source-cells.js";
import { sourceFiles, sourceNames } from "./source-files.js";
import { importRows, importSeries, importTimes, labelColumns } from "./source-import.js";
import { keptRows, knownAhead } from "./source-rows.js";
import { type FlaggedRows, requireMonths, takeFlagged } from "./source-times.js";
import { inspectTableFile, type TableFile } from "./table-file.js";
import { requireColumns } from "./table-scan.js";
import {
  cellOfRecord,
  expectedNames,
  rolesInFile,
  type ShapedFile,
  settledWide,
  unpivotOf,
} from "./unpivot.js";

/** The user's rows up to the cutoff, as they are: keys may be double and cells unreadable until the checks have passed. */
export interface SourcePanel {
  /** Infinity in a number column is a cell that is no finite number; NaN an empty one. */
  readonly panel: Panel;
  readonly files: readonly ShapedFile[];
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
  /** Rows whose time cell has a flag that the runbook names. */
  readonly flagged: FlaggedRows;
}

/**
 * Reads CSV, CSV.gz, Parquet or Excel sheets as the runbook's `data:` section says. Rows after the cutoff stay in the database, but for
 * their known features.
 * @param options.cutoff ISO day; null for the end of the last quarter that the data reaches the end of
 * @param options.ahead periods after the cutoff whose known features are read; default: none
 * @throws FailureError `data.source-missing`, `data.source-not-a-file`, `data.lfs-pointer`, `data.empty`, `data.columns-missing`,
 *   `data.unreadable`, `data.no-rows-before-cutoff`, `data.times-ambiguous`, `data.dates-ambiguous`, `data.dates-not-monthly`
 */
export async function readSource(
  given: DataSpec,
  options: { readonly cutoff: string | null; readonly fiscalYearStart: number; readonly ahead?: number },
): Promise<SourcePanel> {
  const paths = await sourceFiles(given);
  const calendar = calendarOf(given, options.fiscalYearStart);
  return withDuckDb(async (db) => {
    const { spec, files } = await shapedFiles(db, paths, given);
    await withReadableText(files, (texts) =>
      readingTables(files, texts, () => importRows(db, files, texts, spec)),
    );
    await foldIds(db, spec.ids ?? {});
    const times = await importTimes(db, files, spec, calendar);
    const cutoff = options.cutoff ?? (await lastQuarterEnd(db, calendar));
    const lastPeriod = lastPeriodOf(cutoff, calendar);
    const flagged = await takeFlagged(db, times);
    const unreadableTimes = await unreadableTimeRows(db, spec);
    const periods = [...times.known.values()].map(({ period }) => period).sort((a, b) => a - b);
    if (periods.length > 0 && periods[0]! > lastPeriod && unreadableTimes.length === 0) {
      fail({
        code: "data.no-rows-before-cutoff",
        retryable: false,
        cutoff,
        first: periodLabel(periods[0]!, calendar),
        last: periodLabel(periods.at(-1)!, calendar),
      });
    }
    await requireMonths(db, files, times, spec.columns.time, calendar);
    // An empty cell of a wide table is where a long one has no row.
    await db.run(`CREATE VIEW kept AS SELECT raw.*, times.c1 AS period FROM raw JOIN times ON raw.time = times.c0
      WHERE times.c1 <= ${lastPeriod} AND series IS NOT NULL AND series <> ''${spec.wide === undefined ? "" : " AND NOT isnan(n0)"}`);
    const series = await importSeries(db);
    const rows = await keptRows(db, spec);
    const aheadCells = await knownAhead(db, spec, lastPeriod, options.ahead ?? 0);
    const ahead = aheadCells === null ? undefined : aheadGrid(aheadCells, series.length, lastPeriod);
    const changedAttributes: SourceCell[] = [];
    const columns = labelColumns(spec).map((name) => ({ name, labels: [] as string[] }));
    for (const [index, attribute] of columns.entries()) {
      const read = await readAttribute(db, index, attribute.name, series);
      attribute.labels = read.labels;
      changedAttributes.push(...read.changed);
    }
    const attributes = columns.slice(0, spec.columns.attributes.length);
    const names = columns[attributes.length]?.labels;
    return {
      panel: {
        calendar,
        series,
        offsets: offsetsOf(rows.seriesOf, series.length),
        period: rows.period,
        target: rows.target,
        targetName: spec.columns.target,
        attributes: attributes.map(({ name, labels }) => encodeAttribute(name, labels)),
        known: rows.known,
        observed: rows.observed,
        ...(ahead === undefined ? {} : { ahead }),
        ...(names === undefined ? {} : { names }),
        lastPeriod,
      },
      files,
      names: sourceNames(paths),
      file: rows.file,
      record: rows.record,
      futureRows: await count(db, `raw JOIN times ON raw.time = times.c0 WHERE times.c1 > ${lastPeriod}`),
      unreadableTimes: onePerRow(files, unreadableTimes),
      missingSeries: onePerRow(files, await missingSeriesRows(db, spec, lastPeriod)),
      changedAttributes,
      aheadCells,
      nearIds: await nearIds(db, spec.ids ?? {}, lastPeriod + (options.ahead ?? 0)),
      flagged,
    };
  });
}

/**
 * Looks at the heads of the files alone: whether they are tables, and have the columns.
 * @throws FailureError as `readSource`, but for what only rows tell
 */
export async function inspectSource(given: DataSpec): Promise<void> {
  const paths = await sourceFiles(given);
  await withDuckDb((db) => shapedFiles(db, paths, given));
}

async function shapedFiles(
  db: DuckDb,
  paths: readonly string[],
  given: DataSpec,
): Promise<{ readonly spec: DataSpec; readonly files: readonly ShapedFile[] }> {
  const inspect = {
    delimiter: given.delimiter,
    encoding: given.encoding,
    sheet: given.sheet,
    wanted: expectedNames(given),
  };
  const tables: TableFile[] = [];
  for (const path of paths) tables.push(await inspectTableFile(db, path, inspect));
  const spec = settledWide(tables, given);
  requireColumns(tables, rolesInFile(spec));
  const files = tables.map((table): ShapedFile => {
    const unpivot = unpivotOf(table, spec);
    return unpivot === undefined ? table : { ...table, unpivot };
  });
  return { spec, files };
}

/** Last day of the latest quarter that a value of the target reaches the end of; of rows without any value, that of the rows. */
async function lastQuarterEnd(db: DuckDb, calendar: Calendar): Promise<string> {
  const [found, latests] = await db.query(
    "SELECT count(*), coalesce(max(times.c1) FILTER (NOT isnan(n0)), max(times.c1), 0) FROM raw JOIN times ON raw.time = times.c0",
  );
  // Where no row has a period, each is told of.
  if (found!.values[0] === 0) return "9999-12-31";
  const latest = latests!.values[0] as number;
  const day = periodEnd(latest, calendar);
  const quarter = quarterOfDay(day, calendar.fiscalYearStart);
  return quarter.cutoff === day ? day : quarter.previous.cutoff;
}

/** A row of a wide table has many cells, and one time or id. */
function onePerRow(files: readonly ShapedFile[], cells: readonly SourceCell[]): readonly SourceCell[] {
  const seen = new Set<string>();
  return cells.filter(({ file, record }) => {
    const row = `${file} ${cellOfRecord(files[file]!, record).record}`;
    return !seen.has(row) && seen.add(row);
  });
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
