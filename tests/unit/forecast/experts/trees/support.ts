import { InferenceSession, Tensor } from "onnxruntime-node";
import type { TreeEnsemble } from "../../../../../src/forecast/boosting/model.js";
import type { ForecastModel } from "../../../../../src/forecast/model.js";
import type { Value } from "../../../../../src/forecast/onnx/builder.js";
import { GraphBuilder, ML } from "../../../../../src/forecast/onnx/builder.js";
import { encodeModel } from "../../../../../src/forecast/onnx/proto.js";
import { type GraphRows, graphRows } from "../../../../../src/forecast/onnx/rows.js";
import { prepareRows, type Rows, type Shape } from "../../../../../src/forecast/rows.js";
import { uniform } from "../../learners/support.js";

/** Context rows that break careless code, then random ones; with codes, known and observed features. */
export function hostileRows(shape: Shape, known: number, observed: number, random = 40): Rows {
  const { context, horizon } = shape;
  const draw = uniform(11);
  const NaN_ = Number.NaN;
  const every = (of: (t: number) => number) => Array.from({ length: context }, (_, t) => of(t));
  const histories = [
    every(() => NaN_),
    every(() => 0),
    every(() => 7),
    every(() => -3.1),
    every(() => 1e12),
    every((t) => 1e12 + 1e8 * (t % 3)),
    every((t) => 1e-12 * (1 + (t % 5))),
    every((t) => (t % 2 === 0 ? 0 : 1e9)),
    every((t) => (t % 2 === 0 ? -5 : 5)),
    every((t) => (t === context - 1 ? 4 : NaN_)),
    every((t) => (t === context - 2 ? 4 : NaN_)),
    every((t) => (t === 3 ? 1e12 : 0)),
    every((t) => (t % 4 === 1 ? NaN_ : t)),
    every((t) => (t > context - 6 ? NaN_ : 10 + (t % 4))),
    every((t) => 100 / 3 + (t % 4) / 7),
    ...Array.from({ length: random }, (_, i) =>
      every((t) => (t < (i * 7) % context ? NaN_ : 10 ** (i % 7) * (1 + draw() + Math.sin(t)))),
    ),
  ];
  const count = histories.length;
  const features = (size: number) =>
    Float32Array.from({ length: size }, (_, i) => (i % 11 === 0 ? NaN_ : 4 * draw() - 2));
  return prepareRows(
    {
      count,
      history: Float32Array.from(histories.flat()),
      period: Int32Array.from({ length: count }, (_, i) => 24306 + i),
      codes: Int32Array.from({ length: 2 * count }, (_, i) => (i % 5) - 1),
      known: features(count * horizon * known),
      observed: features(count * observed),
    },
    shape,
  );
}

/**
 * Stumps at thresholds all over every feature, each with its own value: a feature that differs by much changes the
 * answer.
 */
export function revealingTrees(features: number): TreeEnsemble {
  const sizes = Array.from({ length: 25 }, (_, i) => 2 ** (i / 2 - 6) * 1.0371);
  const thresholds = [...sizes.map((size) => -size), ...sizes];
  return {
    features,
    base: 0,
    link: "identity",
    trees: Array.from({ length: features }, (_, feature) =>
      thresholds.map((threshold, t) => ({
        feature: [feature, -1, -1],
        threshold: [threshold, 0, 0],
        missingLeft: [t % 2 === 0, false, false],
        left: [1, 0, 0],
        right: [2, 0, 0],
        value: [0, (feature + 1) / 64, -(t + 1) / 256],
        gain: [1, 0, 0],
      })),
    ).flat(),
  };
}

/** Runs a part of a forecaster's graph on rows whose model has two code columns of 4 labels: [N × H]. */
export async function runGraph(
  rows: Rows,
  emit: (graph: GraphBuilder, rows: GraphRows) => Value,
  inputs: Readonly<Record<string, { values: Float64Array; width: number }>> = {},
): Promise<Float64Array> {
  const graph = new GraphBuilder();
  const { count, context, horizon, season } = rows;
  const names = (size: number) => Array.from({ length: size }, (_, i) => `f${i}`);
  const known = rows.known.length / (count * horizon);
  const observed = rows.observed.length / count;
  const model = {
    season,
    context,
    horizon,
    segments: ["a", "b", "c", "d"],
    attributes: [{ name: "x", levels: ["a", "b", "c", "d"] }],
    known: names(known),
    observed: names(observed),
  };
  const prepared = graphRows(graph, model as unknown as ForecastModel);
  graph.output("forecast", "double", ["N", horizon], emit(graph, prepared));
  const inner = graph.graph("part");
  const bytes = encodeModel({
    irVersion: 7,
    producerName: "test",
    producerVersion: "0",
    docString: "",
    graph: inner,
    opsetImport: [
      { domain: "", version: 13 },
      { domain: ML, version: 3 },
    ],
    metadataProps: [],
  });
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const all: Record<string, Tensor> = {
    history: new Tensor("float32", rows.history, [count, context]),
    period: new Tensor("int64", BigInt64Array.from(rows.period, BigInt), [count]),
    static: new Tensor("float32", Float32Array.from(rows.codes), [count, 2]),
    known: new Tensor("float32", rows.known, [count, horizon, known]),
    observed: new Tensor("float32", rows.observed, [count, observed]),
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, { values, width }]) => [
        name,
        new Tensor("float64", values, [values.length / width, width]),
      ]),
    ),
  };
  const feeds = Object.fromEntries(inner.input.map(({ name }) => [name, all[name]!]));
  const answer = await session.run(feeds);
  await session.release();
  return answer.forecast!.data as Float64Array;
}

/** Largest difference in units of max(|expected|, 1% of the row's scale); rows without a number do not count. */
export function worstDifference(actual: Float64Array, expected: Float64Array, rows: Rows): number {
  let worst = 0;
  expected.forEach((value, cell) => {
    const row = Math.floor(cell / rows.horizon);
    if (rows.length[row] === 0) return;
    if (!Number.isFinite(value)) throw new Error(`row ${row} is ${value}`);
    worst = Math.max(
      worst,
      Math.abs(actual[cell]! - value) / Math.max(Math.abs(value), 0.01 * rows.scale[row]!),
    );
  });
  return worst;
}
