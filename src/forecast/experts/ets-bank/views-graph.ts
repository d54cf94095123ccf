import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { rowSum, unsqueeze } from "../../onnx/ops.js";
import type { GraphRows } from "../../onnx/rows.js";
import { LOG_CEILING } from "./forecast.js";
import { NOT_ELIGIBLE } from "./members.js";

/**
 * The rows twice, as they are and on logarithms: axis 0 has these 2 entries, then come rows, then periods.
 * Double, unless said otherwise; what has no period has 1 there.
 */
export interface GraphViews {
  /** [2, N, C], in units of the scale; zeros before the first number, and on logarithms where a number is not above zero. */
  readonly values: Value;
  /** [1, N, C]: 1 from the first number on, 0 before it. */
  readonly within: Value;
  /** [1, N, 1]: periods of the row. */
  readonly length: Value;
  /** [2, N, 1]: turns a mean squared error into squared units of the scale. */
  readonly unit: Value;
  /** [2, N, 1]: 0 where the view may be used, `NOT_ELIGIBLE` where not. */
  readonly eligible: Value;
  /** [1, N, 1]: no logarithm of a forecast is above it. */
  readonly ceiling: Value;
}

export function emitViews(graph: GraphBuilder, rows: GraphRows): GraphViews {
  const { context } = rows;
  const zero = graph.double(0);
  const one = graph.double(1);
  const countdown = graph.constant(
    "double",
    [context],
    Array.from({ length: context }, (_, t) => context - t),
  );
  const isWithin = graph.op("LessOrEqual", [countdown, rows.length]);
  const scaled = graph.op("Div", [rows.filled, rows.scale]);
  const low = graph.op("ReduceMin", [graph.op("Where", [isWithin, scaled, one])], { axes: [1], keepdims: 1 });
  const isPositive = graph.op("And", [
    graph.op("Greater", [low, zero]),
    graph.op("Greater", [rows.length, zero]),
  ]);
  const log = graph.op("Log", [graph.op("Where", [graph.op("And", [isWithin, isPositive]), scaled, one])]);
  const n = graph.op("Max", [rows.length, one]);
  const peak = graph.op("Where", [isPositive, graph.op("Div", [rows.peak, rows.scale]), one]);
  const both = (raw: Value, logs: Value) =>
    graph.op("Concat", [unsqueeze(graph, raw, 0), unsqueeze(graph, logs, 0)], { axis: 0 });
  const meanLog = graph.op("Div", [rowSum(graph, log), n]);
  const none = graph.op("Sub", [n, n]);
  return {
    values: both(graph.op("Where", [isWithin, scaled, zero]), log),
    within: unsqueeze(graph, graph.cast(isWithin, "double"), 0),
    length: unsqueeze(graph, rows.length, 0),
    unit: graph.op("Exp", [both(none, graph.op("Mul", [meanLog, graph.double(2)]))]),
    eligible: both(none, graph.op("Where", [isPositive, zero, graph.double(NOT_ELIGIBLE)])),
    ceiling: graph.op("Add", [
      unsqueeze(graph, graph.op("Log", [peak]), 0),
      graph.double(Math.log(LOG_CEILING)),
    ]),
  };
}
