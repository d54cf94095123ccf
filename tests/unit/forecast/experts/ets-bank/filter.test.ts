import { describe, expect, test } from "vitest";
import {
  errorResponses,
  makeFilterBank,
  memberErrors,
} from "../../../../../src/forecast/experts/ets-bank/filter.js";
import { dampedSums, memberGroups } from "../../../../../src/forecast/experts/ets-bank/members.js";
import { startPath, startValues } from "../../../../../src/forecast/experts/ets-bank/start.js";
import oracle from "./oracle.golden.json" with { type: "json" };

/** tests/oracles/ets.py */
describe("filters against statsmodels", () => {
  test.each(oracle)(
    "season $season, seasonal $seasonal, phi $phi, alpha $alpha, $y.length periods",
    (known) => {
      const { season, seasonal, y, alpha, beta, gamma, phi } = known;
      const horizon = known.forecast.length;
      const group = memberGroups(
        {
          kind: "ets-bank",
          id: "one",
          alpha: [alpha],
          beta: [beta],
          gamma: [gamma],
          phi: phi === null ? [] : [phi],
          temper: 0.15,
        },
        { season, context: 96, horizon },
      ).find((group) => group.seasonal === seasonal && group.phi === phi)!;
      const carried = phi === null ? new Float64Array(0) : dampedSums(phi, y.length + horizon);
      const path = new Float64Array(y.length + horizon);
      startPath(startValues(Float64Array.from(y), season), group, carried, path);
      const {
        rest,
        filters: [filters],
      } = makeFilterBank([group], season, y.length);
      rest.set(y.map((value, t) => value - path[t]!));
      filters!.run(y.length);
      const errors = memberErrors(group, 0, season, rest);
      const forecast = new Float64Array(horizon);
      filters!.forecast(0, y.length, path, forecast);

      y.forEach((value, t) => {
        expect(value - errors[t]!).toBeCloseTo(known.fitted[t]!, 9);
      });
      expect(filters!.squares[0]! / known.squares).toBeCloseTo(1, 10);
      forecast.forEach((value, h) => {
        expect(value).toBeCloseTo(known.forecast[h]!, 9);
      });
    },
  );
});

test("responses to a 1 make the errors of any row", () => {
  const shape = { season: 4, context: 16, horizon: 3 };
  const groups = memberGroups(
    { kind: "ets-bank", id: "x", alpha: [0.3, 0.8], beta: [0.2], gamma: [0.3, 0.1], phi: [0.9], temper: 1 },
    shape,
  );
  const row = Float64Array.from({ length: 16 }, (_, t) => Math.sin(t * t));
  expect(groups).toHaveLength(4);
  for (const group of groups) {
    const responses = errorResponses(group, 4, 16);
    group.toLevel.forEach((_, m) => {
      const errors = memberErrors(group, m, 4, row);
      for (let t = 0; t < 16; t++) {
        let error = 0;
        for (let from = 0; from <= t; from++) error += row[from]! * responses[m * 16 + t - from]!;
        expect(errors[t]).toBeCloseTo(error, 12);
      }
    });
  }
});

test("members side by side have the bits of each alone, however many there are and however often they ran", () => {
  const season = 4;
  for (const count of [1, 2, 5, 6, 7, 13]) {
    const groups = memberGroups(
      {
        kind: "ets-bank",
        id: "x",
        alpha: Array.from({ length: count }, (_, i) => (i + 1) / (count + 1)),
        beta: [0.2],
        gamma: [0.3],
        phi: [0.9],
        temper: 1,
      },
      { season, context: 24, horizon: 3 },
    );
    const { rest, filters } = makeFilterBank(groups, season, 24);
    for (const length of [24, 0, 17]) {
      for (let t = 0; t < length; t++) rest[t] = Math.sin(t * t + length) * 10 ** (t % 7);
      for (const own of filters) own.run(length);
      for (const { group, squares } of filters) {
        group.toLevel.forEach((_, m) => {
          const errors = memberErrors(group, m, season, rest.slice(0, length));
          expect(squares[m]).toBe(errors.reduce((sum, error) => sum + error * error, 0));
        });
      }
    }
  }
});
