import { z } from "zod";
import { type Calendar, periodLabel, periodOfDay } from "../../calendar/period.js";
import type { ArtifactReader } from "../../kit/artifact.js";
import { intervalColumns } from "../../kit/artifacts/snapshot.js";
import type { SumIntervals } from "../../kit/artifacts/training.js";
import type { RunScope } from "../../kit/step.js";
import { readArtifactTable } from "../../panel/artifact-table.js";
import { volume } from "../../report/quarter/drawings/fan.js";
import type { Fan, OutlookTotals } from "../../report/quarter/input.js";

/** Periods of history beside the outlook: enough to see the season three times. */
const HISTORY_PERIODS = 36;

/** Bump when the same tables give other totals. */
export const TOTALS_VERSION = 3;

const Levels = z.object({ levels: z.array(z.number()) });

export interface TotalsInput {
  readonly panel: ArtifactReader;
  readonly outlook: ArtifactReader;
  /** Series id → segment id; empty without segments. */
  readonly segmentOf: ReadonlyMap<string, string>;
  /** Null where the training left none. */
  readonly sums: SumIntervals | null;
}

/** Sums history and outlook over all series, and by segment, for the charts of the report. */
export async function outlookTotals(
  { panel, outlook, segmentOf, sums }: TotalsInput,
  scope: RunScope,
): Promise<OutlookTotals> {
  const calendar = { frequency: scope.data.frequency, fiscalYearStart: scope.fiscalYearStart };
  const { levels } = await outlook.readJson("outlook.json", Levels);
  const bounds = levels.flatMap((level) => Object.values(intervalColumns(level)));
  const history = await sumsOf(panel, "panel.parquet", ["target"], segmentOf);
  const forecast = await sumsOf(outlook, "outlook.parquet", ["forecast", ...bounds], segmentOf);
  const fan = (key: string | null): Fan =>
    withIntervals(fanOf(history.get(key)?.days, forecast.get(key)?.days, calendar), {
      levels,
      series: forecast.get(key)?.series ?? 0,
      group: sums?.groups.find(({ segment }) => segment === key) ?? null,
      nonNegative: sums?.nonNegative ?? false,
    });
  const segments = [...forecast.keys()]
    .filter((key) => key !== null)
    .map((segment) => ({ segment, ...fan(segment) }));
  const total = fan(null);
  const missing = total.basis === "sums" ? levels.filter((level) => !total.levels.includes(level)) : [];
  return {
    target: scope.data.columns.target,
    total,
    segments: segments.sort(
      (a, b) => volume(b.forecast) - volume(a.forecast) || (a.segment < b.segment ? -1 : 1),
    ),
    leftOut: (sums?.leftOut ?? []).filter(({ level }) => missing.includes(level)),
  };
}

/** Day → sums of the columns. */
type Days = ReadonlyMap<string, readonly number[]>;

/** A fan whose bands are the bounds of its series, added up. */
interface RawFan extends Pick<Fan, "history" | "forecast"> {}

function fanOf(history: Days | undefined, forecast: Days | undefined, calendar: Calendar): RawFan {
  const label = (day: string) => periodLabel(periodOfDay(day, calendar)!, calendar);
  const sorted = (days: Days = new Map()) => [...days].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    history: sorted(history)
      .slice(-HISTORY_PERIODS)
      .map(([day, [total]]) => ({ period: label(day), total: total! })),
    forecast: sorted(forecast).map(([day, [point, ...bounds]]) => ({
      period: label(day),
      forecast: point!,
      bands: Array.from({ length: bounds.length / 2 }, (_, i) => ({
        lo: bounds[2 * i]!,
        hi: bounds[2 * i + 1]!,
      })),
    })),
  };
}

/**
 * The bounds of one series are those of the sum. Of several they say little about it, since errors cancel in part: then it is by the errors of such
 * sums, and of the levels that these carry.
 */
function withIntervals(
  { history, forecast }: RawFan,
  {
    levels,
    series,
    group,
    nonNegative,
  }: {
    readonly levels: readonly number[];
    readonly series: number;
    readonly group: SumIntervals["groups"][number] | null;
    readonly nonNegative: boolean;
  },
): Fan {
  if (levels.length === 0) return { basis: "none", levels, history, forecast };
  if (series <= 1) return { basis: "series", levels, history, forecast };
  const carried = levels.filter((level) => group?.levels.includes(level) ?? false);
  const lowest = nonNegative ? 0 : Number.NEGATIVE_INFINITY;
  return {
    basis: group === null ? "unknown" : "sums",
    levels: carried,
    history,
    forecast: forecast.map((row, lead) => ({
      ...row,
      bands: carried.map((level) => {
        const half = group!.halfWidths[group!.levels.indexOf(level)]![lead]!;
        return { lo: Math.max(lowest, row.forecast - half), hi: row.forecast + half };
      }),
    })),
  };
}

interface Sums {
  readonly days: Map<string, number[]>;
  /** How many series are in it. */
  series: number;
}

/** Sums of columns by segment and day; `null` is the key of all series together. */
async function sumsOf(
  artifact: ArtifactReader,
  file: string,
  names: readonly string[],
  segmentOf: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string | null, Sums>> {
  const [series, days, ...columns] = await readArtifactTable(artifact, file, [
    { name: "series", type: "VARCHAR" },
    { name: "period", type: "DATE" },
    ...names.map((name) => ({ name, type: "DOUBLE" as const })),
  ]);
  const ids = series!.values as readonly string[];
  const values = columns.map((column) => column.values as Float64Array);
  const sums = new Map<string | null, Sums>([[null, { days: new Map(), series: 0 }]]);
  const seen = new Set<string>();
  const groupOf = (key: string | null): Sums => {
    const group = sums.get(key) ?? { days: new Map(), series: 0 };
    sums.set(key, group);
    return group;
  };
  const add = (key: string | null, row: number, isNew: boolean) => {
    const group = groupOf(key);
    if (isNew) group.series++;
    const day = (days!.values as readonly string[])[row]!;
    let sum = group.days.get(day);
    if (sum === undefined) {
      sum = names.map(() => 0);
      group.days.set(day, sum);
    }
    for (let c = 0; c < values.length; c++) {
      const value = values[c]![row]!;
      if (!Number.isNaN(value)) sum[c]! += value;
    }
  };
  for (let row = 0; row < ids.length; row++) {
    const isNew = !seen.has(ids[row]!);
    seen.add(ids[row]!);
    add(null, row, isNew);
    const segment = segmentOf.get(ids[row]!);
    if (segment !== undefined) add(segment, row, isNew);
  }
  return sums;
}
