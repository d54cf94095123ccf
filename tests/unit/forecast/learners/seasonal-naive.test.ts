import { expect, test } from "vitest";
import { seasonalNaive } from "../../../../src/forecast/learners/seasonal-naive.js";
import { fitted, forecastOf, rowsOf, viewOf } from "./support.js";

const naive = async (series: number[][]) => {
  const view = viewOf({ season: 3, horizon: 7, context: 6, series });
  return [...(await forecastOf(fitted(seasonalNaive(), view), rowsOf(view)))];
};

test("repeats the last season for as long as the horizon is", async () => {
  expect(await naive([[1, 2, 3, 10, 20, 30]])).toEqual([10, 20, 30, 10, 20, 30, 10]);
});

test("phases that a short series has not seen are the mean of what is there", async () => {
  expect(await naive([[10, 30]])).toEqual([20, 10, 30, 20, 10, 30, 20]);
});
