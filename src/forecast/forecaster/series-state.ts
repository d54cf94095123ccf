import { periodStart } from "../../calendar/period.js";
import type { Column } from "../../panel/column.js";
import type { Panel } from "../../panel/panel.js";
import { readTable } from "../../panel/table.js";
import type { SegmentCodes } from "../segment-codes.js";

/** The file inside a model directory. */
export const SERIES_STATE_FILE = "series-state.parquet";

/**
 * What a caller needs to forecast every series of the panel: its segment, and its numbers in the last
 * `context` periods, one row each (series VARCHAR, segment VARCHAR, code INTEGER, period DATE, value DOUBLE),
 * sorted by series, then period. A period without a row is missing; a series without a number in the context
 * has no row.
 */
export function seriesState(panel: Panel, segments: SegmentCodes, context: number): Column[] {
  const series: string[] = [];
  const segment: (string | null)[] = [];
  const code: number[] = [];
  const period: string[] = [];
  const value: number[] = [];
  const first = panel.lastPeriod - context + 1;
  for (const [s, id] of panel.series.entries()) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      if (panel.period[row]! < first || Number.isNaN(panel.target[row]!)) continue;
      series.push(id);
      segment.push(segments.ids[segments.codes[s]!] ?? null);
      code.push(segments.codes[s]!);
      period.push(periodStart(panel.period[row]!, panel.calendar));
      value.push(panel.target[row]!);
    }
  }
  return [
    { name: "series", type: "VARCHAR", values: series },
    { name: "segment", type: "VARCHAR", values: segment },
    { name: "code", type: "INTEGER", values: Int32Array.from(code) },
    { name: "period", type: "DATE", values: period },
    { name: "value", type: "DOUBLE", values: Float64Array.from(value) },
  ];
}

export interface SeriesSegment {
  readonly segment: string | null;
  /** −1 when the segment is unknown. */
  readonly code: number;
}

/** Segment of every series that has a row. */
export async function readSeriesSegments(path: string): Promise<ReadonlyMap<string, SeriesSegment>> {
  const [series, segment, code] = await readTable(path, [
    { name: "series", type: "VARCHAR" },
    { name: "segment", type: "VARCHAR" },
    { name: "code", type: "INTEGER" },
  ]);
  const names = segment!.values as (string | null)[];
  const codes = code!.values;
  return new Map(
    (series!.values as string[]).map((id, row) => [
      id,
      { segment: names[row] ?? null, code: Number(codes[row]) },
    ]),
  );
}
