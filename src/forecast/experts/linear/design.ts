import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { reshape, slice, unsqueeze } from "../../onnx/ops.js";
import type { GraphRows } from "../../onnx/rows.js";
import type { LinearExpert, LinearMap } from "./model.js";

/** What the vector of a row holds, in this order. */
interface DesignShape {
  readonly horizon: number;
  /** The last ones of the filled history. */
  readonly lags: number;
  /** 1 for the scale, or 0. */
  readonly scale: number;
  /** Known features: the first forecast period's, then the second's, … */
  readonly known: number;
  readonly observed: number;
}

export interface Design {
  /** double [N, D] */
  readonly value: Value;
  /** D */
  readonly width: number;
  readonly horizon: number;
  readonly shape: DesignShape;
}

export function emitDesign(expert: LinearExpert, graph: GraphBuilder, rows: GraphRows): Design {
  const all = [...expert.maps, ...expert.groups.flatMap(({ maps }) => maps.filter((map) => map !== null))];
  const { context, horizon } = rows;
  const shape: DesignShape = {
    horizon,
    lags: all.reduce((most, { lags }) => Math.max(most, lags), 0),
    scale: all.some(({ intercept }) => intercept !== undefined) ? 1 : 0,
    known: rows.known === null ? 0 : expert.known.length,
    observed: rows.observed === null ? 0 : expert.observed.length,
  };
  const parts = [slice(graph, rows.filled, context - shape.lags, context)];
  if (shape.scale === 1) parts.push(rows.scale);
  if (rows.known !== null && shape.known > 0) {
    const z = emitZScores(graph, rows.known, expert.known, 2);
    const byLead = graph.op("Mul", [z, unsqueeze(graph, rows.scale, 2)]);
    parts.push(reshape(graph, byLead, [-1, horizon * shape.known]));
  }
  if (rows.observed !== null && shape.observed > 0) {
    parts.push(graph.op("Mul", [emitZScores(graph, rows.observed, expert.observed, 1), rows.scale]));
  }
  return {
    value: parts.length === 1 ? parts[0]! : graph.op("Concat", parts, { axis: 1 }),
    width: shape.lags + shape.scale + horizon * shape.known + shape.observed,
    horizon,
    shape,
  };
}

/** double: the columns of `standards` on the last axis, z-scored, 0 where missing. */
function emitZScores(
  graph: GraphBuilder,
  input: Value,
  standards: LinearExpert["known"],
  axis: number,
): Value {
  const size = standards.length;
  const columns = graph.constant(
    "int64",
    [size],
    standards.map(({ column }) => column),
  );
  const picked = graph.op("Gather", [input, columns], { axis });
  const centre = graph.constant(
    "double",
    [size],
    standards.map((standard) => standard.centre),
  );
  const spread = graph.constant(
    "double",
    [size],
    standards.map((standard) => standard.spread),
  );
  const z = graph.op("Div", [graph.op("Sub", [graph.cast(picked, "double"), centre]), spread]);
  return graph.op("Where", [graph.op("IsNaN", [picked]), graph.double(0), z]);
}

/** A map as a matrix [D, H], row-major. */
export function flattenMap(map: LinearMap, shape: DesignShape): Float64Array {
  const { horizon, lags, scale, known, observed } = shape;
  const matrix = new Float64Array((lags + scale + horizon * known + observed) * horizon);
  const set = (row: number, response: readonly number[], delay = 0): void => {
    for (let h = delay; h < horizon; h++) matrix[row * horizon + h] = response[h - delay]!;
  };
  map.weights.forEach((response, k) => {
    set(lags - map.lags + k, response);
  });
  if (map.intercept !== undefined) set(lags, map.intercept);
  const features = lags + scale;
  for (let j = 0; j < known; j++) {
    const effect = map.known?.[j];
    if (effect === undefined) continue;
    for (let lead = 0; lead < horizon; lead++) set(features + lead * known + j, effect, lead);
  }
  for (let o = 0; o < observed; o++) {
    const effect = map.observed?.[o];
    if (effect !== undefined) set(features + horizon * known + o, effect);
  }
  return matrix;
}
