import { type Calendar, periodOfDay } from "../calendar/period.js";
import type { DatedForecasts } from "../forecast/accuracy/pairs.js";
import type { ArtifactReader } from "../kit/artifact.js";
import { intervalColumns } from "../kit/artifacts/snapshot.js";
import { readArtifactTable } from "../panel/artifact-table.js";
import type { TypedColumn } from "../panel/table.js";

/**
 * Reads the `snapshot.parquet` of this program.
 * @param cutoff period that the run's cutoff lies in
 */
export async function readForecasts(
  snapshot: ArtifactReader,
  levels: readonly number[],
  cutoff: number,
  calendar: Calendar,
): Promise<DatedForecasts> {
  const bounds = levels.map((level) => ({ level, ...intervalColumns(level) }));
  const wanted: TypedColumn[] = [
    { name: "series", type: "VARCHAR" },
    { name: "period", type: "DATE" },
    { name: "forecast", type: "DOUBLE" },
    ...bounds.flatMap(({ lo, hi }) => [lo, hi].map((name) => ({ name, type: "DOUBLE" as const }))),
  ];
  const columns = await readArtifactTable(snapshot, "snapshot.parquet", wanted);
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
