import * as runtime from "onnxruntime-node";
import { etsBank } from "../../../../../src/forecast/experts/ets-bank/ets-bank.js";
import type { EtsBankExpert } from "../../../../../src/forecast/experts/ets-bank/model.js";
import { GraphBuilder } from "../../../../../src/forecast/onnx/builder.js";
import { encodeModel } from "../../../../../src/forecast/onnx/proto.js";
import { graphRows } from "../../../../../src/forecast/onnx/rows.js";
import { prepareRows, type Rows, type Shape } from "../../../../../src/forecast/rows.js";

/** Rows of numbers, most recent last; shorter ones start later. */
export function rowsOf(series: readonly (readonly number[])[], shape: Shape): Rows {
  const { context } = shape;
  const count = series.length;
  const history = new Float32Array(count * context).fill(Number.NaN);
  series.forEach((row, i) => {
    history.set(row, (i + 1) * context - row.length);
  });
  return prepareRows(
    {
      count,
      history,
      period: new Int32Array(count),
      codes: new Int32Array(count),
      known: new Float32Array(0),
      observed: new Float32Array(0),
    },
    shape,
  );
}

/** The expert alone as a graph, on one thread. */
export async function runGraph(expert: EtsBankExpert, rows: Rows): Promise<Float64Array> {
  const graph = new GraphBuilder();
  const inputs = graphRows(graph, {
    format: 2,
    frequency: "month",
    season: rows.season,
    horizon: rows.horizon,
    context: rows.context,
    nonNegative: false,
    clip: 3,
    segments: ["all"],
    attributes: [],
    known: [],
    observed: [],
    experts: [expert],
    combination: { method: "single", weights: [[1], [1]], residual: null },
    conformal: { levels: [], halfWidths: [[]], residuals: [[]] },
  });
  graph.output("forecast", "double", ["N", rows.horizon], etsBank.emit(expert, graph, inputs));
  const bytes = encodeModel({
    irVersion: 7,
    producerName: "test",
    producerVersion: "0",
    docString: "",
    graph: graph.graph("ets"),
    opsetImport: [{ domain: "", version: 13 }],
    metadataProps: [],
  });
  const session = await runtime.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const answer = await session.run({
      history: new runtime.Tensor("float32", rows.history, [rows.count, rows.context]),
      period: new runtime.Tensor("int64", new BigInt64Array(rows.count), [rows.count]),
    });
    return answer.forecast!.data as Float64Array;
  } finally {
    await session.release();
  }
}

const plain = (value: number): number => Math.fround(value);

/** Rows that a forecaster must survive, of at most `context` periods. */
export function hostileRows(context: number): number[][] {
  const of = (length: number, value: (t: number) => number) =>
    Array.from({ length }, (_, t) => plain(value(t)));
  return [
    [],
    [7],
    [-3],
    [0],
    [1e12],
    [1, 2],
    [Number.NaN, Number.NaN, 5, Number.NaN],
    of(context, () => Number.NaN),
    of(context, () => 0),
    of(context, () => 7),
    of(context, () => -7),
    of(context, () => 1e12),
    of(context, () => 1e-12),
    of(context, (t) => (t % 2 === 0 ? 1e12 : -1e12)),
    of(context, (t) => (t % 2 === 0 ? 1e12 : 1)),
    of(context, (t) => (t % 2 === 0 ? 1e12 : 1 + (t % 7))),
    of(context, (t) => (t % 2 === 0 ? 1e-12 : 1e12)),
    of(context, (t) => (t % 3 === 0 ? Number.NaN : t)),
    of(context, (t) => t + 1),
    of(context, (t) => -t),
    of(context, (t) => 1e7 + (t === context - 1 ? 1 : 0)),
    of(context, (t) => (t === 0 ? 1e12 : 0)),
    of(context, (t) => (t === context - 1 ? 1e12 : 0)),
    of(context, (t) => (t === context - 1 ? 1e12 : 1)),
    of(context, (t) => 2 ** t / 1e6),
    of(context, (t) => 2 ** -t * 1e6),
    of(context, (t) => (t < context / 2 ? t : Number.NaN)),
    of(Math.ceil(context / 2), (t) => 100 + 10 * Math.sin(t)),
  ];
}
