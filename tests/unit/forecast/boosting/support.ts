import fc from "fast-check";
import type { FeatureMatrix } from "../../../../src/forecast/boosting/fit.js";
import { createRandom } from "../../../../src/stats/random.js";

/** From rows; null is missing. */
export function matrixOf(rows: readonly (readonly (number | null)[])[]): FeatureMatrix {
  const columns = rows[0]!.length;
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, r) => {
    row.forEach((value, c) => {
      values[c * rows.length + r] = value ?? Number.NaN;
    });
  });
  return { rows: rows.length, columns, values };
}

/** The same numbers as `predictTrees` and graphs take them. */
export function rowMajor({ rows, columns, values }: FeatureMatrix): Float32Array {
  return Float32Array.from(
    { length: rows * columns },
    (_, i) => values[(i % columns) * rows + Math.floor(i / columns)]!,
  );
}

export const permuted = (
  { rows, columns, values }: FeatureMatrix,
  order: readonly number[],
): FeatureMatrix => ({
  rows,
  columns,
  values: Float32Array.from(
    { length: rows * columns },
    (_, i) => values[Math.floor(i / rows) * rows + order[i % rows]!]!,
  ),
});

/** Normal noise, a signal in the first three columns, holes in the second, five values in the last. */
export function noisyTable(rows: number, seed: number): { x: FeatureMatrix; y: Float64Array } {
  const random = createRandom(seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const table = Array.from({ length: rows }, () => [
    normal(),
    random.uniform() < 0.2 ? null : normal(),
    normal(),
    random.below(5),
    random.below(5),
  ]);
  const y = Float64Array.from(
    table,
    ([a, b, c, , e]) => 2 * a! + (b === null ? 1.5 : Math.abs(b!)) + (e === 2 ? c! : 0) + 0.5 * normal(),
  );
  return { x: matrixOf(table), y };
}

/** Small tables with ties, holes and constant columns. */
export const anyTable = fc
  .record({ rows: fc.integer({ min: 1, max: 40 }), columns: fc.integer({ min: 1, max: 11 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      x: fc
        .array(
          fc.oneof(
            { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
            { weight: 2, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
            { weight: 1, arbitrary: fc.constant(Number.NaN) },
          ),
          { minLength: rows * columns, maxLength: rows * columns },
        )
        .map((values): FeatureMatrix => ({ rows, columns, values: Float32Array.from(values) })),
      y: fc
        .array(fc.integer({ min: -20, max: 20 }), { minLength: rows, maxLength: rows })
        .map((values) => Float64Array.from(values)),
    }),
  );
