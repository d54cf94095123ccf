import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bias,
  coverage,
  mase,
  PairScores,
  seasonalNaiveScale,
  smape,
  wmape,
} from "../../../src/stats/metrics.js";

// The published example: y, ŷ and the training history behind the scale.
const actual = [3, -0.5, 2, 7, 2];
const forecast = [2.5, 0, 2, 8, 1.25];
const history = [5, 0.5, 4, 6, 3, 5, 2];

describe("published example", () => {
  test("WMAPE, MASE, sMAPE and bias", () => {
    expect(wmape(actual, forecast)).toBeCloseTo(0.189655, 6);
    expect(mase(actual, forecast, seasonalNaiveScale(history, 1))).toBeCloseTo(0.183333, 6);
    expect(smape(actual, forecast)).toBeCloseTo(0.555338, 6);
    // The mean error is +0.05 over 5 pairs whose Σ|y| is 14.5.
    expect(bias(actual, forecast)).toBeCloseTo((0.05 * 5) / 14.5, 12);
  });
});

describe("wmape and bias", () => {
  test("are null, not zero, when every actual is zero", () => {
    expect(wmape([0, 0], [1, 0])).toBeNull();
    expect(bias([0, 0], [1, 0])).toBeNull();
    expect(wmape([], [])).toBeNull();
  });

  test("a positive bias is an over-forecast", () => {
    expect(bias([10, 10], [12, 11])).toBeCloseTo(0.15, 12);
    expect(bias([10, 10], [8, 10])).toBeCloseTo(-0.1, 12);
  });

  test("lists of different length are refused", () => {
    expect(() => wmape([1, 2], [1])).toThrow(RangeError);
    expect(() => smape([1, 2], [1])).toThrow(RangeError);
    expect(() => coverage([1], [0], [2, 3])).toThrow(RangeError);
  });
});

describe("smape", () => {
  test("runs from 0 to 2, and two zeros agree", () => {
    expect(smape([0, 4], [0, 4])).toBe(0);
    expect(smape([5], [0])).toBe(2);
    expect(smape([5], [-5])).toBe(2);
    expect(smape([Number.NaN], [1])).toBeNull();
  });
});

describe("coverage", () => {
  test("bounds are inside; triples with NaN do not count", () => {
    expect(coverage([1, 2, 3, 4], [1, 0, 4, Number.NaN], [9, 2, 9, 9])).toBeCloseTo(2 / 3, 12);
    expect(coverage([Number.NaN], [0], [1])).toBeNull();
  });
});

describe("seasonalNaiveScale", () => {
  test("is the mean of the differences one season apart, gaps left out", () => {
    expect(seasonalNaiveScale([1, 10, 2, Number.NaN, 5, 16], 2)).toBe((1 + 3) / 2);
  });
  test("is null without a pair and 0 for a series that repeats itself", () => {
    expect(seasonalNaiveScale([1, 2, 3], 12)).toBeNull();
    expect(seasonalNaiveScale([1, Number.NaN], 1)).toBeNull();
    expect(seasonalNaiveScale([4, 7, 4, 7], 2)).toBe(0);
  });
});

describe("PairScores", () => {
  test("MASE is the mean over series, so a long series weighs as much as a short one", () => {
    const scores = new PairScores();
    for (let i = 0; i < 9; i++) scores.add("long", 10, 11, 1);
    scores.add("short", 10, 16, 2);
    expect(scores.result()).toEqual({
      n: 10,
      excluded: 0,
      wmape: 15 / 100,
      bias: 15 / 100,
      mase: (1 + 3) / 2,
      absoluteError: 15,
      absoluteActual: 100,
    });
  });

  test("a series without a scale counts for WMAPE only", () => {
    const scores = new PairScores();
    scores.add(0, 10, 12, 4);
    scores.add(1, 10, 17, null);
    scores.add(2, 10, 17, 0);
    expect(scores.result()).toMatchObject({ n: 3, mase: 0.5, absoluteError: 16 });
    const none = new PairScores();
    none.add(0, 1, 2, null);
    expect(none.result().mase).toBeNull();
  });

  test("pairs that are not two finite numbers are excluded and counted", () => {
    const scores = new PairScores();
    scores.add(0, Number.NaN, 1, 1);
    scores.add(0, 1, Number.NaN, 1);
    scores.add(0, 1, Number.POSITIVE_INFINITY, 1);
    scores.exclude(4);
    expect(scores.result()).toEqual({
      n: 0,
      excluded: 7,
      wmape: null,
      bias: null,
      mase: null,
      absoluteError: 0,
      absoluteActual: 0,
    });
  });

  const pair = fc.record({
    series: fc.integer({ min: 0, max: 4 }),
    actual: fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant(Number.NaN)),
    forecast: fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant(Number.NaN)),
  });
  // Whole numbers and powers of two, so that sums are exact in any order.
  const scaleOf = (series: number): number | null => [1, 2, 4, null, 0.5][series]!;

  test("merging parts is the same as adding everything to one", () => {
    fc.assert(
      fc.property(fc.array(pair), fc.nat(), (pairs, at) => {
        const cut = pairs.length === 0 ? 0 : at % pairs.length;
        const scored = (part: typeof pairs) => {
          const scores = new PairScores();
          for (const p of part) scores.add(p.series, p.actual, p.forecast, scaleOf(p.series));
          return scores;
        };
        const left = scored(pairs.slice(0, cut));
        left.merge(scored(pairs.slice(cut)));
        const whole = scored(pairs).result();
        expect({ ...left.result(), mase: null }).toEqual({ ...whole, mase: null });
        expect(left.result().mase ?? -1).toBeCloseTo(whole.mase ?? -1, 9);
      }),
    );
  });

  test("agrees with the definitions written out", () => {
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const scores = new PairScores();
        for (const p of pairs) scores.add(p.series, p.actual, p.forecast, scaleOf(p.series));
        const complete = pairs.filter((p) => !Number.isNaN(p.actual) && !Number.isNaN(p.forecast));
        const scaled = [0, 1, 2, 4].flatMap((series) => {
          const own = complete.filter((p) => p.series === series);
          const mae = own.reduce((sum, p) => sum + Math.abs(p.actual - p.forecast), 0) / own.length;
          return own.length > 0 ? [mae / scaleOf(series)!] : [];
        });
        const result = scores.result();
        expect(result.n + result.excluded).toBe(pairs.length);
        expect(result.n).toBe(complete.length);
        if (scaled.length === 0) expect(result.mase).toBeNull();
        else expect(result.mase).toBeCloseTo(scaled.reduce((a, b) => a + b, 0) / scaled.length, 9);
      }),
    );
  });
});
