import type { GraphBuilder, Value } from "../../onnx/builder.js";
import type { GraphRows } from "../../onnx/rows.js";
import type { Shape } from "../../rows.js";
import { errorResponses } from "./filter.js";
import { VARIANCE_FLOOR } from "./forecast.js";
import { dampedSums, type MemberGroup, memberGroups, NOT_ELIGIBLE } from "./members.js";
import type { EtsBankExpert } from "./model.js";
import { emitStartPath, emitStarts, sliceLast } from "./start-graph.js";
import { emitViews, type GraphViews } from "./views-graph.js";

/**
 * What a pass over members keeps, by view: the best score [2, N, 1], and relative to it Σ weight [2, N, 1] and
 * Σ weight · forecast [2, N, H].
 */
type Sums = readonly [best: Value, total: Value, weighted: Value];

/**
 * The filters are linear and do not change in time, so the errors of a member on a row are the product of the
 * row with a triangular matrix, and what they add to the forecast is a product of the errors. A Scan over
 * members so has few and large steps, where one over periods would have many small ones; and a row that starts
 * late is a row with zeros before.
 */
export function emitEtsBank(expert: EtsBankExpert, graph: GraphBuilder, rows: GraphRows): Value {
  const { context, horizon } = rows;
  const groups = memberGroups(expert, rows);
  const views = emitViews(graph, rows);
  const starts = emitStarts(
    graph,
    views,
    rows,
    groups.some(({ seasonal }) => seasonal),
  );
  const nothing = graph.op("Sub", [views.unit, views.unit]);
  const tables: Tables = {
    lags: emitLags(graph, context),
    samePhase: graph.constant("double", [context, horizon], seasonAhead(rows)),
  };
  let sums: Sums = [
    graph.op("Add", [nothing, graph.double(NOT_ELIGIBLE)]),
    nothing,
    graph.op("Mul", [nothing, graph.constant("double", [horizon], new Array<number>(horizon).fill(0))]),
  ];
  for (const group of groups) {
    const path = emitStartPath(graph, starts, group, rows);
    const hasPeriods = group.seasonal || group.phi !== null;
    const past = hasPeriods ? sliceLast(graph, path, 0, context) : path;
    const ahead = hasPeriods ? sliceLast(graph, path, context, context + horizon) : path;
    const rest = graph.op("Mul", [graph.op("Sub", [views.values, past]), views.within]);
    sums = emitGroup(expert, group, graph, rows, views, { rest, ahead }, tables, sums);
  }
  const [best, total, weighted] = sums;
  const top = graph.op("ReduceMax", [best], { axes: [0], keepdims: 1 });
  const weight = graph.op("Exp", [graph.op("Sub", [best, top])]);
  const sum = (value: Value) =>
    graph.op("ReduceSum", [graph.op("Mul", [weight, value]), graph.constant("int64", [1], [0])], {
      keepdims: 0,
    });
  return graph.op("Mul", [graph.op("Div", [sum(weighted), sum(total)]), rows.scale]);
}

interface Parts {
  /** [2, N, C]: the rows without the start path, zeros before they start. */
  readonly rest: Value;
  /** [2, N, H] or [2, N, 1]: the start path after the rows. */
  readonly ahead: Value;
}

/** Constants of every group. */
interface Tables {
  /** int64 [C, C]: at row t', column t the lag t − t', or C, the zero at the end of a response. */
  readonly lags: Value;
  /** double [C, H]: 1 where t has the phase of the lead. */
  readonly samePhase: Value;
}

function emitLags(graph: GraphBuilder, context: number): Value {
  const periods = Array.from({ length: context }, (_, t) => t);
  const lag = graph.op("Sub", [
    graph.constant("int64", [1, context], periods),
    graph.constant("int64", [context, 1], periods),
  ]);
  const isAhead = graph.op("Less", [lag, graph.constant("int64", [], [0])]);
  return graph.op("Where", [isAhead, graph.constant("int64", [], [context]), lag]);
}

/** Takes the members of a group into the sums. */
function emitGroup(
  { temper }: EtsBankExpert,
  group: MemberGroup,
  graph: GraphBuilder,
  shape: Shape,
  views: GraphViews,
  { rest, ahead }: Parts,
  tables: Tables,
  sums: Sums,
): Sums {
  const { season, context, horizon } = shape;
  const one = graph.double(1);
  const n = graph.op("Max", [views.length, one]);
  const share = graph.op("Div", [views.unit, n]);
  const strength = graph.op("Mul", [views.length, graph.double(-temper)]);
  const prior = graph.op("Add", [
    graph.op("Gather", [
      graph.constant("double", [context + 1], [...group.prior]),
      graph.cast(views.length, "int64"),
    ]),
    views.eligible,
  ]);
  const carried = graph.constant("double", [context, horizon], slopeAhead(group, shape));
  const members = group.toLevel.length;
  const perMember = (values: Float64Array) => graph.constant("double", [members, 1, 1], [...values]);
  // Products of constants: a runtime makes them once, when it loads the graph, and the file stays small.
  const responses = graph.constant("double", [members, context + 1], responseTable(group, season, context));
  const filters = graph.op("Gather", [responses, tables.lags], { axis: 1 });
  const gains = graph.op("Add", [
    graph.op("Add", [
      graph.op("Mul", [carried, perMember(group.toSlope)]),
      graph.op("Mul", [tables.samePhase, perMember(group.toSeason)]),
    ]),
    perMember(group.toLevel),
  ]);
  const column = { element: "double", shape: [2, "N", 1] } as const;
  const wide = { element: "double", shape: [2, "N", horizon] } as const;
  const body = graph.body(
    [
      column,
      column,
      wide,
      { element: "double", shape: [context, context] },
      { element: "double", shape: [context, horizon] },
    ],
    (inner, [best, total, weighted, filter, gain]) => {
      const errors = inner.op("MatMul", [rest, filter!]);
      const squares = inner.op("ReduceSumSquare", [errors], { axes: [2], keepdims: 1 });
      const variance = inner.op("Add", [inner.op("Mul", [squares, share]), inner.double(VARIANCE_FLOOR)]);
      const score = inner.op("Add", [prior, inner.op("Mul", [strength, inner.op("Log", [variance])])]);
      const forecast = inner.op("Add", [ahead, inner.op("MatMul", [errors, gain!])]);
      const [raw, log] = inner.multi("Split", [forecast, inner.constant("int64", [2], [1, 1])], 2, {
        axis: 0,
      });
      const back = inner.op("Exp", [inner.op("Min", [log!, views.ceiling])]);
      const inUnits = inner.op("Concat", [raw!, back], { axis: 0 });
      const top = inner.op("Max", [best!, score]);
      const keep = inner.op("Exp", [inner.op("Sub", [best!, top])]);
      const weight = inner.op("Exp", [inner.op("Sub", [score, top])]);
      const add = (sum: Value, value: Value) => inner.op("Add", [inner.op("Mul", [sum, keep]), value]);
      return [
        { ...column, value: top },
        { ...column, value: add(total!, weight) },
        { ...wide, value: add(weighted!, inner.op("Mul", [weight, inUnits])) },
      ];
    },
  );
  const [best, total, weighted] = graph.multi("Scan", [...sums, filters, gains], 3, {
    body,
    num_scan_inputs: 2,
  });
  return [best!, total!, weighted!];
}

/** [members × (C + 1)]: the errors after a 1, and a zero. */
function responseTable(group: MemberGroup, season: number, context: number): number[] {
  const responses = errorResponses(group, season, context);
  return Array.from(group.toLevel, (_, m) => [
    ...responses.subarray(m * context, (m + 1) * context),
    0,
  ]).flat();
}

/** [C × H]: by how much a slope that an error at t set to 1 has carried the level until the lead. */
function slopeAhead({ phi }: MemberGroup, { context, horizon }: Shape): number[] {
  const sums = dampedSums(phi ?? 0, context + horizon);
  return cells(context, horizon, (t, h) => sums[context - t + h]!);
}

/** `Tables.samePhase` */
const seasonAhead = ({ season, context, horizon }: Shape): number[] =>
  cells(context, horizon, (t, h) => ((context + h - t) % season === 0 ? 1 : 0));

const cells = (rows: number, columns: number, of: (row: number, column: number) => number): number[] =>
  Array.from({ length: rows * columns }, (_, cell) => of(Math.floor(cell / columns), cell % columns));
