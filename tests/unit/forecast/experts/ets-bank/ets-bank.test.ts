import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { etsBank } from "../../../../../src/forecast/experts/ets-bank/ets-bank.js";
import type { EtsBankExpert } from "../../../../../src/forecast/experts/ets-bank/model.js";
import type { Rows, Shape } from "../../../../../src/forecast/rows.js";
import { referenceForecast } from "./reference.js";
import { hostileRows, rowsOf, runGraph } from "./support.js";

const GRID: EtsBankExpert = {
  kind: "ets-bank",
  id: "ets-bank",
  alpha: [0.05, 0.15, 0.3, 0.5, 0.8],
  beta: [0.05, 0.2],
  gamma: [0.02, 0.15, 0.3],
  phi: [0.85, 0.95],
  temper: 0.15,
};
const SMALL: EtsBankExpert = { ...GRID, alpha: [0.1, 0.6], beta: [0.1], gamma: [0.1, 0.2] };

const forecastOf = (expert: EtsBankExpert, rows: Rows) => etsBank.forecast(expert, rows) as Float64Array;

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const shapes: fc.Arbitrary<Shape> = fc
  .record({
    season: fc.constantFrom(1, 2, 4, 12),
    seasons: fc.integer({ min: 1, max: 6 }),
    horizon: fc.integer({ min: 1, max: 15 }),
  })
  .map(({ season, seasons, horizon }) => ({ season, context: season * seasons, horizon }));
const sane = (context: number) =>
  fc.oneof(
    fc.array(finite(1, 1000).map(Math.fround), { minLength: 1, maxLength: context }),
    fc.array(finite(-100, 100).map(Math.fround), { minLength: 1, maxLength: context }),
  );

test("is the recipe", () => {
  fc.assert(
    fc.property(
      shapes.chain((shape) => fc.tuple(fc.constant(shape), sane(shape.context))),
      ([shape, row]) => {
        const rows = rowsOf([row], shape);
        const expected = referenceForecast(GRID, row, rows.scale[0]!, shape.season, shape.horizon);
        const unit = 1e-9 * Math.max(...row.map(Math.abs));
        forecastOf(GRID, rows).forEach((value, h) => {
          expect(Math.abs(value - expected[h]!)).toBeLessThanOrEqual(unit);
        });
      },
    ),
    { numRuns: 150 },
  );
});

describe("graph and interpreter agree", () => {
  async function expectAgreement(expert: EtsBankExpert, series: number[][], shape: Shape): Promise<void> {
    const rows = rowsOf(series, shape);
    const expected = forecastOf(expert, rows);
    const actual = await runGraph(expert, rows);
    expect(actual).toHaveLength(expected.length);
    expected.forEach((value, cell) => {
      const row = Math.floor(cell / shape.horizon);
      const unit = Math.max(Math.abs(value), 0.01 * rows.scale[row]!);
      const error = Math.abs(actual[cell]! - value) / unit;
      expect(Number.isFinite(value) && error <= 1e-6, `${series[row]}: ${value}, ${actual[cell]}`).toBe(true);
    });
  }

  test.each([
    { season: 12, context: 96, horizon: 24 },
    { season: 12, context: 24, horizon: 3 },
    { season: 4, context: 40, horizon: 8 },
    { season: 2, context: 6, horizon: 1 },
    { season: 1, context: 12, horizon: 5 },
    { season: 12, context: 12, horizon: 6 },
    { season: 1, context: 3, horizon: 2 },
  ])("on hostile rows, season $season, context $context", async (shape) => {
    const fitting = hostileRows(shape.context).filter((row) => row.length <= shape.context);
    await expectAgreement(GRID, fitting, shape);
  });

  test.each([
    { season: 12, context: 60, horizon: 7 },
    { season: 4, context: 28, horizon: 3 },
    { season: 2, context: 16, horizon: 2 },
    { season: 1, context: 12, horizon: 2 },
  ])("on rows of every length, season $season", async (shape) => {
    const row = Array.from({ length: shape.context }, (_, t) => Math.fround(40 + t + 30 * Math.cos(t * t)));
    const cut = row.map((_, t) => row.slice(t));
    await expectAgreement(GRID, cut.concat(cut.map((values) => values.map((value) => value - 60))), shape);
  });

  test("on any rows", async () => {
    const value = fc.oneof(
      { weight: 6, arbitrary: finite(-10, 1000) },
      { weight: 2, arbitrary: fc.constant(Number.NaN) },
      { weight: 1, arbitrary: fc.constantFrom(0, 1e12, 1e-12) },
    );
    const anyRow = (context: number) =>
      fc.oneof(sane(context), fc.array(value.map(Math.fround), { maxLength: context }));
    await fc.assert(
      fc.asyncProperty(
        shapes.chain((shape) =>
          fc.tuple(fc.constant(shape), fc.array(anyRow(shape.context), { minLength: 1, maxLength: 6 })),
        ),
        ([shape, series]) => expectAgreement(SMALL, series, shape),
      ),
      { numRuns: 40 },
    );
  });
});

describe("forecast", () => {
  const shape: Shape = { season: 4, context: 24, horizon: 6 };
  const row = Array.from({ length: 24 }, (_, t) => Math.fround(50 + t + 9 * Math.sin(t * 1.6) + (t % 5)));

  test("follows the unit of the series", () => {
    const one = forecastOf(GRID, rowsOf([row], shape));
    for (const factor of [2 ** -40, 2 ** 30]) {
      const other = forecastOf(GRID, rowsOf([row.map((value) => value * factor)], shape));
      expect([...other]).toEqual([...one].map((value) => value * factor));
    }
    const rounded = forecastOf(GRID, rowsOf([row.map((value) => value * 1e-3)], shape));
    rounded.forEach((value, h) => {
      expect(value / (one[h]! * 1e-3)).toBeCloseTo(1, 5);
    });
  });

  test("depends on its row alone", () => {
    const alone = forecastOf(GRID, rowsOf([row], shape));
    const beside = forecastOf(GRID, rowsOf([[1e12], row, row.map(() => 1e9)], shape));
    expect(beside.slice(6, 12)).toEqual(alone);
  });

  test("does not see what stands before the first number, gaps apart", () => {
    const short = row.slice(-13);
    const narrow = forecastOf(GRID, rowsOf([short], { ...shape, context: 16 }));
    expect(forecastOf(GRID, rowsOf([short], shape))).toEqual(narrow);
  });

  test.each([
    { name: "no number", row: [], expected: 0 },
    { name: "one number", row: [7], expected: 7 },
    { name: "zeros", row: new Array<number>(24).fill(0), expected: 0 },
    { name: "a constant", row: new Array<number>(24).fill(-3), expected: -3 },
  ])("of $name", ({ row, expected }) => {
    for (const value of forecastOf(GRID, rowsOf([row], shape))) expect(value).toBeCloseTo(expected, 12);
  });

  test("goes on with season and trend", () => {
    const steady = Array.from({ length: 24 }, (_, t) => 100 + t + [8, -3, 0, -5][t % 4]!);
    forecastOf(GRID, rowsOf([steady], shape)).forEach((value, h) => {
      // Damping loses up to 1 − φ of a step a period.
      expect(Math.abs(value - (124 + h + [8, -3, 0, -5][h % 4]!))).toBeLessThan(0.6 * (h + 1));
    });
  });

  test("on logarithms stays below ten times the largest number", () => {
    const burst = Array.from({ length: 24 }, (_, t) => Math.fround(t < 20 ? 1e-6 : 10 ** (2 * (t - 19))));
    for (const value of forecastOf(GRID, rowsOf([burst], { ...shape, horizon: 60 }))) {
      expect(value).toBeLessThanOrEqual(1e9 * 1.001);
    }
  });
});
