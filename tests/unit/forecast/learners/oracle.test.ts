import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LagMoments } from "../../../../src/forecast/lag-regression/moments.js";
import { solveRidge, squaredError } from "../../../../src/forecast/lag-regression/solve.js";
import { centredRidge } from "../../../../src/forecast/learners/centred-ridge.js";
import { pooledRidge } from "../../../../src/forecast/learners/pooled-ridge.js";
import { fitted, forecastOf, rowsOf, viewOf, wave } from "./support.js";

/** Written by tests/oracles/linear.py (numpy): explicit rows, SVD, plain recursion. */
const oracle = JSON.parse(readFileSync(new URL("./linear.golden.json", import.meta.url), "utf8")) as {
  readonly pooled: Record<string, number[]>;
  readonly centred: Record<string, number[]>;
  readonly features: { readonly solved: number[]; readonly squaredError: number };
};

/** A gap in one series; three that are too short for some of the lags. */
const pool = [...Array.from({ length: 6 }, (_, s) => wave(s, 60)), wave(6, 7), wave(7, 12), wave(8, 15)];
pool[1]![20] = Number.NaN;

test.each([
  { learner: pooledRidge(), expected: oracle.pooled, lags: [9, 5, 4] },
  { learner: centredRidge(), expected: oracle.centred, lags: [17, 13, 9, 5, 4] },
])("$learner.id agrees with an independent solution and recursion", async ({ learner, expected, lags }) => {
  const view = viewOf({ season: 4, horizon: 6, context: 40, series: pool });
  const expert = fitted(learner, view);
  expect(expert.maps.map((map) => map.lags)).toEqual(lags);
  expect(expert.maps.map((map) => map.minLength)).toEqual([...lags.slice(0, -1), 1]);
  const forecast = await forecastOf(expert, rowsOf(view));
  expect(Object.keys(expected)).toHaveLength(8);
  for (const [s, values] of Object.entries(expected)) {
    values.forEach((value, h) => {
      // The forecaster is given float32.
      expect(Math.abs(forecast[Number(s) * 6 + h]! / value - 1)).toBeLessThan(1e-6);
    });
  }
});

test("a ridge with intercept and features agrees with an independent solution", () => {
  const z1 = Float64Array.from({ length: 60 }, (_, t) => ((5 * t) % 7) - 3);
  const z2 = Float64Array.from({ length: 60 }, (_, t) => (t === 0 ? 0 : ((3 * (t - 1)) % 5) - 2));
  const moments = new LagMoments(5, 2);
  moments.addSeries(
    Float64Array.from(wave(2, 60), (value) => value / 10),
    [z1, z2],
    0,
    60,
  );
  const solution = solveRidge(moments, { lags: 1e-3, features: 0.1, intercept: true })!;
  const solved = [...solution.lags, solution.intercept, ...solution.features];
  expect(solved).toHaveLength(8);
  solved.forEach((value, i) => {
    expect(value).toBeCloseTo(oracle.features.solved[i]!, 9);
  });
  expect(squaredError(moments, solution)).toBeCloseTo(oracle.features.squaredError, 7);
});
