import type { Calendar } from "../calendar/period.js";
import { periodStart } from "../calendar/period.js";
import type { ArtifactReader, ArtifactWriter } from "../kit/artifact.js";
import type { QuarterWindow } from "../kit/quarter.js";
import type { DataSpec } from "../kit/specs.js";
import type { Services } from "../kit/step.js";
import { calendarOf, lastPeriodOf } from "./calendar.js";
import type { Column } from "./column.js";
import { distinctNames } from "./distinct-names.js";
import { type DuckDb, withDuckDb } from "./duckdb.js";
import { aheadColumns, aheadGrid, KNOWN_AHEAD_FILE } from "./known-ahead.js";
import type { AttributeColumn, KnownAhead, Panel } from "./panel.js";
import { parquetTable, quoteName } from "./sql.js";
import { writeParquet } from "./table.js";

/** The file inside a `panel` artifact. */
export const PANEL_FILE = "panel.parquet";

interface PanelColumnNames {
  readonly target?: string;
  readonly attributes: readonly string[];
  readonly known: readonly string[];
  readonly observed: readonly string[];
}

/**
 * Writes `panel.parquet`: series VARCHAR, period DATE (first day), target DOUBLE, then attributes VARCHAR, known and observed features
 * DOUBLE under their own names, rows in panel order. A name that is taken already gets its role in front, e.g. `attribute.series`.
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
  const names = storedNames({ attributes: panel.attributes.map(({ name }) => name), known, observed });
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
    readPanelFile(panel.file(PANEL_FILE), {
      ahead: hasAhead ? panel.file(KNOWN_AHEAD_FILE) : null,
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

/** Reads what `writePanelArtifact` wrote. */
export async function readPanelFile(path: string, spec: PanelFileSpec): Promise<Panel> {
  const { columns, calendar } = spec;
  const names = storedNames(columns);
  const file = parquetTable(path);
  return withDuckDb(async (db) => {
    const attributes = names.attributes.map((name) => `any_value(${quoteName(name)})`);
    const bySeries = await db.query(
      `SELECT ${["series", "count(*)", ...attributes].join(", ")} FROM ${file} GROUP BY series ORDER BY min(file_row_number)`,
    );
    const numbers = [...names.known, ...names.observed].map((name) => numberCell(quoteName(name)));
    const rows = await db.query(
      `SELECT ${[periodCell(calendar), numberCell("target"), ...numbers].join(", ")} FROM ${file} ORDER BY file_row_number`,
    );
    const series = bySeries[0]!.values as string[];
    const lastPeriod = lastPeriodOf(spec.cutoff, calendar);
    const ahead = spec.ahead === null ? undefined : await readAhead(db, spec.ahead, spec, series, lastPeriod);
    const feature = (offset: number) => (name: string, index: number) =>
      [name, rows[2 + offset + index]!.values as Float64Array] as const;
    return {
      calendar,
      series,
      offsets: offsetsOf(bySeries[1]!.values as Float64Array),
      period: rows[0]!.values as Int32Array,
      target: rows[1]!.values as Float64Array,
      ...(columns.target === undefined ? {} : { targetName: columns.target }),
      attributes: columns.attributes.map((name, index) =>
        encodeAttribute(name, bySeries[2 + index]!.values as string[]),
      ),
      known: Object.fromEntries(columns.known.map(feature(0))),
      observed: Object.fromEntries(columns.observed.map(feature(columns.known.length))),
      ...(ahead === undefined ? {} : { ahead }),
      lastPeriod,
    };
  });
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
