import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shortestFloat32 } from "../../../../src/forecast/forecaster/shortest.js";

describe("shortestFloat32", () => {
  test.each([
    [0.1, 0.1],
    [1 / 3, 0.33333334],
    [16777216, 16777216],
    [3.4028234663852886e38, 3.4028235e38],
    [2 ** -149, 1e-45],
    [-483.3032, -483.3032],
    [1e12, 1e12],
  ])("%d", (value, expected) => {
    expect(shortestFloat32(Math.fround(value))).toBe(expected);
  });

  test("keeps what is no number and drops the sign of zero", () => {
    expect(shortestFloat32(Number.NaN)).toBeNaN();
    expect(Object.is(shortestFloat32(-0), 0)).toBe(true);
  });

  test("reads back equal, and nothing shorter does", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const short = shortestFloat32(value);
        expect(Math.fround(short)).toBe(value + 0);
        const digits = short.toExponential().replace(/e.*|[-.]/g, "").length;
        for (let fewer = 1; fewer < digits; fewer++) {
          expect(Math.fround(Number(value.toPrecision(fewer)))).not.toBe(value);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
