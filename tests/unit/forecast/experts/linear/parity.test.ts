import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { linear } from "../../../../../src/forecast/experts/linear/linear.js";
import type { LinearExpert, LinearMap } from "../../../../../src/forecast/experts/linear/model.js";
import type { ForecastModel } from "../../../../../src/forecast/model.js";
import { emitOnnx } from "../../../../../src/forecast/onnx/emit.js";
import { type Batch, prepareRows } from "../../../../../src/forecast/rows.js";

const SEASON = 3;
const HORIZON = 4;
const CONTEXT = 12;
/** Segments, then an attribute. */
const LEVELS = [3, 4];
const KNOWN = 2;
const OBSERVED = 3;

const number = fc.double({ min: -1, max: 1, noNaN: true });
const list = <T>(of: fc.Arbitrary<T>, length: number) =>
  fc.array(of, { minLength: length, maxLength: length });
const matrix = (rows: number) => list(list(number, HORIZON), rows);

const anyMap = (minLength: number, known: number, observed: number): fc.Arbitrary<LinearMap> =>
  fc.integer({ min: 1, max: CONTEXT }).chain((lags) =>
    fc.record(
      {
        minLength: fc.constant(minLength),
        lags: fc.constant(lags),
        weights: matrix(lags),
        intercept: list(number, HORIZON),
        known: matrix(known),
        observed: matrix(observed),
      },
      { requiredKeys: ["minLength", "lags", "weights"] },
    ),
  );

const standards = (columns: number) =>
  fc.subarray(Array.from({ length: columns }, (_, column) => column)).chain((own) =>
    fc.tuple(
      ...own.map((column) =>
        fc.record({
          column: fc.constant(column),
          centre: number,
          spread: fc.constantFrom(0.25, 1, 3),
        }),
      ),
    ),
  );

const anyExpert: fc.Arbitrary<LinearExpert> = fc
  .tuple(standards(KNOWN), standards(OBSERVED), fc.subarray([14, 9, 4]))
  .chain(([known, observed, longer]) => {
    const lengths = [...longer, 1];
    const map = (minLength: number) => anyMap(minLength, known.length, observed.length);
    const group = fc.record({
      column: fc.nat(1),
      code: fc.nat(3),
      maps: fc.tuple(...lengths.map((length) => fc.option(map(length)))),
    });
    return fc.record({
      kind: fc.constant("linear" as const),
      id: fc.constant("x"),
      maps: fc.tuple(...lengths.map(map)),
      groups: fc
        .uniqueArray(group, { maxLength: 5, selector: ({ column, code }) => column * 10 + code })
        .map((groups) => groups.filter(({ column, code }) => code < LEVELS[column]!)),
      known: fc.constant([...known]),
      observed: fc.constant([...observed]),
    });
  });

const value = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -10, max: 1000, noNaN: true }) },
  { weight: 2, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1e12, -1e12, 1e-12) },
);

const anyHistory = fc.oneof(
  list(value, CONTEXT),
  fc.tuple(list(value, CONTEXT), fc.nat(CONTEXT)).map(([x, n]) => x.map((v, t) => (t < n ? Number.NaN : v))),
  fc.constantFrom(0, 7, -3, 1e12, Number.NaN).map((v) => new Array<number>(CONTEXT).fill(v)),
  fc.constantFrom(1, 1e12).map((v) => Array.from({ length: CONTEXT }, (_, t) => (t % 2 === 0 ? v : -v))),
);

const feature = fc.oneof(number, fc.constant(Number.NaN), fc.constantFrom(0, 1e6));

const anyBatch: fc.Arbitrary<Batch> = fc
  .array(
    fc.record({
      history: anyHistory,
      codes: fc.tuple(...LEVELS.map((count) => fc.integer({ min: -1, max: count }))),
      known: list(feature, HORIZON * KNOWN),
      observed: list(feature, OBSERVED),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) => ({
    count: rows.length,
    history: Float32Array.from(rows.flatMap(({ history }) => history)),
    period: new Int32Array(rows.length),
    codes: Int32Array.from(rows.flatMap(({ codes }) => codes)),
    known: Float32Array.from(rows.flatMap(({ known }) => known)),
    observed: Float32Array.from(rows.flatMap(({ observed }) => observed)),
  }));

const modelOf = (expert: LinearExpert): ForecastModel => ({
  format: 2,
  frequency: "month",
  season: SEASON,
  horizon: HORIZON,
  context: CONTEXT,
  nonNegative: false,
  clip: 3,
  segments: ["a", "b", "c"],
  attributes: [{ name: "region", levels: ["n", "e", "s", "w"] }],
  known: ["k0", "k1"],
  observed: ["o0", "o1", "o2"],
  experts: [expert],
  combination: { method: "single", weights: [[1], [1], [1], [1]], residual: null },
  conformal: { levels: [], halfWidths: [[]], residuals: [new Array<number>(HORIZON).fill(0)] },
});

test("graph and interpreter agree on any expert and any row", async () => {
  await fc.assert(
    fc.asyncProperty(anyExpert, anyBatch, async (expert, batch) => {
      const rows = prepareRows(batch, { season: SEASON, horizon: HORIZON, context: CONTEXT });
      const expected = await linear.forecast(expert, rows);
      const session = await InferenceSession.create(emitOnnx(modelOf(expert), "0.0.0"), {
        logSeverityLevel: 3,
      });
      const n = batch.count;
      const answer = await session.run(
        {
          history: new Tensor("float32", batch.history, [n, CONTEXT]),
          period: new Tensor("int64", BigInt64Array.from(batch.period, BigInt), [n]),
          static: new Tensor("float32", Float32Array.from(batch.codes), [n, LEVELS.length]),
          known: new Tensor("float32", batch.known, [n, HORIZON, KNOWN]),
          observed: new Tensor("float32", batch.observed, [n, OBSERVED]),
        },
        ["forecast"],
      );
      await session.release();
      const forecast = answer.forecast!.data as Float32Array;
      for (let cell = 0; cell < expected.length; cell++) {
        const row = Math.floor(cell / HORIZON);
        expect(Number.isFinite(expected[cell]!)).toBe(true);
        if (rows.length[row] === 0) {
          expect(forecast[cell]).toBeNaN();
          continue;
        }
        const largest = rows.filled
          .subarray(row * CONTEXT, (row + 1) * CONTEXT)
          .reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        // Random weights cancel as fitted ones do not: rounding of the largest number is left then.
        const unit = Math.max(Math.abs(expected[cell]!), 0.01 * rows.scale[row]!, 1e-9 * largest);
        expect(Math.abs(forecast[cell]! - expected[cell]!)).toBeLessThanOrEqual(1e-6 * unit + 1e-40);
      }
    }),
    { numRuns: 60 },
  );
});
