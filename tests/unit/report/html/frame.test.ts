import fc from "fast-check";
import { expect, test } from "vitest";
import { tickLabels, ticksOf, verticalScale } from "../../../../src/report/html/charts/frame.js";
import { periodFigure } from "../../../../src/report/html/charts/period-figure.js";

const finite = fc.double({ min: -1e12, max: 1e12, noNaN: true, noDefaultInfinity: true });

test("ticks are round, rising, few, and span the values", () => {
  fc.assert(
    fc.property(fc.array(finite, { maxLength: 20 }), (values) => {
      const ticks = ticksOf(values);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(8);
      for (let i = 1; i < ticks.length; i++) expect(ticks[i]!).toBeGreaterThan(ticks[i - 1]!);
      const slack = 1e-9 * Math.max(...ticks.map(Math.abs));
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual(ticks[0]! - slack);
        expect(value).toBeLessThanOrEqual(ticks.at(-1)! + slack);
      }
    }),
  );
  expect(ticksOf([12, 95])).toEqual([0, 50, 100]);
  expect(ticksOf([3, 3.5])).toEqual([3, 3.2, 3.4, 3.6]);
});

test("labels are short, and never equal for different ticks", () => {
  expect(tickLabels([0, 5500, 11000])).toEqual(["0", "5.5k", "11k"]);
  expect(tickLabels([100_000, 100_050, 100_100])).toEqual(["100,000", "100,050", "100,100"]);
  expect(tickLabels([10, 20, 100])).toEqual(["10", "20", "100"]);
});

test("what is drawn lies inside the drawing", () => {
  fc.assert(
    fc.property(fc.array(fc.option(finite), { minLength: 1, maxLength: 30 }), (values) => {
      const { source } = periodFigure({
        label: "x",
        periods: values.map((_, i) => `p${i}`),
        bands: [],
        lines: [{ values, color: "--fg", width: 1, dots: true }],
        cutoff: null,
      });
      expect(source).not.toContain("NaN");
      for (const [, x, y] of source.matchAll(/cx="([\d.-]+)" cy="([\d.-]+)"/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0);
        expect(Number(x)).toBeLessThanOrEqual(320);
        expect(Number(y)).toBeGreaterThanOrEqual(7.9);
        expect(Number(y)).toBeLessThanOrEqual(126.1);
      }
      expect(source.match(/<circle/g) ?? []).toHaveLength(values.filter((value) => value !== null).length);
    }),
  );
});

test("a larger value is higher up", () => {
  const { at } = verticalScale([1, 2, 3]);
  expect(at(3)).toBeLessThan(at(2));
  expect(at(2)).toBeLessThan(at(1));
});
