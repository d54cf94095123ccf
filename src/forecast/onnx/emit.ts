import { emitCombination } from "../combine/emit.js";
import { emitExpert } from "../experts/index.js";
import { type ForecastModel, quantileProbabilities } from "../model.js";
import { GraphBuilder, ML, type Value } from "./builder.js";
import { checkModel } from "./check-model.js";
import { writeMetadata } from "./metadata.js";
import { unsqueeze } from "./ops.js";
import { encodeModel } from "./proto.js";
import { emitQuantiles } from "./quantiles.js";
import { type GraphRows, graphRows } from "./rows.js";
import { IR_VERSION, ML_OPSET, OPSET } from "./versions.js";

/**
 * The whole forecaster as one ONNX graph: the same steps as the doc comment of `ForecastModel`, in float64
 * between float32 borders.
 *
 * Inputs: `history` float32 [N, C]; `period` int64 [N], the calendar index of the first forecast period;
 * `static` float32 [N, S], the segment code and one code an attribute (anything that is no code: unknown);
 * `known` float32 [N, H, K] and `observed` float32 [N, O], NaN where missing. The last three are absent where
 * the model has none. Outputs: `forecast` float32 [N, H], `quantiles` float32 [N, H, Q], both NaN in rows
 * without a number. N is free.
 * @throws RangeError when the model breaks the rules of its doc comment
 */
export function emitOnnx(model: ForecastModel, producerVersion: string): Uint8Array {
  checkModel(model);
  const graph = new GraphBuilder();
  const { context, horizon } = model;
  const rows = graphRows(graph, model);
  const experts = model.experts.map((expert) =>
    clip(graph, emitExpert(expert, graph, rows), rows, model, expert.kind !== "onnx"),
  );
  const point = clip(graph, emitCombination(model.combination, experts, graph, rows), rows, model);
  const bands = emitQuantiles(graph, point, rows, model);

  const nan = graph.double(Number.NaN);
  const levels = quantileProbabilities(model.conformal.levels).length;
  const anyNumber = graph.op("Greater", [rows.count, graph.double(0)]);
  graph.output(
    "forecast",
    "float",
    ["N", horizon],
    graph.cast(graph.op("Where", [anyNumber, point, nan]), "float"),
  );
  graph.output(
    "quantiles",
    "float",
    ["N", horizon, levels],
    graph.cast(graph.op("Where", [unsqueeze(graph, anyNumber, 2), bands, nan]), "float"),
  );

  return encodeModel({
    irVersion: IR_VERSION,
    producerName: "retrain",
    producerVersion,
    docString:
      "Forecaster: history [N, C] with the most recent period last and NaN where missing, to forecasts and quantiles of the next H periods",
    graph: graph.graph("forecaster"),
    opsetImport: [
      { domain: "", version: OPSET },
      ...(graph.usesDomain(ML) ? [{ domain: ML, version: ML_OPSET }] : []),
    ],
    metadataProps: writeMetadata({
      frequency: model.frequency,
      season: model.season,
      horizon,
      context,
      segments: model.segments.length,
      attributes: model.attributes,
      known: model.known,
      observed: model.observed,
      quantileProbabilities: quantileProbabilities(model.conformal.levels),
    }),
  });
}

/** Steady rows to their bounds; then max(0, min(value, clip · peak)), where the model clips. */
function clip(
  graph: GraphBuilder,
  value: Value,
  rows: GraphRows,
  model: ForecastModel,
  isBounded = true,
): Value {
  const { bounds } = rows;
  const near =
    bounds === null || !isBounded
      ? value
      : graph.op("Max", [graph.op("Min", [value, bounds.high]), bounds.low]);
  if (!model.nonNegative) return near;
  const ceiling = graph.op("Mul", [rows.peak, graph.double(model.clip)]);
  return graph.op("Max", [graph.op("Min", [near, ceiling]), graph.double(0)]);
}
