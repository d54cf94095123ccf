import { emitTrees } from "../../boosting/emit.js";
import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { reshape, slice, unsqueeze } from "../../onnx/ops.js";
import type { GraphRows } from "../../onnx/rows.js";
import { featureCount, layoutOf, sameSeasonAt, sameSeasonPositions } from "./features.js";
import type { TreesExpert } from "./model.js";
import { emitSnap } from "./snap.js";

/** The same as the trainer's `featureMatrix`, one node a group of features, then the trees. */
export function emitTreesExpert(expert: TreesExpert, graph: GraphBuilder, rows: GraphRows): Value {
  const { context, season, horizon, filled, scale } = rows;
  const level = meanOver(graph, filled, context - season, context);
  const around = graph.op("Div", [graph.op("Sub", [filled, level]), scale]);
  const history = graph.cast(emitSnap(graph, around), "float");
  const phase = phaseOfLead(graph, rows);
  const everyLead = (value: Value): Value => acrossLeads(graph, unsqueeze(graph, value, 1), horizon);
  const columns = [
    everyLead(slice(graph, history, context - expert.lags, context)),
    ...sameSeason(expert, graph, rows, history),
    unsqueeze(graph, graph.cast(emitSnap(graph, sameSeasonMean(graph, rows, around)), "float"), 2),
    everyLead(graph.cast(emitSnap(graph, graph.op("Div", [level, scale])), "float")),
    leadNumbers(graph, phase, horizon),
    phase,
    ...codes(expert, graph, rows).map(everyLead),
    ...(expert.known === 0 ? [] : [rows.known!]),
    ...(expert.observed === 0 ? [] : [everyLead(rows.observed!)]),
  ];
  const matrix = reshape(graph, graph.op("Concat", columns, { axis: 2 }), [
    -1,
    featureCount(layoutOf(expert)),
  ]);
  const answer = reshape(graph, emitTrees(graph, expert.ensemble, matrix), [-1, horizon]);
  return graph.op("Add", [level, graph.op("Mul", [scale, answer])]);
}

/** Mean of values[:, start:end]: [N, 1]. */
export const meanOver = (graph: GraphBuilder, values: Value, start: number, end: number): Value =>
  graph.op("ReduceMean", [slice(graph, values, start, end)], { axes: [1], keepdims: 1 });

/** float [N, 1, W] → [N, H, W] */
const acrossLeads = (graph: GraphBuilder, value: Value, horizon: number): Value =>
  graph.op("Add", [value, graph.constant("float", [1, horizon, 1], new Array<number>(horizon).fill(0))]);

/** float [N, H, 1], counted from 1. The phase gives the shape. */
export function leadNumbers(graph: GraphBuilder, phase: Value, horizon: number): Value {
  const numbers = Array.from({ length: horizon }, (_, lead) => lead + 1);
  const none = graph.op("Mul", [phase, graph.constant("float", [], [0])]);
  return graph.op("Add", [none, graph.constant("float", [1, horizon, 1], numbers)]);
}

/** float [N, H, 1] */
export function phaseOfLead(graph: GraphBuilder, { period, horizon, season }: GraphRows): Value {
  const ahead = graph.constant(
    "int64",
    [1, horizon],
    Array.from({ length: horizon }, (_, lead) => lead),
  );
  const target = graph.op("Add", [unsqueeze(graph, period, 1), ahead]);
  return unsqueeze(
    graph,
    graph.cast(graph.op("Mod", [target, graph.constant("int64", [], [season])]), "float"),
    2,
  );
}

/** float [N, H, sameSeason]; a column of NaN behind the history stands for what is before it. */
function sameSeason(expert: TreesExpert, graph: GraphBuilder, rows: GraphRows, history: Value): Value[] {
  const { context, season, horizon } = rows;
  if (expert.sameSeason === 0) return [];
  const positions = Array.from({ length: horizon }, (_, lead) =>
    Array.from({ length: expert.sameSeason }, (__, back) => {
      const at = sameSeasonAt(context, season, lead, back);
      return at < 0 ? context : at;
    }),
  );
  const nothing = graph.op("Add", [
    graph.op("Mul", [slice(graph, history, 0, 1), graph.constant("float", [], [0])]),
    graph.constant("float", [], [Number.NaN]),
  ]);
  const withNothing = graph.op("Concat", [history, nothing], { axis: 1 });
  const at = graph.constant("int64", [horizon, expert.sameSeason], positions.flat());
  return [graph.op("Gather", [withNothing, at], { axis: 1 })];
}

/** double [N, H]: which positions are averaged depends on the lead alone, so it is one product. */
function sameSeasonMean(graph: GraphBuilder, { context, season, horizon }: GraphRows, around: Value): Value {
  const weights = new Array<number>(context * horizon).fill(0);
  for (let lead = 0; lead < horizon; lead++) {
    const positions = sameSeasonPositions(context, season, lead);
    for (const t of positions) weights[t * horizon + lead] = 1 / positions.length;
  }
  return graph.op("MatMul", [around, graph.constant("double", [context, horizon], weights)]);
}

/** float [N, S], where the expert looks at codes. */
function codes(expert: TreesExpert, graph: GraphBuilder, rows: GraphRows): Value[] {
  if (expert.encodings.length === 0) return [];
  const own = expert.encodings.map((encoding, c) => {
    const code = slice(graph, rows.codes!, c, c + 1);
    const isKnown = graph.op("GreaterOrEqual", [code, graph.constant("int64", [], [0])]);
    const entry = graph.op("Where", [isKnown, code, graph.constant("int64", [], [encoding.length - 1])]);
    return graph.op("Gather", [graph.constant("float", [encoding.length], encoding), entry]);
  });
  return [graph.op("Concat", own, { axis: 1 })];
}
