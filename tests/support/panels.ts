import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Calendar, periodOfDay } from "../../src/calendar/period.js";
import type { Panel } from "../../src/panel/panel.js";

/** One series: values from period `start` on, NaN or null where there is no row. */
export interface SeriesValues {
  readonly id: string;
  readonly start: number;
  readonly values: readonly (number | null)[];
}

export const MONTHS: Calendar = { frequency: "month", fiscalYearStart: 1 };

/** A panel of just a target. `lastPeriod` defaults to the last row of all. */
export function panelOf(series: readonly SeriesValues[], calendar = MONTHS, lastPeriod?: number): Panel {
  const sorted = [...series].sort((a, b) => (a.id < b.id ? -1 : 1));
  const rows = sorted.map(({ start, values }) =>
    values.flatMap((value, i) =>
      value === null || Number.isNaN(value) ? [] : [{ period: start + i, value }],
    ),
  );
  const offsets = new Int32Array(sorted.length + 1);
  rows.forEach((own, s) => {
    offsets[s + 1] = offsets[s]! + own.length;
  });
  const period = Int32Array.from(rows.flat().map((row) => row.period));
  return {
    calendar,
    series: sorted.map(({ id }) => id),
    offsets,
    period,
    target: Float64Array.from(rows.flat().map((row) => row.value)),
    attributes: [],
    known: {},
    observed: {},
    lastPeriod: lastPeriod ?? period.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** Every kind of column: attributes, a known feature, an observed one, all made of series and period alone. */
export function withFeatures(panel: Panel): Panel {
  const ofRow = (of: (s: number, period: number) => number): Float64Array => {
    const values = new Float64Array(panel.period.length);
    for (let s = 0; s < panel.series.length; s++) {
      for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
        values[row] = of(s, panel.period[row]!);
      }
    }
    return values;
  };
  return {
    ...panel,
    attributes: [
      {
        name: "region",
        levels: ["north", "south"],
        codes: Int32Array.from(panel.series, (_, s) => s % 2),
      },
    ],
    known: { holidays: ofRow((s, period) => (period * 5 + s) % 4) },
    observed: { price: ofRow((s, period) => 100 + s + ((period * 7) % 11)) },
  };
}

/** Folder of the real panels, or null: then tests on them are skipped and say so. */
export const realPanels: string | null = process.env.RETRAIN_PANELS ?? null;

/** Reads series, date and target of a gzipped CSV whose fields hold no escaped quote. */
export function readGzippedPanel(file: string, calendar: Calendar): { panel: Panel } {
  const [head, ...lines] = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split(/\r?\n/);
  const fields = (line: string): string[] =>
    [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted ?? bare!);
  const names = fields(head!);
  const [series, date, target] = ["series_id", "date", "value"].map((name) => names.indexOf(name));
  const values = new Map<string, { start: number; values: (number | null)[] }>();
  for (const line of lines) {
    const row = fields(line);
    const id = row[series!]!;
    const period = periodOfDay(row[date!]!, calendar)!;
    const known = values.get(id) ?? { start: period, values: [] };
    values.set(id, known);
    known.values[period - known.start] = Number(row[target!]!);
  }
  return {
    panel: panelOf(
      [...values].map(([id, own]) => ({ id, ...own })),
      calendar,
    ),
  };
}
