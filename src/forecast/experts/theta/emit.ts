import type { GraphBuilder, Value } from "../../onnx/builder.js";
import type { GraphRows } from "../../onnx/rows.js";
import { periodsOf } from "./emit-periods.js";
import { emitSeasonality, type SeasonalIndex } from "./emit-seasonality.js";
import { emitSmoothing } from "./emit-smoothing.js";
import type { ThetaExpert } from "./model.js";

export function emitTheta(expert: ThetaExpert, graph: GraphBuilder, rows: GraphRows): Value {
  const periods = periodsOf(graph, rows);
  const seasonal = emitSeasonality(graph, periods, rows);
  if (seasonal === null) return emitSmoothing(expert, graph, periods.values, periods, rows);
  const level = withIndex(graph, periods.values, seasonal, rows.context, "Div", "Sub");
  const masked = graph.op("Where", [periods.inRow, level, graph.double(0)]);
  const forecast = emitSmoothing(expert, graph, masked, periods, rows);
  return withIndex(graph, forecast, seasonal, rows.horizon, "Mul", "Add");
}

/** values [N, width] with their seasons' index taken out or put back; column 0 has phase 0. */
function withIndex(
  graph: GraphBuilder,
  values: Value,
  { index, multiplicative, season }: SeasonalIndex,
  width: number,
  byFactor: "Div" | "Mul",
  byTerm: "Sub" | "Add",
): Value {
  const phases = graph.constant(
    "int64",
    [width],
    Array.from({ length: width }, (_, t) => t % season),
  );
  const own = graph.op("Gather", [index, phases], { axis: 1 });
  // An additive index may be zero, and what is divided by it is not used.
  const factor = byFactor === "Mul" ? own : graph.op("Where", [multiplicative, own, graph.double(1)]);
  return graph.op("Where", [
    multiplicative,
    graph.op(byFactor, [values, factor]),
    graph.op(byTerm, [values, own]),
  ]);
}
