import { expect, test } from "vitest";
import { seasonalNaiveMap } from "../../../../src/forecast/learners/seasonal-naive.js";

test("repeats the last season for as long as the horizon is", () => {
  const map = seasonalNaiveMap(3, 7);
  const season = [10, 20, 30];
  const forecast = map.weights[0]!.map((_, h) =>
    map.weights.reduce((sum, row, k) => sum + row[h]! * season[k]!, 0),
  );
  expect(forecast).toEqual([10, 20, 30, 10, 20, 30, 10]);
  expect(map.minLength).toBe(1);
});
