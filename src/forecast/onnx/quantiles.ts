import type { ForecastModel } from "../model.js";
import type { GraphBuilder, Value } from "./builder.js";
import { reshape, slice, unsqueeze } from "./ops.js";
import type { GraphRows } from "./rows.js";

/** Step 7 of `ForecastModel`: double [N, H, Q]. */
export function emitQuantiles(
  graph: GraphBuilder,
  point: Value,
  rows: GraphRows,
  model: ForecastModel,
): Value {
  const { conformal, horizon } = model;
  const { halfWidths, levels } = conformal;
  const signed = halfWidths.flatMap((byLevel) =>
    Array.from({ length: horizon }, (_, h) => [
      ...byLevel.map((byLead) => -byLead[h]!).reverse(),
      ...byLevel.map((byLead) => byLead[h]!),
    ]).flat(),
  );
  const width = levels.length * 2;
  const table = graph.constant("double", [halfWidths.length, horizon, width], signed);
  const offsets = graph.op("Mul", [
    unsqueeze(graph, rows.unit, 2),
    graph.op("Gather", [table, groupOfRow(graph, rows, halfWidths.length)]),
  ]);
  const bands = graph.op("Add", [unsqueeze(graph, point, 2), offsets]);
  return model.nonNegative ? graph.op("Max", [bands, graph.double(0)]) : bands;
}

/** int64 [N], or [1] where there is one group: the segment, or the last group where it is unknown. */
export function groupOfRow(graph: GraphBuilder, rows: GraphRows, groups: number): Value {
  if (groups === 1) return graph.constant("int64", [1], [0]);
  if (rows.codes === null) return graph.constant("int64", [1], [groups - 1]);
  const segment = reshape(graph, slice(graph, rows.codes, 0, 1), [-1]);
  const isKnown = graph.op("GreaterOrEqual", [segment, graph.constant("int64", [], [0])]);
  return graph.op("Where", [isKnown, segment, graph.constant("int64", [], [groups - 1])]);
}
