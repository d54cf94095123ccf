import { describe, expect, it } from "vitest";
import type { ThetaExpert } from "../../../../../src/forecast/experts/theta/model.js";
import {
  autocorrelations,
  decompose,
  testWeight,
} from "../../../../../src/forecast/experts/theta/seasonality.js";
import { driftShare, filter, smooth, startOf } from "../../../../../src/forecast/experts/theta/smoothing.js";
import { type OracleMember, oracle } from "./oracle.js";
import { defaultExpert, forecastOf, METHODS } from "./support.js";

const HORIZON = 15;

function expectClose(actual: ArrayLike<number>, expected: readonly number[], relative = 1e-9): void {
  const size = Math.max(...expected.map(Math.abs));
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value), `[${i}]: ${actual[i]} for ${value}`).toBeLessThanOrEqual(
      relative * size,
    );
  });
}

function withParameters(method: ThetaExpert["method"], { parameters }: OracleMember): ThetaExpert {
  const [alpha, beta, phi] = typeof parameters === "number" ? [parameters] : parameters;
  return {
    ...defaultExpert(method),
    alpha: [alpha],
    beta: beta === undefined ? [] : [beta],
    phi: phi === undefined ? [] : [phi],
  };
}

describe.each(oracle)("$name", (example) => {
  const { season } = example;
  const row = Float64Array.from(example.row);
  const level = Float64Array.from(example.deseasonalised);

  it("has statsmodels' autocorrelations", () => {
    expectClose(autocorrelations(row, season)!, example.autocorrelations);
  });

  it("has the weight of the test on them", () => {
    expect(testWeight(row, season)).toBeCloseTo(example.weight, 9);
  });

  it("has statsmodels' seasonal decomposition, and its share of signal", () => {
    const { index, share } = decompose(row, season, example.multiplicative);
    expectClose(index, example.seasonal);
    expect(share).toBeCloseTo(example.share, 9);
  });

  describe.each(METHODS)("%s", (method) => {
    it.each(example.members[method])("smooths like statsmodels with $parameters", (member) => {
      const expert = withParameters(method, member);
      expectClose(smooth(level, season, expert, HORIZON), member.forecast);
      const start = startOf(level, season, driftShare(method));
      const parameters = { alpha: expert.alpha[0]!, beta: expert.beta[0] ?? 0, phi: expert.phi[0] ?? 1 };
      expect(filter(level, start, parameters).sse / member.sse).toBeCloseTo(1, 9);
    });

    it("forecasts with the mean over the grid, each member by its fit", () => {
      const shape = { season, horizon: HORIZON, context: 8 * season + 16 };
      expectClose(forecastOf(defaultExpert(method), [row], shape), example.forecast[method]);
    });
  });

  it.each(example.statsforecast)(
    "is statsforecast's standard theta model with α = $alpha",
    ({ alpha, forecast }) => {
      const expert = { ...defaultExpert("theta"), alpha: [alpha] };
      expectClose(smooth(level, season, expert, HORIZON), forecast);
    },
  );
});
