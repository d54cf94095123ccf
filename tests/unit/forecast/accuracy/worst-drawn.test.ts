import { expect, test } from "vitest";
import type { Pair } from "../../../../src/forecast/accuracy/pairs.js";
import { drawnSeries } from "../../../../src/forecast/accuracy/worst-drawn.js";

const calendar = { frequency: "quarter", fiscalYearStart: 1 } as const;
const range = { first: 8, last: 9 };
const actuals = {
  at: (series: string, period: number) => (series === "b" && period === 3 ? Number.NaN : period * 10),
};

const interval = (level: number, width: number) => ({
  level,
  lo: [100 - width, 110 - width],
  hi: [100 + width, 110 + width],
});
const forecasts = {
  cutoff: 7,
  series: ["b", "b"],
  period: [8, 9],
  forecast: [100, 110],
  intervals: [interval(0.95, 20), interval(0.8, 10)],
};
const pairs = [8, 9].map(
  (period, row): Pair => ({
    series: "b",
    period,
    actual: period * 10,
    forecast: 100 + 10 * row,
    from: { forecasts, row },
  }),
);

test("has two seasons before, the quarter, and the forecast with the interval nearest to 80%", () => {
  const { level, series } = drawnSeries(["b"], { pairs, actuals: actuals as never, range, calendar });
  expect(level).toBe(0.8);
  expect(series[0]!.actuals.map(({ actual }) => actual)).toEqual([0, 10, 20, null, 40, 50, 60, 70, 80, 90]);
  expect(series[0]!.forecasts.map(({ forecast, lo, hi }) => [forecast, lo, hi])).toEqual([
    [100, 90, 110],
    [110, 100, 120],
  ]);
  expect(series[0]!.forecasts[0]!.period).toBe(series[0]!.actuals.at(-2)!.period);
});

test("draws the first eight, and none without a forecast", () => {
  const many = Array.from({ length: 20 }, (_, i) => `s${i}`);
  const { level, series } = drawnSeries(many, { pairs: [], actuals: actuals as never, range, calendar });
  expect(series.map(({ key }) => key)).toEqual(many.slice(0, 8));
  expect([level, series[0]!.forecasts]).toEqual([null, []]);
});
