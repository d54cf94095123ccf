import type { GraphBuilder, Value } from "../onnx/builder.js";
import type { GraphRows } from "../onnx/rows.js";
import type { Rows } from "../rows.js";

/**
 * One kind of fitted forecaster: what stands in `model.json`, in two interpretations that must agree to 1e-4
 * relative on every input, hostile ones included (no number, zeros, one number, 1e12, negatives).
 * Neither may fail or give a NaN on a row without a number: its output is replaced afterwards.
 */
export interface ExpertKind<Expert> {
  /** Float64Array [N × H], row-major, before the clips; the forecast of a row depends on that row alone. */
  forecast(expert: Expert, rows: Rows): Float64Array | Promise<Float64Array>;
  /** The same as nodes: double [N, H]. */
  emit(expert: Expert, graph: GraphBuilder, rows: GraphRows): Value;
}
