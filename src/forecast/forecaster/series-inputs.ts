import type { Column } from "../../panel/column.js";
import type { InputColumns } from "../panel-batch.js";
import type { Batch } from "../rows.js";

/** The file inside a model directory. */
export const SERIES_INPUTS_FILE = "series-inputs.parquet";

/**
 * The other inputs of every series as it was released, one row a (series, lead): `static` as the columns
 * static_0… (INTEGER: segment code, then attribute codes), `known` as known_0… and `observed` as observed_0…
 * (DOUBLE, NaN where missing; the same for every lead of a series).
 */
export function seriesInputs(series: readonly string[], batch: Batch, columns: InputColumns): Column[] {
  const { horizon } = columns;
  const cells = series.length * horizon;
  const row = (cell: number) => Math.floor(cell / horizon);
  const width = {
    static: 1 + columns.attributes.length,
    known: columns.known.length,
    observed: columns.observed.length,
  };
  const numbered = (name: keyof typeof width, of: (cell: number, column: number) => number): Column[] =>
    Array.from({ length: width[name] }, (_, c): Column => {
      const values = Float64Array.from({ length: cells }, (_, cell) => of(cell, c));
      return name === "static"
        ? { name: `${name}_${c}`, type: "INTEGER", values: Int32Array.from(values) }
        : { name: `${name}_${c}`, type: "DOUBLE", values };
    });
  return [
    {
      name: "series",
      type: "VARCHAR",
      values: Array.from({ length: cells }, (_, cell) => series[row(cell)]!),
    },
    {
      name: "lead",
      type: "INTEGER",
      values: Int32Array.from({ length: cells }, (_, cell) => (cell % horizon) + 1),
    },
    ...numbered("static", (cell, c) => batch.codes[row(cell) * width.static + c]!),
    ...numbered("known", (cell, c) => batch.known[cell * width.known + c]!),
    ...numbered("observed", (cell, c) => batch.observed[row(cell) * width.observed + c]!),
  ];
}
