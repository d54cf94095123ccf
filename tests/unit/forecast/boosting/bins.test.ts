import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binTable, ROWS_A_BIN } from "../../../../src/forecast/boosting/bin-table.js";
import type { FeatureMatrix } from "../../../../src/forecast/boosting/fit.js";
import { DEFAULT_BOOSTING } from "../../../../src/forecast/boosting/options.js";
import { sampleOf } from "../../../../src/forecast/boosting/sampling.js";
import { CUT_SPACE, makeWorkspace, type Workspace } from "../../../../src/forecast/boosting/workspace.js";
import { createRandom } from "../../../../src/stats/random.js";

function binned({ rows, values }: FeatureMatrix, bins: number): Workspace {
  const size = ROWS_A_BIN * bins;
  const sample = rows > size ? sampleOf(rows, size, createRandom(0)) : null;
  const options = { ...DEFAULT_BOOSTING, bins };
  const workspace = makeWorkspace({ values, sample }, new Float64Array(rows), null, options, true, 1);
  binTable(workspace, (work, parts) => {
    for (let part = 0; part < parts; part++) work(workspace, part, parts, 0);
  });
  return workspace;
}

const anyColumns = fc
  .record({ rows: fc.integer({ min: 1, max: 80 }), columns: fc.integer({ min: 1, max: 14 }) })
  .chain(({ rows, columns }) =>
    fc
      .array(fc.oneof(fc.float({ noDefaultInfinity: true }), fc.integer({ min: -2, max: 2 })), {
        minLength: rows * columns,
        maxLength: rows * columns,
      })
      .map((values): FeatureMatrix => ({ rows, columns, values: Float32Array.from(values) })),
  );

test("a value's bin is the number of thresholds below it, and missing is the bin after those of numbers", () => {
  fc.assert(
    fc.property(anyColumns, fc.integer({ min: 2, max: 255 }), (x, bins) => {
      const { numbers, thresholds: all, columnBins, rowBins, stride } = binned(x, bins);
      for (let feature = 0; feature < x.columns; feature++) {
        const cuts = numbers[feature]! - 1;
        const thresholds = all.subarray(feature * CUT_SPACE, feature * CUT_SPACE + cuts);
        expect(numbers[feature]).toBeLessThanOrEqual(bins);
        for (let row = 0; row < x.rows; row++) {
          const value = x.values[feature * x.rows + row]!;
          const below = thresholds.filter((threshold) => threshold < value).length;
          expect(columnBins[feature * x.rows + row]).toBe(Number.isNaN(value) ? numbers[feature] : below);
          expect(rowBins[row * stride + feature]).toBe(columnBins[feature * x.rows + row]);
        }
      }
    }),
    { numRuns: 500 },
  );
});

describe("bins", () => {
  const sizes = (values: Float32Array, bins: number): number[] => {
    const { columnBins, numbers } = binned({ rows: values.length, columns: 1, values }, bins);
    const counts = Array<number>(numbers[0]!).fill(0);
    for (const bin of columnBins) counts[bin]! += 1;
    return counts;
  };

  test("hold about the same number of values", () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => Math.exp(i / 1000));
    const counts = sizes(values, 50);
    expect(counts.length).toBe(50);
    expect(Math.min(...counts)).toBeGreaterThan(190);
    expect(Math.max(...counts)).toBeLessThan(210);
  });

  test("are as many as there are distinct values where those are few", () => {
    expect(
      sizes(
        Float32Array.from({ length: 90 }, (_, i) => i % 9),
        10,
      ),
    ).toEqual(Array(9).fill(10));
  });

  test("leave a frequent value alone and part the others evenly", () => {
    const values = Float32Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? i / 3000 : 0.5 + 1e-5));
    const counts = sizes(values, 20);
    expect(Math.max(...counts)).toBeLessThan(2100);
    expect(counts.filter((count) => count > 30 && count < 80).length).toBeGreaterThan(14);
  });

  test("are found on a sample where there are very many rows", () => {
    const rows = 250_000;
    const values = Float32Array.from({ length: rows }, (_, i) => (i * 7919) % rows);
    const counts = sizes(values, 100);
    expect(counts.length).toBe(100);
    expect(Math.max(...counts) / 2500).toBeLessThan(1.15);
  });
});
