import { describe, expect, test } from "vitest";
import type { LinearExpert, LinearMap } from "../../../src/forecast/experts/linear/model.js";
import { forecastQuantiles, forecastRows } from "../../../src/forecast/interpret.js";
import type { ForecastModel } from "../../../src/forecast/model.js";
import type { Batch } from "../../../src/forecast/rows.js";

const NA = Number.NaN;

const expert = (id: string, maps: LinearMap[]): LinearExpert => ({
  kind: "linear",
  id,
  maps,
  groups: [],
  known: [],
  observed: [],
});

/**
 * Season 2, four periods of context, two leads. `naive` repeats the season; `twice` doubles the last value of a
 * long row and does something else with a short one.
 */
const model: ForecastModel = {
  format: 2,
  frequency: "month",
  season: 2,
  horizon: 2,
  context: 4,
  nonNegative: false,
  clip: 3,
  segments: ["A", "B"],
  attributes: [],
  known: [],
  observed: [],
  experts: [
    expert("naive", [
      {
        minLength: 1,
        lags: 2,
        weights: [
          [1, 0],
          [0, 1],
        ],
      },
    ]),
    expert("twice", [
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
    ]),
  ],
  combination: {
    method: "single",
    weights: [
      [1, 0],
      [0, 1],
      [0, 1],
    ],
    residual: null,
  },
  conformal: {
    levels: [0.5, 0.9],
    halfWidths: [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    residuals: [[20, 20]],
  },
};

const batchOf = (rows: number[][], codes: number[]): Batch => ({
  count: rows.length,
  history: Float32Array.from(rows.flat()),
  period: new Int32Array(rows.length),
  codes: Int32Array.from(codes),
  known: new Float32Array(0),
  observed: new Float32Array(0),
});

const run = (rows: number[][], codes: number[], overrides: Partial<ForecastModel> = {}) =>
  forecastRows({ ...model, ...overrides }, batchOf(rows, codes));

const weights = (...rows: number[][]): Pick<ForecastModel, "combination"> => ({
  combination: { method: "four", weights: rows, residual: null },
});

describe("forecastRows", () => {
  test("the segment picks the weights, an unknown one the last, the length picks the map", async () => {
    const rows = [
      [1, 2, 3, 5],
      [1, 2, 3, 5],
      [NA, 2, 3, 5],
      [NA, NA, 3, 5],
      [NA, 2, 3, 5],
    ];
    const { forecast } = await run(rows, [0, 1, 1, 1, -1]);
    expect([...forecast]).toEqual([3, 5, 10, 1, 10, 1, -5, 50, 10, 1]);
  });

  test("experts are summed by their weights", async () => {
    const mixed = weights([0.75, 0.25], [0.5, 0.5], [0, 1]);
    const row = [1, 2, 3, 5];
    const { forecast } = await run([row, row, row], [0, 1, -1], mixed);
    expect([...forecast]).toEqual([4.75, 4, 6.5, 3, 10, 1]);
  });

  test("lags are read from the filled context", async () => {
    // Filled: 7, 2, 7, 2; the first lag of `twice` is x[1].
    expect([...(await run([[7, 2, NA, NA]], [1])).forecast]).toEqual([4, 1]);
  });

  test("clips to [0, clip · peak] only where the target has no negatives", async () => {
    const rows = [
      [NA, NA, 3, 5],
      [-4, -3, -2, -1],
    ];
    expect([...(await run(rows, [1, 1])).forecast]).toEqual([-5, 50, -2, -1.5]);
    expect([...(await run(rows, [1, 1], { nonNegative: true })).forecast]).toEqual([0, 15, 0, 0]);
  });

  test("every expert is clipped before the sum", async () => {
    // `twice` says −5 and 50: clipped 0 and 15, half of each beside 3 and 5.
    const half = { ...weights([0.5, 0.5], [0.5, 0.5], [0.5, 0.5]), nonNegative: true };
    expect([...(await run([[NA, NA, 3, 5]], [0], half)).forecast]).toEqual([1.5, 10]);
    // And the sum once more, where weights reach beyond 1.
    const beyond = { ...weights([2, 2], [0, 0], [0, 0]), nonNegative: true };
    expect([...(await run([[NA, NA, 3, 5]], [0], beyond)).forecast]).toEqual([6, 15]);
  });

  test("history is rounded to float32 before anything else", async () => {
    const { forecast, scale } = await run([[0, 0, 0.1, 0.1]], [0]);
    expect(forecast[0]).toBe(Math.fround(0.1));
    expect(scale[0]).toBe(Math.fround(0.1));
  });

  test("a row without a number is NaN throughout, and alone", async () => {
    const rows = await run(
      [
        [NA, NA, NA, NA],
        [1, 1, 1, 1],
      ],
      [0, 0],
      { nonNegative: true },
    );
    expect([...rows.forecast]).toEqual([NA, NA, 1, 1]);
    const quantiles = forecastQuantiles({ ...model, nonNegative: true }, rows, Int32Array.of(0, 0));
    expect([...quantiles.subarray(0, 8)].every(Number.isNaN)).toBe(true);
    expect([...quantiles.subarray(8)].some(Number.isNaN)).toBe(false);
  });

  test("codes choose groups, features push, in the units of the row", async () => {
    const featured: LinearExpert = {
      ...expert("featured", [
        {
          minLength: 1,
          lags: 1,
          weights: [[1, 1]],
          intercept: [1, 1],
          known: [[0.5, 0.25]],
          observed: [[2, 1]],
        },
      ]),
      groups: [{ column: 1, code: 2, maps: [{ minLength: 1, lags: 1, weights: [[0, 0]] }] }],
      known: [{ column: 1, centre: 10, spread: 2 }],
      observed: [{ column: 0, centre: 1, spread: 1 }],
    };
    const history = [2, 4, 6, 8];
    const rows = await forecastRows(
      {
        ...model,
        segments: ["A"],
        attributes: [{ name: "tier", levels: ["x", "y", "z"] }],
        known: ["unused", "holidays"],
        observed: ["price"],
        experts: [featured],
        combination: { method: "single", weights: [[1], [1]], residual: null },
      },
      {
        count: 2,
        history: Float32Array.from([...history, ...history]),
        period: new Int32Array(2),
        codes: Int32Array.of(0, 1, 0, 2),
        known: Float32Array.of(99, 12, 99, NA, 99, 12, 99, NA),
        observed: Float32Array.of(2, NA),
      },
    );
    // Scale 4. First: 8 + 4·(1 + 1·0.5 + 1·2) and 8 + 4·(1 + 1·0.25 + 0 + 1·1); the second row lacks the price
    // and takes half of its group's zero.
    expect([...rows.forecast]).toEqual([22, 17, 7, 6.5]);
  });

  test("refuses a history of another shape", async () => {
    await expect(run([[1, 2, 3]], [0])).rejects.toThrow(RangeError);
  });
});

describe("forecastQuantiles", () => {
  test("lower bounds by falling level, then upper bounds by rising level, in the series' scale", async () => {
    // scale: mean(|3 − 1|, |7 − 3|) = 3; forecasts 3 and 7
    const rows = await run([[1, 3, 3, 7]], [0]);
    const segment = Int32Array.of(0);
    expect([...forecastQuantiles(model, rows, segment)]).toEqual([-6, 0, 6, 12, -5, 1, 13, 19]);
    expect([...forecastQuantiles({ ...model, nonNegative: true }, rows, segment)]).toEqual([
      0, 0, 6, 12, 0, 1, 13, 19,
    ]);
  });

  test("widths by segment, the last group for an unknown one", async () => {
    const row = [1, 3, 3, 7];
    const bySegment = {
      ...model,
      conformal: {
        levels: [0.5],
        halfWidths: [[[1, 1]], [[2, 2]], [[3, 3]]],
        residuals: [
          [9, 9],
          [9, 9],
          [9, 9],
        ],
      },
    };
    const rows = await run([row, row, row], [0, 0, 0]);
    const upper = forecastQuantiles(bySegment, rows, Int32Array.of(0, 1, -1)).filter((_, q) => q % 2 === 1);
    expect([...upper]).toEqual([6, 10, 9, 13, 12, 16]);
  });
});
