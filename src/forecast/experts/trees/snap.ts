import type { GraphBuilder, Value } from "../../onnx/builder.js";

/** Steps of a unit. A power of two, so that whole steps are exact. */
const STEPS = 1024;
/** Larger figures say no more to a tree. */
const LIMIT = 2 ** 20;

/**
 * A feature rounded to 1/1024. Two interpreters sum in different orders, and a value that is exactly a
 * threshold's neighbour in one (0 where two numbers are equal, say) may be a last bit away from it in the
 * other: rounded, both are the same.
 */
export const snap = (value: number): number =>
  Math.floor(Math.max(-LIMIT, Math.min(value, LIMIT)) * STEPS + 0.5) / STEPS;

/** The same for finite or infinite doubles of any shape. The cast to int64 cuts off, which is floor above zero. */
export function emitSnap(graph: GraphBuilder, value: Value): Value {
  const bounded = graph.op("Max", [graph.op("Min", [value, graph.double(LIMIT)]), graph.double(-LIMIT)]);
  const shifted = graph.op("Add", [
    graph.op("Mul", [bounded, graph.double(STEPS)]),
    graph.double(0.5 + LIMIT * STEPS),
  ]);
  const whole = graph.cast(graph.cast(shifted, "int64"), "double");
  return graph.op("Mul", [graph.op("Sub", [whole, graph.double(LIMIT * STEPS)]), graph.double(1 / STEPS)]);
}
