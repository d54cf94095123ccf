import type { GraphBuilder, Value } from "../onnx/builder.js";
import type { GraphRows } from "../onnx/rows.js";
import type { Rows } from "../rows.js";
import { etsBank } from "./ets-bank/ets-bank.js";
import type { ExpertKind } from "./kind.js";
import { linear } from "./linear/linear.js";
import type { Expert } from "./model.js";
import { onnx } from "./onnx/onnx.js";
import { theta } from "./theta/theta.js";
import { trees } from "./trees/trees.js";

const KINDS: { readonly [Kind in Expert["kind"]]: ExpertKind<Extract<Expert, { kind: Kind }>> } = {
  linear,
  "ets-bank": etsBank,
  theta,
  trees,
  onnx,
};

const kindOf = (expert: Expert): ExpertKind<Expert> => KINDS[expert.kind] as ExpertKind<Expert>;

/** Float64Array [N × H], before the clips. */
export const expertForecast = async (expert: Expert, rows: Rows): Promise<Float64Array> =>
  kindOf(expert).forecast(expert, rows);

/** double [N, H], before the clips. */
export const emitExpert = (expert: Expert, graph: GraphBuilder, rows: GraphRows): Value =>
  kindOf(expert).emit(expert, graph, rows);
