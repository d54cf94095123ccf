import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { LinearExpert, LinearMap } from "../../../../src/forecast/experts/linear/model.js";
import { type Forecaster, openForecaster } from "../../../../src/forecast/forecaster/session.js";
import { forecastQuantiles, forecastRows } from "../../../../src/forecast/interpret.js";
import type { ForecastModel } from "../../../../src/forecast/model.js";
import { emitOnnx } from "../../../../src/forecast/onnx/emit.js";
import { decodeModel } from "../../../../src/forecast/onnx/proto.js";
import { anyBatch, anyModel } from "./models.js";

const NaN_ = Number.NaN;

async function open(model: ForecastModel): Promise<Forecaster> {
  const forecaster = await openForecaster(emitOnnx(model, "0.0.0"));
  onTestFinished(() => forecaster.close());
  return forecaster;
}

const run = (forecaster: Forecaster, history: Float32Array, codes: Int32Array) =>
  forecaster.run({ ...EMPTY, count: codes.length, history, period: new Int32Array(codes.length), codes });

const EMPTY = { known: new Float32Array(0), observed: new Float32Array(0) };

describe("graph and interpreter", () => {
  test("agree on any model and any rows", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyModel.chain((model) => fc.tuple(fc.constant(model), anyBatch(model))),
        async ([model, batch]) => {
          const forecaster = await openForecaster(emitOnnx(model, "0.0.0"));
          try {
            const answer = await forecaster.run(batch);
            const expected = await forecastRows(model, batch);
            const columns = 1 + model.attributes.length;
            const segment = batch.codes.filter((_, cell) => cell % columns === 0);
            const bands = forecastQuantiles(model, expected, segment);
            const cells = model.horizon * model.conformal.levels.length * 2;
            for (let row = 0; row < batch.count; row++) {
              // Features push by up to 4 million scales each.
              const largest = magnitude(part(batch.history, row, model.context));
              const reach = Math.max(largest, FAR * (expected.scale[row] ?? 0) * Number(hasFeatures(model)));
              const floor = 1e-12 * reach;
              const isEmpty = part(batch.history, row, model.context).every(Number.isNaN);
              expectClose(
                part(answer.forecast, row, model.horizon),
                part(expected.forecast, row, model.horizon),
                floor,
              );
              expectClose(part(answer.quantiles, row, cells), part(bands, row, cells), floor);
              expect(part(answer.forecast, row, model.horizon).every(Number.isNaN)).toBe(isEmpty);
            }
          } finally {
            await forecaster.close();
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Largest feature in units of its spread. */
const FAR = 4e6;
const hasFeatures = ({ known, observed }: ForecastModel): boolean => known.length + observed.length > 0;

const linear = (id: string, maps: LinearMap[]): LinearExpert => ({
  kind: "linear",
  id,
  maps,
  groups: [],
  known: [],
  observed: [],
});

/**
 * Season 2, context 6, horizon 1. Long series: x[3] + 10·x[4] + 100·x[5]; short ones: x[5]; segment b: the
 * constant share ½·x[4].
 */
const model: ForecastModel = {
  format: 2,
  frequency: "month",
  season: 2,
  horizon: 1,
  context: 6,
  nonNegative: false,
  clip: 3,
  segments: ["a", "b"],
  attributes: [],
  known: [],
  observed: [],
  experts: [
    linear("lags", [
      { minLength: 4, lags: 3, weights: [[1], [10], [100]] },
      { minLength: 1, lags: 1, weights: [[1]] },
    ]),
    linear("half", [{ minLength: 1, lags: 2, weights: [[0.5], [0]] }]),
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
  conformal: { levels: [0.5, 0.9], halfWidths: [[[1], [2]]], residuals: [[50]] },
};

describe("graph against values worked out by hand", () => {
  test.each([
    // Scale: (|3−1| + |4−2| + |7−3| + |6−4|) / 4 = 2.5.
    { name: "a whole row", row: [1, 2, 3, 4, 7, 6], code: 0, forecast: 674, scale: 2.5 },
    // 3 periods: the short map. One pair (5, 3): scale 2.
    { name: "a short row", row: [NaN_, NaN_, NaN_, 5, 4, 3], code: 0, forecast: 3, scale: 2 },
    // Length 4 with a gap at the end filled from two before: 2 + 10·3 + 100·2. No difference: mean |x| = 7/3.
    { name: "a missing end", row: [NaN_, NaN_, 2, 2, 3, NaN_], code: 0, forecast: 232, scale: 1 },
    // No pair: mean |x| = 4; the holes that no season fills take the mean −4… of one number.
    { name: "one number", row: [NaN_, NaN_, NaN_, NaN_, NaN_, -4], code: 1, forecast: -2, scale: 4 },
    { name: "zeros", row: [0, 0, 0, 0, 0, 0], code: 0, forecast: 0, scale: 1 },
    { name: "another segment", row: [1, 2, 3, 4, 7, 6], code: 1, forecast: 3.5, scale: 2.5 },
    { name: "an unknown segment", row: [1, 2, 3, 4, 7, 6], code: -1, forecast: 3.5, scale: 2.5 },
    { name: "a code that does not exist", row: [1, 2, 3, 4, 7, 6], code: 2, forecast: 3.5, scale: 2.5 },
    { name: "huge numbers", row: [1e12, 1e12, 1e12, 1e12, 1e12, 1e12], code: 1, forecast: 5e11, scale: 1e12 },
  ])("$name", async ({ row, code, forecast, scale }) => {
    const answer = await run(await open(model), Float32Array.from(row), Int32Array.of(code));
    expect(answer.forecast[0]).toBe(Math.fround(forecast));
    expect([...answer.quantiles]).toEqual(
      [-2, -1, 1, 2].map((width) => Math.fround(forecast + width * scale)),
    );
  });

  test("clips to [0, clip · peak] and bounds intervals by zero", async () => {
    const forecaster = await open({ ...model, nonNegative: true, clip: 2 });
    const history = Float32Array.of(1, 2, 3, 4, 7, 6, 1, 1, 1, 1, -1, 1);
    const answer = await run(forecaster, history, Int32Array.of(0, 1));
    // Row 2: ½·(−1) is clipped to 0; its scale is (0 + 0 + 2 + 0) / 4.
    expect([...answer.forecast]).toEqual([14, 0]);
    expect([...answer.quantiles]).toEqual([9, 11.5, 16.5, 19, 0, 0, 0.5, 1]);
  });

  test("widths are those of the row's segment, the last ones for an unknown segment", async () => {
    const conformal = { levels: [0.5], halfWidths: [[[1]], [[2]], [[4]]], residuals: [[9], [9], [9]] };
    const forecaster = await open({ ...model, conformal });
    const row = [1, 2, 3, 4, 7, 6];
    const history = Float32Array.from([row, row, row, row].flat());
    const { forecast, quantiles } = await run(forecaster, history, Int32Array.of(0, 1, -1, 2));
    expect([...forecast]).toEqual([674, 3.5, 3.5, 3.5]);
    // Scale 2.5.
    expect([...quantiles]).toEqual([671.5, 676.5, -1.5, 8.5, -6.5, 13.5, -6.5, 13.5]);
  });

  test("takes what it is told of attributes and features", async () => {
    const expert: LinearExpert = {
      ...linear("featured", [
        { minLength: 1, lags: 1, weights: [[1]], intercept: [2], known: [[3]], observed: [[5]] },
      ]),
      groups: [{ column: 1, code: 1, maps: [{ minLength: 1, lags: 1, weights: [[-1]] }] }],
      known: [{ column: 1, centre: 1, spread: 2 }],
      observed: [{ column: 0, centre: 0, spread: 1 }],
    };
    const forecaster = await open({
      ...model,
      attributes: [{ name: "tier", levels: ["x", "y"] }],
      known: ["unused", "holidays"],
      observed: ["price"],
      experts: [expert],
      combination: { method: "single", weights: [[1], [1], [1]], residual: null },
    });
    const row = [1, 2, 3, 4, 7, 6];
    const { forecast } = await forecaster.run({
      count: 3,
      history: Float32Array.from([row, row, row].flat()),
      period: new Int32Array(3),
      codes: Int32Array.of(0, 0, 0, 1, 0, 7),
      known: Float32Array.of(NaN_, 5, NaN_, 1, 0, NaN_),
      observed: Float32Array.of(10, NaN_, 1),
    });
    // Scale 2.5: 6 + 2.5·(2 + 3·2 + 5·10); half of 6 + 2.5·2 and of −6; 6 + 2.5·(2 + 5).
    expect([...forecast]).toEqual([151, 2.5, 23.5]);
  });

  test("an empty row is NaN and leaves its neighbours alone", async () => {
    const history = Float32Array.of(1, 2, 3, 4, 7, 6, ...new Array<number>(6).fill(NaN_), 0, 0, 0, 0, 0, 0);
    const answer = await run(await open(model), history, Int32Array.of(0, 0, 0));
    expect([...answer.forecast]).toEqual([674, NaN_, 0]);
    expect([...answer.quantiles.subarray(4, 8)]).toEqual([NaN_, NaN_, NaN_, NaN_]);
  });
});

describe("graph", () => {
  test("gives a series the same forecast alone and among thousands", async () => {
    const forecaster = await open(model);
    const rows = 9000;
    const history = Float32Array.from({ length: rows * 6 }, (_, i) => Math.fround(((i * 7919) % 1013) / 7));
    const segment = Int32Array.from({ length: rows }, (_, i) => (i % 3) - 1);
    const all = await run(forecaster, history, segment);
    expect(all.forecast).toHaveLength(rows);
    for (const row of [0, 4095, 4096, 8999]) {
      const alone = await run(forecaster, part(history, row, 6), part(segment, row, 1));
      expect(alone.forecast[0]).toBe(all.forecast[row]);
      expect(alone.quantiles).toEqual(part(all.quantiles, row, 4));
    }
    expect((await run(forecaster, new Float32Array(0), new Int32Array(0))).forecast).toHaveLength(0);
  });

  test("is old enough for older runtimes and says what it is", () => {
    const { irVersion, opsetImport, producerName, graph } = decodeModel(emitOnnx(model, "1.2.3"));
    expect([irVersion, producerName, opsetImport[0]?.version]).toEqual([7, "retrain", 13]);
    expect(graph.input.map(shape)).toEqual([
      ["history", 1, "N", 6],
      ["period", 7, "N"],
      ["static", 1, "N", 1],
    ]);
    expect(graph.output.map(shape)).toEqual([
      ["forecast", 1, "N", 1],
      ["quantiles", 1, "N", 1, 4],
    ]);
  });

  test("takes no segment where the runbook has none", async () => {
    const combination = {
      method: "single" as const,
      weights: [
        [0, 1],
        [0, 1],
      ],
      residual: null,
    };
    const single = { ...model, segments: ["all"], combination };
    expect((await open(single)).inputs).toEqual(["history", "period"]);
    expect((await open({ ...single, segments: ["north"] })).inputs).toEqual(["history", "period", "static"]);
    const all = {
      ...single,
      attributes: [{ name: "tier", levels: ["x"] }],
      known: ["holidays"],
      observed: ["price", "weather"],
    };
    expect((await open(all)).inputs).toEqual(["history", "period", "static", "known", "observed"]);
    const { graph } = decodeModel(emitOnnx(all, "0.0.0"));
    expect(graph.input.slice(2).map(shape)).toEqual([
      ["static", 1, "N", 2],
      ["known", 1, "N", 1, 1],
      ["observed", 1, "N", 2],
    ]);
  });

  test("carries what a caller must know", async () => {
    expect((await open(model)).metadata).toEqual({
      frequency: "month",
      season: 2,
      horizon: 1,
      context: 6,
      segments: 2,
      attributes: [],
      known: [],
      observed: [],
      quantileProbabilities: [0.05, 0.25, 0.75, 0.95],
    });
  });

  test("is the same bytes for equal models", () => {
    expect(emitOnnx(JSON.parse(JSON.stringify(model)), "1.2.3")).toEqual(emitOnnx(model, "1.2.3"));
  });

  test("carries what the columns of its inputs are", async () => {
    const columns = {
      attributes: [{ name: "région", levels: ["", "a,b"] }],
      known: ["holidays"],
      observed: ["price index"],
    };
    expect((await open({ ...model, ...columns })).metadata).toMatchObject(columns);
  });

  test.each([
    [{ context: 5 }, "context 5 is not a multiple of season 2"],
    [{ combination: { ...model.combination, weights: [[1, 0]] } }, "one row a segment and one more"],
    [{ combination: { ...model.combination, weights: [[1], [1], [1]] } }, "one column an expert"],
    [
      {
        segments: ["all"],
        combination: {
          ...model.combination,
          weights: [
            [1, 0],
            [0, 1],
          ],
        },
      },
      "equal rows",
    ],
    [{ conformal: { levels: [0.5], halfWidths: [[[1, 2]]], residuals: [[9]] } }, "one column a lead"],
    [{ conformal: { levels: [0.5], halfWidths: [[]], residuals: [[9]] } }, "one row a level"],
    [{ conformal: { levels: [], halfWidths: [[], []], residuals: [[9]] } }, "one group, or one a segment"],
    [
      { experts: [linear("x", [{ minLength: 2, lags: 1, weights: [[1]] }]), model.experts[1]] },
      "minLength 1",
    ],
    [
      { experts: [linear("x", [{ minLength: 1, lags: 2, weights: [[1]] }]), model.experts[1]] },
      "rows of weights",
    ],
  ])("refuses a model that breaks its own rules: %j", (change, message) => {
    const broken = { ...model, ...change } as ForecastModel;
    expect(() => emitOnnx(broken, "0.0.0")).toThrow(message);
  });
});

const shape = ({ name, type }: ReturnType<typeof decodeModel>["graph"]["input"][number]) => [
  name,
  type.tensorType.elemType,
  ...type.tensorType.shape.dim.map((dim) => ("dimParam" in dim && dim.dimParam) || Object.values(dim)[0]),
];

const part = <T extends Float32Array | Float64Array | Int32Array>(values: T, row: number, width: number): T =>
  values.subarray(row * width, (row + 1) * width) as T;

/** Largest |x| of a row: where large numbers cancel, errors of 1e-16 of this size are left. */
const magnitude = (row: Float32Array): number =>
  row.reduce((most, x) => (Number.isNaN(x) ? most : Math.max(most, Math.abs(x))), 0);

function expectClose(actual: Float32Array, expected: Float64Array, floor: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, index) => {
    const target = expected[index]!;
    if (Number.isNaN(target)) expect(value).toBeNaN();
    else expect(Math.abs(value - target)).toBeLessThanOrEqual(2 ** -23 * Math.abs(target) + floor + 1e-40);
  });
}
