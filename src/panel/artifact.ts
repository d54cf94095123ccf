import type { Calendar } from "../calendar/period.js";
import { periodLabel, periodStart } from "../calendar/period.js";
import type { ArtifactReader, ArtifactWriter } from "../kit/artifact.js";
import { fail } from "../kit/failure.js";
import type { QuarterWindow } from "../kit/quarter.js";
import type { DataSpec } from "../kit/specs.js";
import type { Services } from "../kit/step.js";
import { readingArtifact } from "./artifact-table.js";
import { calendarOf, lastPeriodOf } from "./calendar.js";
import type { Column } from "./column.js";
import { distinctNames } from "./distinct-names.js";
import { type DuckDb, withDuckDb } from "./duckdb.js";
import { aheadColumns, aheadGrid, KNOWN_AHEAD_FILE } from "./known-ahead.js";
import type { AttributeColumn, KnownAhead, Panel } from "./panel.js";
import { parquetTable, quoteName } from "./sql.js";
import { writeParquet } from "./table.js";
import { unreadable } from "./text-form.js";

/** What the column of names is called, whatever the source calls it. */
const LABEL = "label";

/** The file inside a `panel` artifact. */
export const PANEL_FILE = "panel.parquet";

interface PanelColumnNames {
  readonly target?: string;
  readonly label?: string;
  readonly attributes: readonly string[];
  readonly known: readonly string[];
  readonly observed: readonly string[];
}

/**
 * Writes `panel.parquet`: series VARCHAR, period DATE (first day), target DOUBLE, then attributes VARCHAR, known and observed features
 * DOUBLE under their own names, rows in panel order. A name that is taken already gets its role in front, e.g. `attribute.series`.
 * What people call the series is the last column, `label`, where the source says it.
 * `known-ahead.parquet` has the known features of the periods after the last one, where there are any, under the same names.
 */
export async function writePanelArtifact(panel: Panel, writer: ArtifactWriter): Promise<void> {
  const seriesOfRow = (cell: (series: number) => string): string[] => {
    const values: string[] = [];
    for (let s = 0; s < panel.series.length; s++) {
      const value = cell(s);
      for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) values.push(value);
    }
    return values;
  };
  const known = Object.keys(panel.known);
  const observed = Object.keys(panel.observed);
  const names = storedNames({
    attributes: panel.attributes.map(({ name }) => name),
    known,
    observed,
    ...(panel.names === undefined ? {} : { label: LABEL }),
  });
  const columns: Column[] = [
    { name: "series", type: "VARCHAR", values: seriesOfRow((s) => panel.series[s]!) },
    { name: "period", type: "DATE", values: periodDays(panel) },
    { name: "target", type: "DOUBLE", values: panel.target },
    ...panel.attributes.map(({ levels, codes }, index): Column => {
      return {
        name: names.attributes[index]!,
        type: "VARCHAR",
        values: seriesOfRow((s) => levels[codes[s]!]!),
      };
    }),
    ...known.map((name, index): Column => {
      return { name: names.known[index]!, type: "DOUBLE", values: panel.known[name]! };
    }),
    ...observed.map((name, index): Column => {
      return { name: names.observed[index]!, type: "DOUBLE", values: panel.observed[name]! };
    }),
    ...(panel.names === undefined
      ? []
      : [{ name: names.label!, type: "VARCHAR" as const, values: seriesOfRow((s) => panel.names![s]!) }]),
  ];
  await writeParquet(writer.path(PANEL_FILE), columns);
  if (panel.ahead === undefined) return;
  await writeParquet(writer.path(KNOWN_AHEAD_FILE), aheadColumns(panel, panel.ahead, names.known));
}

/** The panel that an earlier step of this run validated, parsed once a process. */
export async function loadPanel(ctx: {
  readonly inputs: { readonly panel: ArtifactReader };
  readonly services: Services;
  readonly quarter: QuarterWindow;
  readonly data: DataSpec;
  readonly fiscalYearStart: number;
}): Promise<Panel> {
  const { panel } = ctx.inputs;
  const hasAhead = panel.files.some(({ path }) => path === KNOWN_AHEAD_FILE);
  return ctx.services.memo(`panel ${panel.hash} until ${ctx.quarter.cutoff}`, () =>
    readPanelArtifact(panel, {
      ahead: hasAhead,
      columns: ctx.data.columns,
      calendar: calendarOf(ctx.data, ctx.fiscalYearStart),
      cutoff: ctx.quarter.cutoff,
    }),
  );
}

/** How to read a `panel` artifact. */
interface PanelFileSpec {
  readonly columns: PanelColumnNames;
  readonly calendar: Calendar;
  /** ISO day: it sets `lastPeriod`. */
  readonly cutoff: string;
  /** Path of its `known-ahead.parquet`, null where it has none. */
  readonly ahead: string | null;
}

/**
 * @param spec.ahead whether the known features after the cutoff are wanted too: the artifact has them then
 * @throws FailureError `step.artifact-invalid`, `step.artifact-file-missing`
 */
export async function readPanelArtifact(
  artifact: ArtifactReader,
  spec: Omit<PanelFileSpec, "ahead"> & { readonly ahead: boolean },
): Promise<Panel> {
  const path = artifact.file(PANEL_FILE);
  const ahead = spec.ahead ? artifact.file(KNOWN_AHEAD_FILE) : null;
  const files = spec.ahead ? `${PANEL_FILE} or ${KNOWN_AHEAD_FILE}` : PANEL_FILE;
  return readingArtifact(artifact, files, () => readPanelFile(path, { ...spec, ahead }));
}

/** Reads what `writePanelArtifact` wrote. */
export async function readPanelFile(path: string, spec: PanelFileSpec): Promise<Panel> {
  const { columns, calendar } = spec;
  const names = storedNames({ ...columns, ...(columns.label === undefined ? {} : { label: LABEL }) });
  const file = parquetTable(path);
  return withDuckDb(async (db) => {
    const known = [...names.attributes, ...(names.label === undefined ? [] : [names.label])];
    const texts = known.map((name) => `any_value(${quoteName(name)})`);
    const span = "max(file_row_number) - min(file_row_number) + 1";
    const [ids, counts, spans, ...labels] = await db.query(
      `SELECT ${["series", "count(*)", span, ...texts].join(", ")} FROM ${file} GROUP BY series ORDER BY min(file_row_number)`,
    );
    const numbers = [...names.known, ...names.observed].map((name) => numberCell(quoteName(name)));
    const rows = await db.query(
      `SELECT ${[periodCell(calendar), numberCell("target"), ...numbers].join(", ")} FROM ${file} ORDER BY file_row_number`,
    );
    const series = ids!.values as string[];
    const lastPeriod = lastPeriodOf(spec.cutoff, calendar);
    const ahead = spec.ahead === null ? undefined : await readAhead(db, spec.ahead, spec, series, lastPeriod);
    const feature = (offset: number) => (name: string, index: number) =>
      [name, rows[2 + offset + index]!.values as Float64Array] as const;
    const panel: Panel = {
      calendar,
      series,
      offsets: offsetsOf(counts!.values as Float64Array),
      period: rows[0]!.values as Int32Array,
      target: rows[1]!.values as Float64Array,
      ...(columns.target === undefined ? {} : { targetName: columns.target }),
      attributes: columns.attributes.map((name, index) =>
        encodeAttribute(name, labels[index]!.values as string[]),
      ),
      known: Object.fromEntries(columns.known.map(feature(0))),
      observed: Object.fromEntries(columns.observed.map(feature(columns.known.length))),
      ...(ahead === undefined ? {} : { ahead }),
      ...(names.label === undefined ? {} : { names: labels.at(-1)!.values as string[] }),
      lastPeriod,
    };
    const problem = disorderOf(panel, spans!.values as Float64Array);
    if (problem !== null) fail(unreadable(path, null, problem));
    return panel;
  });
}

/**
 * What a panel promises and its file may not keep, where a step of the user's own wrote it; null where all is well.
 * @param spans rows from the first to the last one of each series
 */
function disorderOf(
  { series, offsets, period, calendar, lastPeriod }: Panel,
  spans: Float64Array,
): string | null {
  for (let s = 0; s < series.length; s++) {
    const id = series[s] ?? null;
    if (typeof id !== "string") return id === null ? "a row has no series" : "the column series is no text";
    if (offsets[s + 1]! - offsets[s]! !== spans[s]) return `the rows of series ${id} do not stand together`;
    if (s > 0 && series[s - 1]! > id)
      return `series ${id} stands behind ${series[s - 1]}: rows are sorted by series`;
    for (let row = offsets[s]!; row < offsets[s + 1]!; row++) {
      const label = () => periodLabel(period[row]!, calendar);
      if (!Number.isInteger(period[row])) return `a row of series ${id} has no period`;
      if (period[row]! > lastPeriod) return `series ${id} has a row after the cutoff, ${label()}`;
      if (row > offsets[s]! && period[row - 1]! >= period[row]!)
        return `series ${id} has ${label()} twice, or not in order`;
    }
  }
  return null;
}

/** Name by id, of a `panel` artifact that has such a column; empty without. */
export async function readSeriesNames(
  path: string,
  columns: DataSpec["columns"],
): Promise<ReadonlyMap<string, string>> {
  if (columns.label === undefined) return new Map();
  const { label } = storedNames({ ...columns, label: LABEL });
  const [series, names] = await withDuckDb((db) =>
    db.query(
      `SELECT series, any_value(${quoteName(label!)}) FROM ${parquetTable(path)} GROUP BY series ORDER BY series`,
    ),
  );
  return new Map(
    (series!.values as string[]).flatMap((id, s) => {
      const name = names!.values[s] as string;
      return name === "" ? [] : [[id, name] as const];
    }),
  );
}

async function readAhead(
  db: DuckDb,
  path: string,
  { columns, calendar }: Pick<PanelFileSpec, "columns" | "calendar">,
  series: readonly string[],
  lastPeriod: number,
): Promise<KnownAhead | undefined> {
  const names = storedNames(columns).known.map((name) => numberCell(quoteName(name)));
  const [ids, period, ...features] = await db.query(
    `SELECT ${["series", periodCell(calendar), ...names].join(", ")} FROM ${parquetTable(path)}`,
  );
  const place = new Map(series.map((id, s) => [id, s]));
  const rows = {
    series: Int32Array.from(ids!.values as string[], (id) => place.get(id)!),
    period: period!.values as Int32Array,
    known: Object.fromEntries(
      columns.known.map((name, index) => [name, features[index]!.values as Float64Array]),
    ),
  };
  return aheadGrid(rows, series.length, lastPeriod);
}

/** Labels of one attribute, one a series (null = missing), as dictionary and codes. */
export function encodeAttribute(name: string, labels: readonly (string | null)[]): AttributeColumn {
  const levels = [...new Set(labels.map((label) => label ?? ""))].sort();
  const code = new Map(levels.map((level, index) => [level, index]));
  return { name, levels, codes: Int32Array.from(labels, (label) => code.get(label ?? "")!) };
}

/** Column names in the file. DuckDB takes names without case, so `Region` beside `region` needs another name too. */
function storedNames(columns: PanelColumnNames): PanelColumnNames {
  // SQL has no name without a letter, and the reader counts rows under the fourth one.
  const distinct = distinctNames(["", "series", "period", "target", "file_row_number"]);
  const store = (role: string) => (name: string) => distinct(name, (taken) => `${role}.${taken}`);
  return {
    attributes: columns.attributes.map(store("attribute")),
    known: columns.known.map(store("known")),
    observed: columns.observed.map(store("observed")),
    ...(columns.label === undefined ? {} : { label: store("series")(columns.label) }),
  };
}

function periodDays(panel: Panel): string[] {
  const days = new Map<number, string>();
  const values: string[] = [];
  for (const period of panel.period) {
    let day = days.get(period);
    if (day === undefined) {
      day = periodStart(period, panel.calendar);
      days.set(period, day);
    }
    values.push(day);
  }
  return values;
}

/** SQL for the period index (calendar/period) of the first day in `period`. */
function periodCell(calendar: Calendar): string {
  const month = "(year(period) * 12 + month(period) - 1)";
  const phase = (calendar.fiscalYearStart - 1) % 3;
  return `CAST(${calendar.frequency === "month" ? month : `(${month} - ${phase}) // 3`} AS INTEGER)`;
}

/** NaN for NULL in SQL spares the reader a look at every row's validity. */
const numberCell = (cell: string): string => `coalesce(${cell}, 'nan'::DOUBLE)`;

function offsetsOf(counts: Float64Array): Int32Array {
  const offsets = new Int32Array(counts.length + 1);
  for (const [index, count] of counts.entries()) offsets[index + 1] = offsets[index]! + count;
  return offsets;
}
