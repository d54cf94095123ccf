import fc from "fast-check";
import { expect, test } from "vitest";
import { populationStability } from "../../../src/stats/psi.js";

/** The definition again, value by value. */
function bruteForce(actual: readonly number[], expected: readonly number[], bins: number): number {
  const sorted = [...expected].sort((a, b) => a - b);
  const quantile = (q: number) => {
    const at = (sorted.length - 1) * q;
    const low = sorted[Math.floor(at)]!;
    return low + (at - Math.floor(at)) * (sorted[Math.min(Math.floor(at) + 1, sorted.length - 1)]! - low);
  };
  const bounds = [...new Set(Array.from({ length: bins }, (_, k) => quantile((k + 1) / bins)))];
  const binOf = (value: number): number => {
    if (value < sorted[0]!) return -1;
    const found = bounds.findIndex((bound) => value <= bound);
    return found < 0 ? bounds.length : found;
  };
  let sum = 0;
  const all = bounds.length + 2;
  for (let bin = -1; bin <= bounds.length; bin++) {
    const share = (values: readonly number[]) =>
      (values.filter((value) => binOf(value) === bin).length + 0.5) / (values.length + all / 2);
    sum += (share(actual) - share(expected)) * Math.log(share(actual) / share(expected));
  }
  return sum;
}

const sample = fc.array(
  fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -5, max: 5, noNaN: true })),
  {
    minLength: 1,
    maxLength: 40,
  },
);

test("agrees with the definition, is never negative, and zero for equal samples", () => {
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: 2, max: 12 }), (actual, expected, bins) => {
      const found = populationStability(actual, expected, bins)!;
      expect(found).toBeCloseTo(bruteForce(actual, expected, bins), 9);
      expect(found).toBeGreaterThanOrEqual(0);
      expect(populationStability(actual, actual, bins)).toBe(0);
    }),
  );
});

test("values that leave the range of the reference count, on either side and for a constant one", () => {
  const constant = new Array<number>(100).fill(5);
  const inside = populationStability(constant, constant, 10)!;
  for (const value of [4, 6]) {
    expect(populationStability(new Array<number>(100).fill(value), constant, 10)).toBeGreaterThan(inside + 5);
  }
});

test("an empty side is null; NaN and a single bin are refused", () => {
  expect(populationStability([], [1], 10)).toBeNull();
  expect(populationStability([1], [], 10)).toBeNull();
  expect(() => populationStability([Number.NaN], [1], 10)).toThrow(RangeError);
  expect(() => populationStability([1], [Number.NaN], 10)).toThrow(RangeError);
  expect(() => populationStability([1], [1], 1)).toThrow(RangeError);
});
