import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { atLeastOne } from "../../onnx/ops.js";
import type { GraphRows } from "../../onnx/rows.js";

/** The periods of each row, which end where the context ends. */
export interface Periods {
  /** double [N, 1]: how many, at least 1: a row without a number is one zero. */
  readonly length: Value;
  /** double [1, C]: periods from each to the end, that one included. */
  readonly countdown: Value;
  /** bool [N, C]: whether a period belongs to the row. */
  readonly inRow: Value;
  /** double [N, C]: the same as 1 and 0. */
  readonly ones: Value;
  /** double [N, C]: the values, 0 before the row. */
  readonly values: Value;
}

export function periodsOf(graph: GraphBuilder, rows: GraphRows): Periods {
  const { context, filled } = rows;
  const length = atLeastOne(graph, rows.length);
  const countdown = graph.constant(
    "double",
    [1, context],
    Array.from({ length: context }, (_, t) => context - t),
  );
  const inRow = graph.op("LessOrEqual", [countdown, length]);
  const values = graph.op("Where", [inRow, filled, graph.double(0)]);
  return { length, countdown, inRow, ones: graph.cast(inRow, "double"), values };
}
