import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { targetStatistics } from "../../../../src/forecast/boosting/target-statistics.js";

const codes = Int32Array.of(0, 1, 0, 1, 0, -1);
const y = Float64Array.of(1, 10, 2, 20, 3, 6);

describe("target statistics", () => {
  test("of new rows are the mean of the code, drawn to the mean of all; unknown codes are one more", () => {
    const { byCode } = targetStatistics(codes, 3, y, 1, 2);
    // (6 + 2·7)/(3 + 2), (30 + 2·7)/(2 + 2), no row, (6 + 2·7)/(1 + 2)
    expect(Array.from(byCode)).toEqual([4, 11, 7, 20 / 3]);
  });

  test("of a training row come from rows before it in one order, never from itself", () => {
    const anyCodes = fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(anyCodes, fc.integer(), (own, seed) => {
        // Powers of two: a sum tells which rows are in it.
        const { training } = targetStatistics(
          Int32Array.from(own),
          3,
          Float64Array.from(own, (_, row) => 2 ** row),
          seed,
        );
        const prior = (2 ** own.length - 1) / own.length;
        const placeOf = (code: number) => (code >= 0 && code < 3 ? code : 3);
        for (let place = 0; place <= 3; place++) {
          const group = [...own.keys()].filter((row) => placeOf(own[row]!) === place);
          const members = (sum: number) => group.filter((row) => (Math.round(sum) >> row) & 1);
          const before = group.map((row) => {
            for (let count = 0; count < group.length; count++) {
              const sum = training[row]! * (count + 1) - prior;
              const rows = members(sum);
              const whole = rows.reduce((total, other) => total + 2 ** other, 0);
              if (rows.length === count && !rows.includes(row) && Math.abs(sum - whole) < 1e-8) return rows;
            }
            throw new Error(`row ${row} is not made of other rows of its code`);
          });
          expect(before.map((rows) => rows.length).sort((a, b) => a - b)).toEqual([...group.keys()]);
        }
      }),
    );
  });

  test("start from the mean of all", () => {
    const { training } = targetStatistics(Int32Array.of(0, 1, 2), 3, Float64Array.of(3, 6, 9), 5);
    expect(Array.from(training)).toEqual([6, 6, 6]);
  });

  test("follow the seed", () => {
    expect(targetStatistics(codes, 3, y, 1)).toEqual(targetStatistics(codes, 3, y, 1));
    const orders = [1, 2, 3, 4, 5].map((seed) =>
      Array.from(targetStatistics(codes, 3, y, seed).training).join(),
    );
    expect(new Set(orders).size).toBeGreaterThan(1);
  });

  test("need a target a code", () => {
    expect(() => targetStatistics(codes, 3, Float64Array.of(1), 1)).toThrow(RangeError);
  });
});
