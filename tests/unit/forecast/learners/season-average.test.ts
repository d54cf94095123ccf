import { describe, expect, it } from "vitest";
import { linear } from "../../../../src/forecast/experts/linear/linear.js";
import { LinearExpert } from "../../../../src/forecast/experts/linear/model.js";
import { seasonAverage } from "../../../../src/forecast/learners/season-average.js";
import type { TrainingView } from "../../../../src/forecast/training-view.js";
import { rowsOf } from "../experts/theta/support.js";

const shape = { season: 4, horizon: 6, context: 16 };
const expertFor = (context: number): LinearExpert =>
  LinearExpert.parse(seasonAverage().fit({ ...shape, context } as TrainingView));
const forecast = async (history: readonly number[], context = shape.context): Promise<number[]> => [
  ...(await linear.forecast(expertFor(context), rowsOf([history], { ...shape, context }))),
];

describe("season-average", () => {
  const history = [90, 91, 92, 93, 1, 2, 3, 4, 5, 6, 7, 8, 18, 19, 20, 21];

  it("is the mean of the same season of the last three years", async () => {
    expect(await forecast(history)).toEqual([8, 9, 10, 11, 8, 9].map((value) => expect.closeTo(value, 12)));
  });

  it("takes the years that there are", async () => {
    expect(await forecast(history.slice(5))).toEqual([11.5, 12.5, 13.5, 14.5, 11.5, 12.5]);
    expect(await forecast(history.slice(9))).toEqual([18, 19, 20, 21, 18, 19]);
  });

  it("forecasts what was not seen by the mean", async () => {
    expect(await forecast([10, 20])).toEqual([15, 15, 10, 20, 15, 15]);
  });

  it("fits a context of less than three years", async () => {
    expect(expertFor(8).maps.map(({ minLength, lags }) => [minLength, lags])).toEqual([
      [8, 8],
      [1, 4],
    ]);
    expect(await forecast(history.slice(8), 8)).toEqual([11.5, 12.5, 13.5, 14.5, 11.5, 12.5]);
  });

  it("says what it does", () => {
    expect(seasonAverage().describe(12)).toContain("12, 24 and 36 periods before");
    expect(seasonAverage().lags(12)).toBe(36);
  });
});
