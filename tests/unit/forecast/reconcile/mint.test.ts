import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errorsOf, shrinkageOf } from "../../../../src/forecast/reconcile/errors.js";
import { reconcileSeries } from "../../../../src/forecast/reconcile/solve.js";
import { independent } from "./support.js";

interface Case {
  readonly name: string;
  readonly horizon: number;
  readonly members: number[][];
  /** [nodes][rows], series first. */
  readonly errors: number[][];
  readonly series: number[][];
  readonly sums: number[][];
  readonly shrinkage: number;
  readonly reconciled: number[][];
}

/** Made by tests/oracles/mint.py: dense formulas in numpy. */
const { cases } = JSON.parse(readFileSync(new URL("mint.golden.json", import.meta.url), "utf8")) as {
  cases: Case[];
};

describe.each(cases)("$name", ({ horizon, members, errors, series, sums, shrinkage, reconciled }) => {
  const learned = errorsOf(Float64Array.from(errors.flat()), errors.length);

  test("shrinks as Schäfer and Strimmer do", () => {
    expect(learned.shrinkage).toBeCloseTo(shrinkage, 12);
  });

  test("is S(S'W⁻¹S)⁻¹S'W⁻¹ŷ", () => {
    const found = reconcileSeries({
      horizon,
      series: Float64Array.from(series.flat()),
      sums: Float64Array.from(sums.flat()),
      members: members.map((own) => Int32Array.from(own)),
      errors: learned,
    });
    reconciled.flat().forEach((value, cell) => {
      expect(found[cell]).toBeCloseTo(value, 9);
    });
  });
});

describe("errorsOf", () => {
  test("nothing is correlated with one row, or with one series", () => {
    expect(shrinkageOf(Float64Array.of(1, -1, 2), 3)).toBe(1);
    expect(shrinkageOf(Float64Array.of(1, -1, 0.5, 1.2), 1)).toBe(1);
    expect(shrinkageOf(new Float64Array(0), 0)).toBe(1);
  });

  test("keeps some weight on the diagonal when all series err as one", () => {
    const same = [3, -3, 3, -3, 3, -3];
    expect(errorsOf(Float64Array.from([...same, ...same, ...same]), 3).shrinkage).toBe(1e-4);
  });

  test("a node with fewer than three errors has no deviation and no say; one without any error has zero", () => {
    const errors = Float64Array.of(3, -4, Number.NaN, 5, 1, Number.NaN, Number.NaN, 2, 0, 0, 0, 0);
    const { deviation, scaled, rows } = errorsOf(errors, 3);
    expect(rows).toBe(4);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(50 / 3), 12);
    expect(deviation[1]).toBeNaN();
    expect(deviation[2]).toBe(0);
    expect([...scaled.subarray(2, 3), ...scaled.subarray(4)]).toEqual(Array(9).fill(0));
  });

  test("errors of any size have finite deviations", () => {
    const { deviation, scaled } = errorsOf(Float64Array.of(1e200, -1e200, 1e200, 1e-200, 1e-200, 2e-200), 2);
    expect(deviation[0]).toBeCloseTo(1e200, -190);
    expect(deviation[1]! / 1e-200).toBeCloseTo(Math.SQRT2, 12);
    expect(scaled.every(Number.isFinite)).toBe(true);
  });
});

describe("reconcileSeries", () => {
  const solve = (series: number[], sums: number[], members: (number[] | null)[], deviation: number[]) => [
    ...reconcileSeries({
      horizon: 1,
      series: Float64Array.from(series),
      sums: Float64Array.from(sums),
      members: members.map((own) => (own === null ? null : Int32Array.from(own))),
      errors: independent(deviation),
    }),
  ];

  test("who errs more moves more", () => {
    // Off by 6; variances 1 and 4 of the series, 1 of the sum.
    expect(solve([10, 20], [36], [[0, 1]], [1, 2, 1]).map((value) => value.toFixed(9))).toEqual([
      "11.000000000",
      "24.000000000",
    ]);
  });

  test("a series that never errs stays, and so do all of them under a sum that nothing can reach", () => {
    expect(solve([10, 20], [36], [[0, 1]], [0, 2, 0])).toEqual([10, 26]);
    expect(solve([10, 20], [36], [[0, 1]], [0, 0, 0])).toEqual([10, 20]);
  });

  test("two sums of the same series that never err are not asked for more than can be", () => {
    const found = solve(
      [10, 20],
      [36, 33],
      [
        [0, 1],
        [0, 1],
      ],
      [1, 1, 0, 0],
    );
    expect(found.every(Number.isFinite)).toBe(true);
    expect(found[0]! + found[1]!).toBeCloseTo(36, 9);
  });

  test("leaves a sum out that has no forecast, and one with a member that has none", () => {
    expect(solve([10, 20], [Number.NaN], [[0, 1]], [1, 1, 1])).toEqual([10, 20]);
    expect(
      solve(
        [10, Number.NaN, 5],
        [40, 20],
        [
          [0, 1],
          [0, 2],
        ],
        [1, 1, 1, 1, 1e-9],
      )[2],
    ).toBeCloseTo(7.5, 6);
    expect(solve([10, 20], [36], [null], [1, 1, 1])).toEqual([10, 20]);
  });

  test("the unit of the target does not matter", () => {
    const units = [1e-12, 1, 1e12];
    for (const unit of units) {
      const scaled = solve([10 * unit, 20 * unit], [36 * unit], [[0, 1]], [unit, 2 * unit, unit]);
      expect(scaled.map((value) => value / unit)[1]).toBeCloseTo(24, 9);
    }
  });
});
