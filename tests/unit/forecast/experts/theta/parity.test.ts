import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ThetaExpert } from "../../../../../src/forecast/experts/theta/model.js";
import { theta as kind } from "../../../../../src/forecast/experts/theta/theta.js";
import type { Rows, Shape } from "../../../../../src/forecast/rows.js";
import { oracle } from "./oracle.js";
import { defaultExpert, forecastOf, GraphCache, METHODS, rowsOf } from "./support.js";

const SHAPES: readonly Shape[] = [
  { season: 12, horizon: 18, context: 96 },
  { season: 4, horizon: 6, context: 40 },
  { season: 3, horizon: 4, context: 6 },
  { season: 4, horizon: 5, context: 4 },
  { season: 1, horizon: 2, context: 3 },
];

/** Tighter than what a forecaster must hold: the two interpreters differ by the order of sums alone. */
const TOLERANCE = 1e-7;
const graphs = new GraphCache();

async function expectParity(expert: ThetaExpert, rows: Rows): Promise<void> {
  const expected = kind.forecast(expert, rows) as Float64Array;
  const actual = await graphs.forecast(expert, rows);
  expect(actual.length).toBe(expected.length);
  const apart = [...expected].flatMap((value, cell) => {
    const row = Math.floor(cell / rows.horizon);
    const unit = Math.max(Math.abs(value), 0.01 * rows.scale[row]!);
    const close = Number.isFinite(value) && Math.abs(actual[cell]! - value) <= TOLERANCE * unit;
    return close ? [] : [`row ${row} lead ${cell % rows.horizon}: ${actual[cell]} for ${value}`];
  });
  expect(apart).toEqual([]);
}

function hostile(context: number): number[][] {
  const row = (of: (t: number) => number) => Array.from({ length: context }, (_, t) => of(t));
  return [
    [],
    row(() => Number.NaN),
    row(() => 0),
    row(() => 7),
    row(() => -3),
    row(() => 1e12),
    row(() => 0.1),
    row(() => 1e-40),
    row((t) => (t % 2 === 0 ? 1 : -1)),
    row((t) => (t % 2 === 0 ? 1 : 2)),
    row((t) => (t % 4 === 0 ? 5 : 0)),
    row((t) => (t % 12) + 1),
    row((t) => t),
    row((t) => context - t),
    row((t) => 2 ** -t),
    row((t) => (t === 0 ? 1e12 : 1)),
    row((t) => (t === context - 1 ? 1e12 : 0)),
    row((t) => (t === context - 1 ? -1e12 : 1e-12)),
    row((t) => (t % 3 === 0 ? 4 : Number.NaN)),
    row((t) => (t === 1 ? 4 : Number.NaN)),
    row((t) => (t === context - 1 ? 4 : Number.NaN)),
    row((t) => 1e6 + (t % 5 === 0 ? 0.0625 : 0)),
    row((t) => 3e38 * (t % 2)),
    [5],
    [1, 2],
    [0, 0, 0, 3],
  ].filter((values) => values.length <= context);
}

describe.each(METHODS)("%s", (method) => {
  const expert = defaultExpert(method);

  it.each(SHAPES)("agrees with its graph on hostile rows of shape %o", async (shape) => {
    await expectParity(expert, rowsOf(hostile(shape.context), shape));
  });

  it.each(SHAPES)("agrees with its graph on random rows of shape %o", async (shape) => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: -10, max: 1000, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
      { weight: 1, arbitrary: fc.constantFrom(0, 1e12, -1e12, 1e-12) },
    );
    const plain = fc.double({ min: 1, max: 1000, noNaN: true });
    const row = fc.oneof(
      fc.array(value, { maxLength: shape.context }),
      fc.array(plain, { maxLength: shape.context }),
      fc.array(plain, { minLength: shape.context, maxLength: shape.context }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (histories) => {
        await expectParity(expert, rowsOf(histories, shape));
      }),
      { numRuns: 60 },
    );
  });

  it("agrees with its graph on every example of the oracle", async () => {
    for (const { season, row } of oracle) {
      await expectParity(expert, rowsOf([row], { season, horizon: 9, context: 12 * season }));
    }
  });

  it("does not round away a row beside an enormous one in the graph", async () => {
    const shape = SHAPES[0]!;
    const small = Array.from({ length: 70 }, (_, t) => 1 + (t % 12) / 10 + (t % 5) / 50);
    const huge = small.map((value) => value * 1e12);
    const alone = forecastOf(expert, [small], shape);
    const graph = await graphs.forecast(expert, rowsOf([huge, small], shape));
    alone.forEach((value, h) => {
      expect(graph[shape.horizon + h]! / value).toBeCloseTo(1, 9);
    });
  });
});
