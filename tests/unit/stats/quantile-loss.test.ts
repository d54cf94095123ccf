import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wmape } from "../../../src/stats/metrics.js";
import { pinballLoss, WeightedQuantileLoss } from "../../../src/stats/quantile-loss.js";

describe("pinballLoss", () => {
  test.each([
    [0.9, 10, 8, 1.8],
    [0.9, 8, 10, 0.2],
    [0.1, 10, 8, 0.2],
    [0.5, -3, 1, 2],
    [0.3, 5, 5, 0],
  ])("at %f of %f against %f is %f", (probability, actual, quantile, loss) => {
    expect(pinballLoss(probability, actual, quantile)).toBeCloseTo(loss, 12);
  });

  test("is least at the order statistic of its probability", () => {
    const values = [7, 1, 4, 9, 2, 8, 3, 6, 5, 10];
    const total = (quantile: number) =>
      values.reduce((sum, value) => sum + pinballLoss(0.75, value, quantile), 0);
    for (const other of values) if (other !== 8) expect(total(8)).toBeLessThan(total(other));
  });
});

describe("WeightedQuantileLoss", () => {
  const scored = (rows: readonly (readonly [probability: number, actual: number, quantile: number])[]) => {
    const loss = new WeightedQuantileLoss();
    for (const row of rows) loss.add(...row);
    return loss.result();
  };

  test("by hand: the mean over probabilities of 2 Σ pinball / Σ|y|", () => {
    const rows = [
      [0.1, 10, 8],
      [0.1, -4, -2],
      [0.9, 10, 12],
      [0.9, -4, -5],
    ] as const;
    // 0.1: 0.2 + 1.8, 0.9: 0.2 + 0.9; Σ|y| = 14.
    expect(scored(rows)).toBeCloseTo((4 / 14 + 2.2 / 14) / 2, 12);
  });

  test("against numpy: mean over q of 2 · sum(where(y ≥ f, q (y − f), (1 − q)(f − y))) / sum(|y|)", () => {
    const actual = [3, 0, 12.5, 7, 101, 0.25];
    const forecasts: Record<number, number[]> = {
      0.025: [1, 0, 9, 7.5, 60, 0.5],
      0.1: [2, 0, 10, 7.75, 80, 0.75],
      0.9: [4, 1, 12, 9, 120, 1],
      0.975: [6, 2, 13, 9.5, 140, 2],
    };
    const rows = Object.entries(forecasts).flatMap(([probability, quantiles]) =>
      quantiles.map((quantile, i) => [Number(probability), actual[i]!, quantile] as const),
    );
    expect(scored(rows)).toBeCloseTo(0.03843434343434343, 12);
  });

  test("of the median alone is WMAPE", () => {
    const pair = fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 }));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), (pairs) => {
        const expected = wmape(
          pairs.map(([actual]) => actual),
          pairs.map(([, forecast]) => forecast),
        );
        const found = scored(pairs.map(([actual, forecast]) => [0.5, actual, forecast]));
        if (expected === null) expect(found).toBeNull();
        else expect(found).toBeCloseTo(expected, 10);
      }),
    );
  });

  test("is unknown without a pair, and where all actuals are zero", () => {
    expect(scored([])).toBeNull();
    expect(scored([[0.9, 0, 3]])).toBeNull();
  });
});
