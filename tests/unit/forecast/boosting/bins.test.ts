import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binFeatures, laneOf } from "../../../../src/forecast/boosting/bins.js";
import type { FeatureMatrix } from "../../../../src/forecast/boosting/fit.js";

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
      const binned = binFeatures(x, bins, 0);
      const { numbers, thresholds } = binned;
      for (let feature = 0; feature < x.columns; feature++) {
        const { words, stride, word, shift } = laneOf(binned, feature);
        expect(numbers[feature]).toBe(thresholds[feature]!.length + 1);
        expect(numbers[feature]).toBeLessThanOrEqual(bins);
        for (let row = 0; row < x.rows; row++) {
          const value = x.values[feature * x.rows + row]!;
          const bin = (words[row * stride + word]! >>> shift) & 255;
          const below = thresholds[feature]!.filter((threshold) => threshold < value).length;
          expect(bin).toBe(Number.isNaN(value) ? numbers[feature] : below);
        }
      }
    }),
    { numRuns: 500 },
  );
});

describe("bins", () => {
  const sizes = (values: Float32Array, bins: number): number[] => {
    const { blocks, numbers } = binFeatures({ rows: values.length, columns: 1, values }, bins, 0);
    const counts = Array<number>(numbers[0]!).fill(0);
    for (const word of blocks[0]!) counts[word & 255]! += 1;
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
