import { contextLength } from "../context.js";
import type { SeriesRows } from "./parity.js";
import { shortestFloat32 } from "./shortest.js";

/** More than one, so that the example shows where the rows of a batch go. */
const ROWS = 2;

/** What the graph takes, as JSON: one row a series. */
export interface InputExample {
  /** Most recent period last; null is a missing value. */
  readonly history: readonly (readonly (number | null)[])[];
  readonly period: readonly number[];
  /** Segment codes; absent where the graph has no such input. */
  readonly static?: readonly (readonly number[])[];
}

/** The first series that have a number in their history, exactly as they were forecast. */
export function inputExample(rows: SeriesRows, hasSegments: boolean): InputExample {
  const context = rows.history.length / rows.series.length;
  const historyOf = (s: number) => rows.history.subarray(s * context, (s + 1) * context);
  const chosen = rows.series
    .map((_, s) => s)
    .filter((s) => contextLength(historyOf(s)) > 0)
    .slice(0, ROWS);
  return {
    history: chosen.map((s) =>
      Array.from(historyOf(s), (value) => (Number.isNaN(value) ? null : shortestFloat32(value))),
    ),
    period: chosen.map(() => rows.period),
    ...(hasSegments ? { static: chosen.map((s) => [rows.segment[s]!]) } : {}),
  };
}
