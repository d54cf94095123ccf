import { describe, expect, test } from "vitest";
import { pairedDifference, seriesBiases, seriesLosses } from "../../../../src/forecast/combine/paired.js";
import { relativeError, scoreForecasts, scoreNaive } from "../../../../src/forecast/combine/scores.js";
import { uniform } from "../../../support/small-panels.js";
import { evidenceOf } from "./support.js";

const rows = (...values: number[][]): Float64Array[] => values.map((row) => Float64Array.from(row));

describe("pairedDifference", () => {
  test("the two-way formula by hand", () => {
    // Window means 2 and 3, series means 1.5 and 3.5; mean 2.5.
    const { mean, standardError } = pairedDifference(rows([1, 3], [2, 4]));
    expect(mean).toBe(2.5);
    const [windows, series, cells] = [0.5 / 2, 2 / 2, (2.25 + 0.25 + 0.25 + 2.25) / 16];
    expect(standardError).toBeCloseTo(
      1.1 * Math.sqrt(Math.max(windows + series - cells, windows, series)),
      12,
    );
  });

  test("cells that are not there count for nothing, nor do windows without any", () => {
    const nan = Number.NaN;
    const whole = pairedDifference(rows([1, 3], [2, 4]));
    expect(pairedDifference(rows([1, 3, nan], [nan, nan, nan], [2, 4, nan]))).toEqual(whole);
  });

  test("one window says nothing of windows; one series has its windows only", () => {
    expect(pairedDifference(rows([1, 3]))).toEqual({ mean: 2, standardError: null });
    expect(pairedDifference([])).toEqual({ mean: Number.NaN, standardError: null });
    const { mean, standardError } = pairedDifference(rows([1], [2], [6]));
    expect(mean).toBe(3);
    expect(standardError).toBeCloseTo(1.1 * Math.sqrt(7 / 3), 12);
  });

  test("agrees with the spread of means over worlds in which windows and series both have a share", () => {
    const random = uniform(11);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const means: number[] = [];
    const errors: number[] = [];
    for (let world = 0; world < 400; world++) {
      const series = Array.from({ length: 30 }, normal);
      const windows = Array.from({ length: 8 }, () => {
        const shared = 0.4 * normal();
        return Float64Array.from(series, (own) => own + shared + normal());
      });
      const { mean, standardError } = pairedDifference(windows);
      means.push(mean);
      errors.push(standardError!);
    }
    const spread = Math.sqrt(means.reduce((sum, value) => sum + value ** 2, 0) / means.length);
    const typical = errors.reduce((sum, value) => sum + value, 0) / errors.length;
    expect(typical / spread).toBeGreaterThan(0.9);
    expect(typical / spread).toBeLessThan(1.35);
  });
});

describe("losses and biases of series", () => {
  const evidence = evidenceOf({
    actual: ({ noise }) => 1 + 0.2 * noise,
    experts: [({ noise }) => 1.3 + 0.4 * noise],
    folds: 1,
  });
  const [fold] = evidence.folds;
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

  test("their means are the fold's figures", () => {
    const forecast = fold!.forecasts[0]!;
    const score = scoreForecasts([fold!], [forecast]);
    expect(mean(seriesLosses(fold!, forecast))).toBeCloseTo(relativeError(score, scoreNaive([fold!])), 10);
    expect(mean(seriesLosses(fold!, fold!.naive))).toBeCloseTo(2, 10);
    expect(mean(seriesBiases(fold!, forecast))).toBeCloseTo(score.bias!, 10);
  });

  test("a series without an actual has none, and one without a scale counts by its volume", () => {
    const without = {
      ...fold!,
      actual: fold!.actual.map((value, cell) => (cell < 4 ? Number.NaN : value)),
      maseScale: fold!.maseScale.map((scale, i) => (i === 1 ? null : scale)),
    };
    const losses = seriesLosses(without, fold!.forecasts[0]!);
    expect(losses[0]).toBeNaN();
    expect(losses[1]).toBeGreaterThan(0);
    const score = scoreForecasts([without], [fold!.forecasts[0]!]);
    const scored = losses.slice(1);
    expect(mean(scored)).toBeCloseTo(relativeError(score, scoreNaive([without])), 10);
  });
});
