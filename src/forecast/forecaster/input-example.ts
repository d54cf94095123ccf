import { contextLength } from "../context.js";
import { takeRows } from "../panel-batch.js";
import type { Batch } from "../rows.js";
import { shortestFloat32 } from "./shortest.js";

/** More than one, so that the example shows where the rows of a batch go. */
const ROWS = 2;

/** A number that is missing. */
type Cell = number | null;

/** What the graph takes, as JSON: one row a series. An input that the graph has not is absent. */
export interface InputExample {
  /** [N][C], most recent period last. */
  readonly history: readonly (readonly Cell[])[];
  readonly period: readonly number[];
  /** [N][S]: segment code, attribute codes. */
  readonly static?: readonly (readonly number[])[];
  /** [N][H][K] */
  readonly known?: readonly (readonly (readonly Cell[])[])[];
  /** [N][O] */
  readonly observed?: readonly (readonly Cell[])[];
}

/**
 * The first series that have a number in their history, exactly as they were forecast.
 * @param inputs names of the graph's inputs
 */
export function inputExample(batch: Batch, horizon: number, inputs: readonly string[]): InputExample {
  const context = batch.history.length / batch.count;
  const historyOf = (s: number) => batch.history.subarray(s * context, (s + 1) * context);
  const chosen = Array.from({ length: batch.count }, (_, s) => s)
    .filter((s) => contextLength(historyOf(s)) > 0)
    .slice(0, ROWS);
  const rows = takeRows(batch, chosen);
  const has = (name: string) => inputs.includes(name);
  return {
    history: rowsOf(cells(rows.history), rows.count),
    period: [...rows.period],
    ...(has("static") ? { static: rowsOf([...rows.codes], rows.count) } : {}),
    ...(has("known")
      ? { known: rowsOf(cells(rows.known), rows.count).map((row) => rowsOf(row, horizon)) }
      : {}),
    ...(has("observed") ? { observed: rowsOf(cells(rows.observed), rows.count) } : {}),
  };
}

const cells = (values: Float32Array): Cell[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : shortestFloat32(value)));

function rowsOf<T>(values: readonly T[], count: number): T[][] {
  const width = count === 0 ? 0 : values.length / count;
  return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
}
