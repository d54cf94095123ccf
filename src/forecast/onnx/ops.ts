import type { GraphBuilder, Value } from "./builder.js";

/** Sum over axis 1, kept: [N, …] → [N, 1, …]. */
export const rowSum = (graph: GraphBuilder, value: Value): Value =>
  graph.op("ReduceSum", [value, graph.constant("int64", [1], [1])], { keepdims: 1 });

/** Before opset 18, ReduceMax takes its axes as an attribute, unlike ReduceSum. */
export const rowMax = (graph: GraphBuilder, value: Value): Value =>
  graph.op("ReduceMax", [value], { axes: [1], keepdims: 1 });

export const atLeastOne = (graph: GraphBuilder, value: Value): Value =>
  graph.op("Max", [value, graph.double(1)]);

/** value[:, start:end] */
export const slice = (graph: GraphBuilder, value: Value, start: number, end: number): Value =>
  graph.op("Slice", [
    value,
    graph.constant("int64", [1], [start]),
    graph.constant("int64", [1], [end]),
    graph.constant("int64", [1], [1]),
  ]);

export const unsqueeze = (graph: GraphBuilder, value: Value, axis: number): Value =>
  graph.op("Unsqueeze", [value, graph.constant("int64", [1], [axis])]);

export const reshape = (graph: GraphBuilder, value: Value, shape: readonly number[]): Value =>
  graph.op("Reshape", [value, graph.constant("int64", [shape.length], shape)]);
