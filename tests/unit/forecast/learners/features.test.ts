import { describe, expect, test } from "vitest";
import { centredRidge } from "../../../../src/forecast/learners/centred-ridge.js";
import { pooledRidge } from "../../../../src/forecast/learners/pooled-ridge.js";
import { fitted, forecastOf, rowsOf, uniform, viewOf } from "./support.js";

const SEASON = 12;
const HORIZON = 12;
const LENGTH = 96;
const SERIES = 30;

/** 1 in the month that Easter falls in, which moves. */
const holiday = (t: number): number =>
  t % SEASON === 2 + ([0, 1, 1, 0, 1, 0, 0, 1, 1][Math.floor(t / SEASON)] ?? 0) ? 1 : 0;

const random = uniform(3);
const periods = Array.from({ length: LENGTH + HORIZON }, (_, t) => t);
/** Known noise that all series share, as a holiday is. */
const noise = periods.map(() => random());

/** Level, season, noise, and an effect of `feature`. */
const panel = (feature: (t: number) => number): number[][] =>
  Array.from({ length: SERIES }, (_, s) => {
    const level = 50 * (1 + s);
    return periods.map(
      (t) =>
        level * (1 + 0.1 * Math.sin((2 * Math.PI * (t + s)) / SEASON) + 0.3 * feature(t) + 0.05 * random()),
    );
  });

async function errorOf(
  make: typeof pooledRidge | typeof centredRidge,
  truth: readonly number[][],
  known: readonly (readonly number[])[],
): Promise<number> {
  const view = viewOf({
    season: SEASON,
    horizon: HORIZON,
    context: LENGTH,
    series: truth.map((row) => row.slice(0, LENGTH)),
    known: known.map((feature) => truth.map(() => feature.slice(0, LENGTH))),
  });
  const ahead = truth.map(() => periods.slice(LENGTH).map((t) => known.map((feature) => feature[t]!)));
  const forecast = await forecastOf(fitted(make(), view), rowsOf(view, known.length === 0 ? [] : ahead));
  let error = 0;
  let size = 0;
  truth.forEach((row, s) => {
    for (let h = 0; h < HORIZON; h++) {
      error += Math.abs(row[LENGTH + h]! - forecast[s * HORIZON + h]!);
      size += Math.abs(row[LENGTH + h]!);
    }
  });
  return error / size;
}

describe.each([
  { name: "pooled-ridge", make: pooledRidge },
  { name: "centred-ridge", make: centredRidge },
])("$name", ({ make }) => {
  test("a holiday that moves helps", async () => {
    const truth = panel(holiday);
    const without = await errorOf(make, truth, []);
    const beside = await errorOf(make, truth, [periods.map(holiday)]);
    expect(beside).toBeLessThan(0.8 * without);
    // Noise beside it takes nothing of that away.
    expect(await errorOf(make, truth, [noise, periods.map(holiday)])).toBeLessThan(1.03 * beside);
  });

  test("noise does not hurt", async () => {
    const truth = panel(() => 0);
    const without = await errorOf(make, truth, []);
    expect(await errorOf(make, truth, [noise])).toBeLessThan(1.02 * without);
    expect(await errorOf(make, truth, [noise, periods.map((t) => t)])).toBeLessThan(1.05 * without);
  });
});

test("an observed feature that leads the target helps one period ahead", async () => {
  const lead = periods.map(() => random());
  const truth = panel((t) => lead[t - 1] ?? 0);
  const error = async (observed: readonly number[][]): Promise<number> => {
    const view = viewOf({
      season: SEASON,
      horizon: 1,
      context: LENGTH,
      series: truth.map((row) => row.slice(0, LENGTH)),
      observed: observed.map((feature) => truth.map(() => feature.slice(0, LENGTH))),
    });
    const forecast = await forecastOf(fitted(centredRidge(), view), rowsOf(view));
    return forecast.reduce((sum, value, s) => sum + Math.abs(value / truth[s]![LENGTH]! - 1), 0) / SERIES;
  };
  expect(await error([lead])).toBeLessThan(0.5 * (await error([])));
});

test("constant and absent features are left out; the others keep their columns", () => {
  const truth = panel(holiday).map((row) => row.slice(0, LENGTH));
  const feature = (of: (t: number) => number) => truth.map((row) => row.map((_, t) => of(t)));
  const view = viewOf({
    season: SEASON,
    horizon: HORIZON,
    context: LENGTH,
    series: truth,
    known: [feature(() => 5), feature(() => Number.NaN), feature(holiday)],
    observed: [feature(() => 0), feature(() => 1e9)],
  });
  const expert = fitted(centredRidge(), view);
  expect(expert.known.map(({ column }) => column)).toEqual([2]);
  expect(expert.observed).toEqual([]);
  expect(expert.maps[0]!.known).toHaveLength(1);
  // Where a feature says nothing, the expert is the one without it.
  const blank = viewOf({ season: SEASON, horizon: HORIZON, context: LENGTH, series: truth });
  const useless = { ...view, known: view.known.slice(0, 2), observed: view.observed };
  expect(fitted(centredRidge(), useless)).toEqual(fitted(centredRidge(), blank));
});
