import { z } from "zod";
import { type Calendar, periodLabel, periodOfDay } from "../../calendar/period.js";
import type { ArtifactReader } from "../../kit/artifact.js";
import { intervalColumns } from "../../kit/artifacts/snapshot.js";
import type { RunScope } from "../../kit/step.js";
import { readArtifactTable } from "../../panel/artifact-table.js";
import type { Fan, OutlookTotals } from "../../report/html/input.js";

/** Periods of history beside the outlook: enough to see the season three times. */
const HISTORY_PERIODS = 36;

/** Bump when the same tables give other totals. */
export const TOTALS_VERSION = 2;

/** Series id → segment id; empty without segments. */
type SegmentOf = ReadonlyMap<string, string>;

const Levels = z.object({ levels: z.array(z.number()) });

/** Sums history and outlook over all series, and by segment, for the charts of the report. */
export async function outlookTotals(
  panel: ArtifactReader,
  outlook: ArtifactReader,
  segmentOf: SegmentOf,
  scope: RunScope,
): Promise<OutlookTotals> {
  const calendar = { frequency: scope.data.frequency, fiscalYearStart: scope.fiscalYearStart };
  const { levels } = await outlook.readJson("outlook.json", Levels);
  const bounds = levels.flatMap((level) => Object.values(intervalColumns(level)));
  const history = await sumsOf(panel, "panel.parquet", ["target"], segmentOf);
  const forecast = await sumsOf(outlook, "outlook.parquet", ["forecast", ...bounds], segmentOf);
  const fan = (key: string | null) => fanOf(history.get(key), forecast.get(key), calendar);
  const segments = [...forecast.keys()]
    .filter((key) => key !== null)
    .map((segment) => ({ segment, ...fan(segment) }));
  return {
    target: scope.data.columns.target,
    levels,
    total: fan(null),
    segments: segments.sort((a, b) => volume(b) - volume(a) || (a.segment < b.segment ? -1 : 1)),
  };
}

const volume = ({ forecast }: Fan): number => forecast.reduce((sum, row) => sum + row.forecast, 0);

/** Day → sums of the columns. */
type Days = ReadonlyMap<string, readonly number[]>;

function fanOf(history: Days | undefined, forecast: Days | undefined, calendar: Calendar): Fan {
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

/** Sums of columns by segment and day; `null` is the key of all series together. */
async function sumsOf(
  artifact: ArtifactReader,
  file: string,
  names: readonly string[],
  segmentOf: SegmentOf,
): Promise<ReadonlyMap<string | null, Days>> {
  const [series, days, ...columns] = await readArtifactTable(artifact, file, [
    { name: "series", type: "VARCHAR" },
    { name: "period", type: "DATE" },
    ...names.map((name) => ({ name, type: "DOUBLE" as const })),
  ]);
  const ids = series!.values as readonly string[];
  const values = columns.map((column) => column.values as Float64Array);
  const sums = new Map<string | null, Map<string, number[]>>([[null, new Map()]]);
  const add = (key: string | null, row: number) => {
    let group = sums.get(key);
    if (group === undefined) {
      group = new Map();
      sums.set(key, group);
    }
    const day = (days!.values as readonly string[])[row]!;
    let sum = group.get(day);
    if (sum === undefined) {
      sum = names.map(() => 0);
      group.set(day, sum);
    }
    for (let c = 0; c < values.length; c++) {
      const value = values[c]![row]!;
      if (!Number.isNaN(value)) sum[c]! += value;
    }
  };
  for (let row = 0; row < ids.length; row++) {
    add(null, row);
    const segment = segmentOf.get(ids[row]!);
    if (segment !== undefined) add(segment, row);
  }
  return sums;
}
