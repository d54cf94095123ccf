import { type Calendar, periodOfDay } from "../calendar/period.js";
import type { DatedForecasts } from "../forecast/accuracy/pairs.js";
import { intervalColumns } from "../kit/artifacts/snapshot.js";
import { type ColumnType, readTable } from "../panel/table.js";

/**
 * Reads a `snapshot.parquet` of this program.
 * @param cutoff period that the run's cutoff lies in
 */
export async function readForecasts(
  file: string,
  levels: readonly number[],
  cutoff: number,
  calendar: Calendar,
): Promise<DatedForecasts> {
  const bounds = levels.map((level) => ({ level, ...intervalColumns(level) }));
  // Without types, ids such as 007 would come back as numbers.
  const types: Record<string, ColumnType> = { series: "VARCHAR", period: "DATE", forecast: "DOUBLE" };
  for (const { lo, hi } of bounds) Object.assign(types, { [lo]: "DOUBLE", [hi]: "DOUBLE" });
  const columns = await readTable(file, Object.keys(types), types);
  const values = (name: string) => columns.find((column) => column.name === name)!.values;
  const numbers = (name: string) => values(name) as Float64Array;
  return {
    cutoff,
    series: values("series") as string[],
    period: Int32Array.from(values("period") as string[], (day) => periodOfDay(day, calendar)!),
    forecast: numbers("forecast"),
    intervals: bounds.map(({ level, lo, hi }) => ({ level, lo: numbers(lo), hi: numbers(hi) })),
  };
}
