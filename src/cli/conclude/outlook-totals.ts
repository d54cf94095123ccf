import { periodLabel, periodOfDay } from "../../calendar/period.js";
import type { ArtifactReader } from "../../kit/artifact.js";
import { intervalColumns } from "../../kit/artifacts/snapshot.js";
import type { RunScope } from "../../kit/step.js";
import { readTable } from "../../panel/table.js";
import type { OutlookTotals } from "../../report/html/input.js";

/** Periods of history beside the outlook: enough to see the season twice. */
const HISTORY_PERIODS = 36;

/** Bump when the same tables give other totals. */
export const TOTALS_VERSION = 1;

/** Sums history and outlook over all series for the chart of the report. */
export async function outlookTotals(
  panel: ArtifactReader,
  outlook: ArtifactReader,
  scope: RunScope,
): Promise<OutlookTotals> {
  const calendar = { frequency: scope.data.frequency, fiscalYearStart: scope.fiscalYearStart };
  const label = (day: string) => periodLabel(periodOfDay(day, calendar)!, calendar);

  const history = await totals(panel.file("panel.parquet"), ["target"]);
  const columns = (await readTable(outlook.file("outlook.parquet"))).map(({ name }) => name);
  const level =
    [0.8, 0.9, 0.95, 0.5].find((candidate) => columns.includes(intervalColumns(candidate).lo)) ?? null;
  const bounds = level === null ? [] : [intervalColumns(level).lo, intervalColumns(level).hi];
  const forecast = await totals(outlook.file("outlook.parquet"), ["forecast", ...bounds]);
  return {
    target: scope.data.columns.target,
    history: history
      .slice(-HISTORY_PERIODS)
      .map(({ day, sums }) => ({ period: label(day), total: sums[0]! })),
    forecast: forecast.map(({ day, sums }) => ({
      period: label(day),
      forecast: sums[0]!,
      lo: sums[1] ?? null,
      hi: sums[2] ?? null,
    })),
    interval:
      level === null
        ? null
        : { level, method: "bounds of the series added up: wider than the total's own interval would be" },
  };
}

async function totals(file: string, names: readonly string[]): Promise<{ day: string; sums: number[] }[]> {
  const table = await readTable(file, ["period", ...names]);
  const days = table.find(({ name }) => name === "period")!.values as readonly string[];
  const sums = new Map<string, number[]>();
  const columns = names.map((wanted) => table.find(({ name }) => name === wanted)!.values as Float64Array);
  for (let row = 0; row < days.length; row++) {
    const sum = sums.get(days[row]!) ?? names.map(() => 0);
    columns.forEach((column, i) => {
      const value = column[row]!;
      if (!Number.isNaN(value)) sum[i]! += value;
    });
    sums.set(days[row]!, sum);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, values]) => ({ day, sums: values }));
}
