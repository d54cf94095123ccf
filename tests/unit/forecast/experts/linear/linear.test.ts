import fc from "fast-check";
import { expect, test } from "vitest";
import { linear } from "../../../../../src/forecast/experts/linear/linear.js";
import { recursiveMap } from "../../../../../src/forecast/lag-regression/recursive-map.js";
import { prepareRows } from "../../../../../src/forecast/rows.js";

const SEASON = 3;
const HORIZON = 7;
const CONTEXT = 9;

const number = fc.double({ min: -0.6, max: 0.6, noNaN: true });
const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });

/** One row of everything, in multiples of 1/8 so that float32 holds it. */
const eighths = (length: number) =>
  fc.array(
    fc.integer({ min: -40, max: 40 }).map((value) => value / 8),
    { minLength: length, maxLength: length },
  );

const cases = fc.record({
  lags: numbers(5),
  intercept: number,
  features: numbers(3),
  centred: fc.boolean(),
  history: eighths(CONTEXT),
  known: eighths(HORIZON * 2),
  observed: eighths(1),
});

const standards = [
  { column: 1, centre: 0.5, spread: 2 },
  { column: 0, centre: -1, spread: 0.5 },
];
const held = { column: 0, centre: 2, spread: 4 };

/** A regression as a map, against one step after the other with every forecast as the newest lag of the next. */
test("is what the recursion gives, with level, intercept and features", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ lags, intercept, features, centred, history, known, observed }) => {
      const solution = {
        lags: Float64Array.from(lags),
        intercept: centred ? intercept : 0,
        features: Float64Array.from(features),
      };
      const map = recursiveMap(solution, { season: SEASON, horizon: HORIZON }, centred, 2)!;
      const rows = prepareRows(
        {
          count: 1,
          history: Float32Array.from(history),
          period: Int32Array.of(0),
          codes: new Int32Array(1),
          known: Float32Array.from(known),
          observed: Float32Array.from(observed),
        },
        { season: SEASON, horizon: HORIZON, context: CONTEXT },
      );
      const forecast = await linear.forecast(
        {
          kind: "linear",
          id: "x",
          maps: [{ ...map, minLength: 1 }],
          groups: [],
          known: standards,
          observed: [held],
        },
        rows,
      );
      const path = [...history];
      for (let h = 0; h < HORIZON; h++) {
        const level = centred ? path.slice(-SEASON).reduce((a, b) => a + b, 0) / SEASON : 0;
        const past = path.slice(-5).reduce((sum, value, k) => sum + lags[k]! * (value - level), level);
        const push = standards.reduce((sum, { column, centre, spread }, j) => {
          return sum + features[j]! * ((known[h * 2 + column]! - centre) / spread);
        }, solution.intercept);
        const last = features[2]! * ((observed[0]! - held.centre) / held.spread);
        path.push(past + rows.scale[0]! * (push + last));
      }
      path.slice(CONTEXT).forEach((value, h) => {
        expect(forecast[h]).toBeCloseTo(value, 7);
      });
    }),
  );
});

test("a push that grows beyond range is no map", () => {
  const lags = Float64Array.of(0, 0, 0, 0, 10);
  const solution = { lags, intercept: 0, features: new Float64Array(0) };
  expect(recursiveMap(solution, { season: SEASON, horizon: 4 }, false, 0)).not.toBeNull();
  expect(recursiveMap(solution, { season: SEASON, horizon: 5 }, false, 0)).toBeNull();
});
