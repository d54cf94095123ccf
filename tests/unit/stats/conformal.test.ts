import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conformalHalfWidth, residualsNeeded } from "../../../src/stats/conformal.js";
import { createRandom } from "../../../src/stats/random.js";

const upTo = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i + 1);

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
    expect(conformalHalfWidth(new Float64Array(), 0.5)).toBeNull();
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
      if (next <= conformalHalfWidth(residuals, 0.9)!) corrected++;
      if (next <= residuals[8]!) plain++;
    }
    expect(corrected / 20_000).toBeCloseTo(10 / 11, 2);
    expect(plain / 20_000).toBeLessThan(0.84);
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
