import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { unsqueeze } from "../../onnx/ops.js";
import type { Shape } from "../../rows.js";
import { dampedSums, type MemberGroup } from "./members.js";
import { startWindow } from "./start.js";
import type { GraphViews } from "./views-graph.js";

/** The counterpart of `Start`, over the periods t = 0..C+H−1 of context and horizon. */
export interface GraphStarts {
  /** int64 [N, C + H]: periods from the start of the row to the end of t, 0 before it. */
  readonly elapsed: Value;
  /** double [2, N, 1]; `window` [1, N, 1] */
  readonly mean: Value;
  readonly slope: Value;
  readonly window: Value;
  /** null where no row can have a season. */
  readonly season: {
    /** double [1, N, C + H]: phase of t, 0 at the start of the row. */
    readonly phase: Value;
    /** double [2, N, C + H]: the profile at t. */
    readonly profile: Value;
    /** double [2, N, 1] */
    readonly slope: Value;
    /** double [1, N, 1] */
    readonly seasons: Value;
  } | null;
}

export function emitStarts(
  graph: GraphBuilder,
  views: GraphViews,
  shape: Shape,
  hasSeason: boolean,
): GraphStarts {
  const { context, horizon } = shape;
  const length = graph.cast(graph.op("Squeeze", [views.length, graph.constant("int64", [1], [0])]), "int64");
  const range = (from: number, count: number) =>
    graph.constant(
      "int64",
      [count],
      Array.from({ length: count }, (_, i) => from + i),
    );
  const elapsed = graph.op("Max", [
    graph.op("Add", [length, range(1 - context, context + horizon)]),
    graph.constant("int64", [], [0]),
  ]);
  /** The first `count` periods of every row: [2, N, count]. */
  const head = (count: number): Value => {
    const start = graph.op("Sub", [graph.constant("int64", [], [context]), length]);
    const at = graph.op("Min", [
      graph.op("Add", [start, range(0, count)]),
      graph.constant("int64", [], [context - 1]),
    ]);
    const once = unsqueeze(graph, at, 0);
    return graph.op("GatherElements", [views.values, graph.op("Concat", [once, once], { axis: 0 })], {
      axis: 2,
    });
  };
  return {
    elapsed,
    ...emitRegression(graph, views.length, head, Math.min(context, startWindow(shape.season))),
    season: hasSeason ? emitProfile(graph, views.length, head, elapsed, shape) : null,
  };
}

function emitRegression(
  graph: GraphBuilder,
  length: Value,
  head: (count: number) => Value,
  longest: number,
): Pick<GraphStarts, "mean" | "slope" | "window"> {
  const zero = graph.double(0);
  const one = graph.double(1);
  const values = head(longest);
  const first = sliceLast(graph, values, 0, 1);
  const window = graph.op("Min", [length, graph.double(longest)]);
  const index = graph.constant(
    "double",
    [longest],
    Array.from({ length: longest }, (_, i) => i),
  );
  const isWithin = graph.op("Less", [index, window]);
  const keep = (value: Value) => graph.op("Where", [isWithin, value, zero]);
  const n = graph.op("Max", [window, one]);
  const offsets = graph.op("Sub", [values, first]);
  const mean = graph.op("Div", [sumLast(graph, keep(offsets)), n]);
  const centred = graph.op("Sub", [
    index,
    graph.op("Div", [graph.op("Sub", [window, one]), graph.double(2)]),
  ]);
  const product = sumLast(graph, keep(graph.op("Mul", [centred, graph.op("Sub", [offsets, mean])])));
  const cube = graph.op("Mul", [window, graph.op("Sub", [graph.op("Mul", [window, window]), one])]);
  const squares = graph.op("Max", [graph.op("Div", [cube, graph.double(12)]), one]);
  return {
    mean: graph.op("Add", [first, mean]),
    slope: graph.op("Div", [product, squares]),
    window,
  };
}

function emitProfile(
  graph: GraphBuilder,
  length: Value,
  head: (count: number) => Value,
  elapsed: Value,
  { season }: Shape,
): NonNullable<GraphStarts["season"]> {
  const values = head(3 * season);
  const base = sliceLast(graph, values, 0, season);
  const second = graph.op("Sub", [sliceLast(graph, values, season, 2 * season), base]);
  const third = graph.op("Sub", [sliceLast(graph, values, 2 * season, 3 * season), base]);
  const three = graph.op("GreaterOrEqual", [length, graph.double(3 * season)]);
  const seasons = graph.op("Where", [three, graph.double(3), graph.double(2)]);
  const rest = graph.op("Where", [three, graph.op("Add", [second, third]), second]);
  const profile = graph.op("Add", [base, graph.op("Div", [rest, seasons])]);
  const rise = sumLast(graph, graph.op("Where", [three, third, second]));
  const spans = graph.op("Mul", [graph.op("Sub", [seasons, graph.double(1)]), graph.double(season * season)]);
  // t is the period elapsed − 1 of its row; before the row any phase will do.
  const before = graph.op("Add", [elapsed, graph.constant("int64", [], [season - 1])]);
  const phase = unsqueeze(graph, graph.op("Mod", [before, graph.constant("int64", [], [season])]), 0);
  const twice = graph.op("Concat", [phase, phase], { axis: 0 });
  return {
    phase: graph.cast(phase, "double"),
    profile: graph.op("GatherElements", [profile, twice], { axis: 2 }),
    slope: graph.op("Div", [rise, spans]),
    seasons,
  };
}

/** The counterpart of `startPath`: double [2, N, C + H], or [2, N, 1] where it is the same at all periods. */
export function emitStartPath(
  graph: GraphBuilder,
  starts: GraphStarts,
  group: MemberGroup,
  shape: Shape,
): Value {
  const { mean, slope, window, season } = starts;
  const sub = (value: Value, by: Value) => graph.op("Sub", [value, by]);
  const carried = group.phi === null ? null : emitCarried(graph, starts, group.phi, shape);
  if (!group.seasonal) {
    if (carried === null) return mean;
    const centre = graph.op("Div", [graph.op("Add", [window, graph.double(1)]), graph.double(2)]);
    return graph.op("Add", [mean, graph.op("Mul", [slope, sub(carried, centre)])]);
  }
  if (season === null) throw new RangeError("a group with a season in a graph without one");
  const time =
    carried === null
      ? sub(graph.double((shape.season - 1) / 2), season.phase)
      : sub(
          sub(sub(carried, season.phase), graph.double(1)),
          graph.op("Mul", [sub(season.seasons, graph.double(1)), graph.double(shape.season / 2)]),
        );
  return graph.op("Add", [season.profile, graph.op("Mul", [season.slope, time])]);
}

/** double [1, N, C + H] */
function emitCarried(graph: GraphBuilder, { elapsed }: GraphStarts, phi: number, shape: Shape): Value {
  const sums = [...dampedSums(phi, shape.context + shape.horizon)];
  return unsqueeze(graph, graph.op("Gather", [graph.constant("double", [sums.length], sums), elapsed]), 0);
}

const sumLast = (graph: GraphBuilder, value: Value): Value =>
  graph.op("ReduceSum", [value, graph.constant("int64", [1], [2])], { keepdims: 1 });

/** value[:, :, start:end] */
export const sliceLast = (graph: GraphBuilder, value: Value, start: number, end: number): Value =>
  graph.op("Slice", [
    value,
    graph.constant("int64", [1], [start]),
    graph.constant("int64", [1], [end]),
    graph.constant("int64", [1], [2]),
  ]);
