import { describe, expect, test } from "vitest";
import { forecastQuantiles, forecastRows } from "../../../src/forecast/interpret.js";
import type { ForecastModel } from "../../../src/forecast/model.js";

const NA = Number.NaN;

/**
 * Season 2, four periods of context, two leads. `twice` doubles the last value; `naive` repeats the season.
 */
const model: ForecastModel = {
  format: 1,
  frequency: "month",
  season: 2,
  horizon: 2,
  context: 4,
  nonNegative: false,
  clip: 3,
  segments: ["A", "B"],
  learners: [
    {
      id: "naive",
      maps: [
        {
          minLength: 1,
          lags: 2,
          weights: [
            [1, 0],
            [0, 1],
          ],
        },
      ],
    },
    {
      id: "twice",
      maps: [
        {
          minLength: 3,
          lags: 3,
          weights: [
            [0, 0.5],
            [0, 0],
            [2, 0],
          ],
        },
        { minLength: 1, lags: 1, weights: [[-1, 10]] },
      ],
    },
  ],
  chosen: [0, 1],
  fallback: 1,
  conformal: {
    levels: [0.5, 0.9],
    halfWidths: [
      [1, 2],
      [3, 4],
    ],
    residuals: [20, 20],
  },
};

const run = (rows: number[][], codes: number[], overrides: Partial<ForecastModel> = {}) =>
  forecastRows({ ...model, ...overrides }, Float32Array.from(rows.flat()), Int32Array.from(codes));

describe("forecastRows", () => {
  test("the segment picks the learner, an unknown one the fallback, the length picks the map", () => {
    const rows = [
      [1, 2, 3, 5],
      [1, 2, 3, 5],
      [NA, 2, 3, 5],
      [NA, NA, 3, 5],
      [NA, 2, 3, 5],
    ];
    expect([...run(rows, [0, 1, 1, 1, -1]).forecast]).toEqual([3, 5, 10, 1, 10, 1, -5, 50, 10, 1]);
  });

  test("lags are read from the filled context", () => {
    // Filled: 7, 2, 7, 2; the first lag of `twice` is x[1].
    expect([...run([[7, 2, NA, NA]], [1]).forecast]).toEqual([4, 1]);
  });

  test("clips to [0, clip · peak] only where the target has no negatives", () => {
    const rows = [
      [NA, NA, 3, 5],
      [-4, -3, -2, -1],
    ];
    expect([...run(rows, [1, 1]).forecast]).toEqual([-5, 50, -2, -1.5]);
    expect([...run(rows, [1, 1], { nonNegative: true }).forecast]).toEqual([0, 15, 0, 0]);
  });

  test("history is rounded to float32 before anything else", () => {
    const { forecast, scale } = run([[0, 0, 0.1, 0.1]], [0]);
    expect(forecast[0]).toBe(Math.fround(0.1));
    expect(scale[0]).toBe(Math.fround(0.1));
  });

  test("a row without a number is NaN throughout, and alone", () => {
    const rows = run(
      [
        [NA, NA, NA, NA],
        [1, 1, 1, 1],
      ],
      [0, 0],
      { nonNegative: true },
    );
    expect([...rows.forecast]).toEqual([NA, NA, 1, 1]);
    expect([...rows.scale]).toEqual([NA, 1]);
    const quantiles = forecastQuantiles({ ...model, nonNegative: true }, rows);
    expect([...quantiles.subarray(0, 8)].every(Number.isNaN)).toBe(true);
    expect([...quantiles.subarray(8)].some(Number.isNaN)).toBe(false);
  });

  test("refuses a history of another shape", () => {
    expect(() => run([[1, 2, 3]], [0])).toThrow(RangeError);
  });
});

describe("forecastQuantiles", () => {
  test("lower bounds by falling level, then upper bounds by rising level, in the series' scale", () => {
    // scale: mean(|3 − 1|, |7 − 3|) = 3; forecasts 3 and 7
    const rows = run([[1, 3, 3, 7]], [0]);
    expect([...forecastQuantiles(model, rows)]).toEqual([-6, 0, 6, 12, -5, 1, 13, 19]);
    expect([...forecastQuantiles({ ...model, nonNegative: true }, rows)]).toEqual([
      0, 0, 6, 12, 0, 1, 13, 19,
    ]);
  });
});
