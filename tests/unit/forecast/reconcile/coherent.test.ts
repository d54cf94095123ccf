import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  coherentSeries,
  errorScales,
  sumMembers,
  typicalRatio,
  withDeviations,
} from "../../../../src/forecast/reconcile/coherent.js";
import { errorsOf } from "../../../../src/forecast/reconcile/errors.js";
import "../../../support/fast-check.js";
import { groupsOf, independent } from "./support.js";

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });

/** Any sums over any series, with any errors and forecasts. */
const world = fc
  .record({
    series: fc.integer({ min: 1, max: 9 }),
    sums: fc.integer({ min: 1, max: 6 }),
    rows: fc.integer({ min: 2, max: 6 }),
  })
  .chain(({ series, sums, rows }) =>
    fc.record({
      members: fc.array(fc.subarray([...Array(series).keys()], { minLength: 1 }), {
        minLength: sums,
        maxLength: sums,
      }),
      living: fc.array(fc.boolean(), { minLength: series, maxLength: series }),
      errors: fc.array(number, { minLength: (series + sums) * rows, maxLength: (series + sums) * rows }),
      base: fc.array(number, { minLength: series * 2, maxLength: series * 2 }),
      sums: fc.array(number, { minLength: sums * 2, maxLength: sums * 2 }),
    }),
  )
  .map(({ members, living, errors, base, sums }) => ({
    base: {
      horizon: 2,
      living: Uint8Array.from(living, Number),
      series: Float64Array.from(base),
      groups: groupsOf(members),
      sums: Float64Array.from(sums),
    },
    errors: withDeviations(
      errorsOf(Float64Array.from(errors), base.length / 2 + members.length),
      new Float64Array(base.length / 2 + members.length).fill(1),
      1,
    ),
  }));

describe("coherentSeries", () => {
  test("gives finite numbers for anything, and leaves alone what is in no sum", () => {
    fc.assert(
      fc.property(world, fc.boolean(), ({ base, errors }, nonNegative) => {
        const found = coherentSeries(base, errors, nonNegative);
        base.living.forEach((lives, s) => {
          for (let h = 0; h < 2; h++) {
            const value = found[s * 2 + h]!;
            expect(Number.isFinite(value)).toBe(true);
            if (lives === 0) expect(value).toBe(base.series[s * 2 + h]);
            else if (nonNegative) expect(value).toBeGreaterThanOrEqual(0);
          }
        });
      }),
    );
  });

  test("forecasts that add up already stay", () => {
    fc.assert(
      fc.property(world, ({ base, errors }) => {
        const sums = sumMembers(base);
        const found = coherentSeries({ ...base, sums }, errors, false);
        const size = base.series.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        found.forEach((value, cell) => {
          expect(Math.abs(value - base.series[cell]!)).toBeLessThanOrEqual(1e-9 * size);
        });
      }),
    );
  });

  test("what comes out adds up: doing it again with its own sums changes nothing", () => {
    fc.assert(
      fc.property(world, ({ base, errors }) => {
        const once = coherentSeries(base, errors, true);
        const twice = coherentSeries(
          { ...base, series: once, sums: sumMembers({ ...base, series: once }) },
          errors,
          true,
        );
        const size = once.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        twice.forEach((value, cell) => {
          expect(Math.abs(value - once[cell]!)).toBeLessThanOrEqual(1e-9 * size);
        });
      }),
    );
  });

  test("nothing falls below zero where no target does", () => {
    const base = {
      horizon: 1,
      living: Uint8Array.of(1, 1),
      series: Float64Array.of(1, 9),
      groups: groupsOf([[0, 1]]),
      sums: Float64Array.of(2),
    };
    const errors = independent([1, 1, 1e-6]);
    expect(coherentSeries(base, errors, false)[0]).toBeCloseTo(-3, 6);
    const clipped = coherentSeries(base, errors, true);
    expect(clipped[0]).toBe(0);
    expect(clipped[1]).toBeCloseTo(5, 6);
    expect(sumMembers({ ...base, series: clipped })[0]).toBe(clipped[0]! + clipped[1]!);
  });

  test("a group of one series and a group equal to its parent change nothing", () => {
    const base = {
      horizon: 1,
      living: Uint8Array.of(1, 1, 1),
      series: Float64Array.of(10, 20, 30),
      groups: groupsOf([[0, 1, 2]]),
      sums: Float64Array.of(66),
    };
    const own = coherentSeries(base, independent([1, 1, 1, 1]), false);
    const more = {
      ...base,
      groups: groupsOf([[0, 1, 2], [0, 1, 2], [1]]),
      sums: Float64Array.of(66, 600, 5),
    };
    expect(coherentSeries(more, independent([1, 1, 1, 1, 1, 1]), false)).toEqual(own);
  });

  test("a series that has ended is in no sum", () => {
    const base = {
      horizon: 1,
      living: Uint8Array.of(1, 0, 1),
      series: Float64Array.of(10, 99, 30),
      groups: groupsOf([[0, 1, 2], [1]]),
      sums: Float64Array.of(43, 1),
    };
    const found = coherentSeries(base, independent([1, 1, 1, 1, 1]), false);
    expect([...found].map((value) => Number(value.toFixed(9)))).toEqual([11, 99, 31]);
    expect([...sumMembers(base)]).toEqual([40, Number.NaN]);
  });
});

describe("deviations", () => {
  test("where CV does not tell, it is the typical multiple of the seasonal naive error", () => {
    const errors = independent([2, Number.NaN, 9, 0]);
    const scale = Float64Array.of(1, 10, 3, 5);
    expect(typicalRatio(errors, scale)).toBe(3);
    expect([...withDeviations(errors, scale, 3).deviation]).toEqual([2, 30, 9, 0]);
    expect(typicalRatio(independent([Number.NaN]), Float64Array.of(1))).toBe(1);
  });

  test("a series of zeros, or without a number, is not expected to err", () => {
    const rows = [1, 3, 2, 5, 0, 0, 0, 0, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 4, 4, 4, 4];
    expect([...errorScales(Float32Array.from(rows), 4, 2)]).toEqual([1.5, 0, 0, 4]);
  });
});
