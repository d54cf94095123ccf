import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conformalHalfWidth, residualsNeeded, totalWeight } from "../../../src/stats/conformal.js";
import { createRandom } from "../../../src/stats/random.js";

const equal = (residuals: ArrayLike<number>) => [{ weight: 1, sorted: Float64Array.from(residuals).sort() }];
const upTo = (n: number) => equal(Array.from({ length: n }, (_, i) => i + 1));

describe("conformalHalfWidth", () => {
  test.each([
    [9, 0.9, 9],
    [10, 0.9, 10],
    [19, 0.9, 18],
    [99, 0.8, 80],
    [99, 0.55, 55],
    [99, 0.57, 57],
  ])("%i residuals at %f: the order statistic %i", (n, level, rank) => {
    expect(conformalHalfWidth(upTo(n), level)).toBe(rank);
  });

  test("a level that n cannot support is refused", () => {
    expect(conformalHalfWidth(upTo(8), 0.9)).toBeNull();
    expect(conformalHalfWidth(upTo(18), 0.95)).toBeNull();
    expect(conformalHalfWidth([], 0.5)).toBeNull();
  });

  test("a level outside (0, 1) is an error", () => {
    for (const level of [0, 1, 80, Number.NaN])
      expect(() => conformalHalfWidth(upTo(9), level)).toThrow(RangeError);
  });

  test("covers at least as often as it says with 10 residuals, which the uncorrected quantile does not", () => {
    const random = createRandom(1);
    const draw = () => -Math.log(1 - random.uniform());
    let [corrected, plain] = [0, 0];
    for (let trial = 0; trial < 20_000; trial++) {
      const residuals = Float64Array.from({ length: 10 }, draw).sort();
      const next = draw();
      if (next <= conformalHalfWidth(equal(residuals), 0.9)!) corrected++;
      if (next <= residuals[8]!) plain++;
    }
    expect(corrected / 20_000).toBeCloseTo(10 / 11, 2);
    expect(plain / 20_000).toBeLessThan(0.84);
  });

  test("brute force: with every value of a set left out once, at least the level is covered, and less than a value more", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 40 }),
        fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        (values, level) => {
          fc.pre(values.length - 1 >= residualsNeeded(level));
          const covered = values.filter((value, left) => {
            const others = values.filter((_, i) => i !== left);
            return value <= conformalHalfWidth(equal(others), level)!;
          }).length;
          expect(covered).toBeGreaterThanOrEqual(level * values.length * (1 - 1e-9));
          expect(covered).toBeLessThan(level * values.length + 1);
        },
      ),
    );
  });

  test("weights are shares of all weight, the value to come included", () => {
    const samples = [
      { weight: 1, sorted: Float64Array.of(2, 4, 6) },
      { weight: 0.5, sorted: Float64Array.of(1, 3, 5, 7) },
    ];
    // All weight is 5 + 1. In order: 1 → .5, 2 → 1.5, 3 → 2, 4 → 3, 5 → 3.5, 6 → 4.5, 7 → 5.
    expect(totalWeight(samples)).toBe(5);
    for (const [share, width] of [
      [0.5, 1],
      [0.6, 2],
      [1.5, 2],
      [3, 4],
      [3.1, 5],
      [4.5, 6],
      [5, 7],
    ] as const) {
      expect(conformalHalfWidth(samples, share / 6)).toBe(width);
    }
    expect(conformalHalfWidth(samples, 5.01 / 6)).toBeNull();
  });

  test("splitting residuals of one weight into samples changes nothing", () => {
    const value = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(value), fc.array(value), fc.constantFrom(0.5, 0.8, 0.95), (a, b, level) => {
        expect(conformalHalfWidth([...equal(a), ...equal(b)], level)).toBe(
          conformalHalfWidth(equal([...a, ...b]), level),
        );
      }),
    );
  });
});

describe("residualsNeeded", () => {
  test.each([
    [0.5, 1],
    [0.8, 4],
    [0.9, 9],
    [0.95, 19],
    [0.99, 99],
    [0.975, 39],
  ])("level %f needs %i", (level, n) => {
    expect(residualsNeeded(level)).toBe(n);
  });

  test("is the first n that supports the level", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.999, noNaN: true }), (level) => {
        const n = residualsNeeded(level);
        expect(conformalHalfWidth(upTo(n), level)).not.toBeNull();
        if (n > 1) expect(conformalHalfWidth(upTo(n - 1), level)).toBeNull();
      }),
    );
  });
});
