import { emitTrees } from "../boosting/emit.js";
import { leadNumbers, meanOver, phaseOfLead } from "../experts/trees/emit.js";
import { emitSnap } from "../experts/trees/snap.js";
import type { GraphBuilder, Value } from "../onnx/builder.js";
import { reshape, rowSum, unsqueeze } from "../onnx/ops.js";
import { groupOfRow } from "../onnx/quantiles.js";
import type { GraphRows } from "../onnx/rows.js";
import { residualWidth } from "./features.js";
import type { Combination } from "./model.js";

/** The same as `combine`: double [N, H]. */
export function emitCombination(
  combination: Combination,
  experts: readonly Value[],
  graph: GraphBuilder,
  rows: GraphRows,
): Value {
  const { weights, residual } = combination;
  const table = graph.constant("double", [weights.length, experts.length], weights.flat());
  const own = graph.op("Gather", [table, groupOfRow(graph, rows, weights.length)]);
  const stacked = graph.op(
    "Concat",
    experts.map((value) => unsqueeze(graph, value, 2)),
    { axis: 2 },
  );
  const point = graph.op("Squeeze", [
    graph.op("MatMul", [stacked, unsqueeze(graph, own, 2)]),
    graph.constant("int64", [1], [2]),
  ]);
  if (residual === null) return point;
  const features = emitFeatures(stacked, experts.length, graph, rows);
  const answer = reshape(graph, emitTrees(graph, residual.trees, features), [-1, rows.horizon]);
  const step = graph.op("Mul", [rows.scale, graph.double(residual.weight)]);
  return graph.op("Add", [point, graph.op("Mul", [step, answer])]);
}

/**
 * The same as `residualFeatures`: float [N·H, F].
 * @param stacked double [N, H, K]
 */
function emitFeatures(stacked: Value, experts: number, graph: GraphBuilder, rows: GraphRows): Value {
  const { filled, scale, context, season, horizon } = rows;
  const unit = unsqueeze(graph, scale, 2);
  const mean = graph.op("ReduceMean", [stacked], { axes: [2], keepdims: 1 });
  const level = meanOver(graph, filled, context - season, context);
  const before =
    context < 2 * season ? level : meanOver(graph, filled, context - 2 * season, context - season);
  const fromMean = graph.op("Div", [graph.op("Sub", [stacked, mean]), unit]);
  const fromLevel = graph.op("Div", [graph.op("Sub", [mean, unsqueeze(graph, level, 2)]), unit]);
  const inUnits = (value: Value): Value => emitSnap(graph, graph.op("Div", [value, scale]));
  // Lead by lead nothing of the context changes: these are spread over the leads by adding them to zeros.
  const ofRow = graph.op(
    "Concat",
    [
      rows.length,
      inUnits(level),
      inUnits(graph.op("Sub", [level, before])),
      inUnits(deviation(graph, rows)),
      rowSum(
        graph,
        graph.cast(graph.op("Equal", [rows.history, graph.constant("float", [], [0])]), "double"),
      ),
    ],
    { axis: 1 },
  );
  const spread = graph.op("Add", [
    unsqueeze(graph, ofRow, 1),
    graph.constant("double", [1, horizon, 1], new Array<number>(horizon).fill(0)),
  ]);
  const phase = phaseOfLead(graph, rows);
  const lead = leadNumbers(graph, phase, horizon);
  const ofForecast = emitSnap(graph, graph.op("Concat", [fromMean, fromLevel], { axis: 2 }));
  const columns = [graph.cast(ofForecast, "float"), lead, phase, graph.cast(spread, "float")];
  return reshape(graph, graph.op("Concat", columns, { axis: 2 }), [-1, residualWidth(experts)]);
}

/** Standard deviation of the filled context: double [N, 1]. */
function deviation(graph: GraphBuilder, { filled, context }: GraphRows): Value {
  const away = graph.op("Sub", [filled, meanOver(graph, filled, 0, context)]);
  return graph.op("Sqrt", [meanOver(graph, graph.op("Mul", [away, away]), 0, context)]);
}
