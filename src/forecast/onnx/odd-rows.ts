import { LEAST_NOISE, RELAUNCH_FACTOR, RELAUNCH_GAP, RELAUNCH_NOISE } from "../relaunch.js";
import type { Shape } from "../rows.js";
import { reachOf, STEADY, STILL_UNIT } from "../steady.js";
import type { GraphBuilder, Value } from "./builder.js";
import { fill, type History, readHistory, seasonalChange } from "./history.js";
import { atLeastOne, rowMax, rowSum, slice } from "./ops.js";

/**
 * The same as `relevelled` on every row.
 * @param history float [N, C]
 * @returns float [N, C]
 */
export function relevel(graph: GraphBuilder, history: Value, shape: Shape): Value {
  const { context, season } = shape;
  const index = graph.constant(
    "double",
    [1, context],
    Array.from({ length: context }, (_, t) => t),
  );
  const isNumber = graph.op("Not", [graph.op("IsNaN", [history])]);
  const start = lastRelaunch(graph, isNumber, index, context);
  const isBefore = graph.op("Less", [index, start]);
  const before = graph.op("Where", [isBefore, history, graph.constant("float", [], [Number.NaN])]);
  const own = readHistory(graph, before, context);
  const expected = fill(graph, before, own.mean, shape);
  const isCompared = graph.op("And", [
    graph.op("And", [isNumber, graph.op("Not", [isBefore])]),
    graph.op("Less", [index, graph.op("Add", [start, graph.double(season)])]),
  ]);
  const sumOf = (value: Value) =>
    rowSum(graph, graph.op("Where", [isCompared, graph.op("Abs", [value]), graph.double(0)]));
  const old = sumOf(expected);
  const now = sumOf(graph.cast(history, "double"));
  const count = rowSum(graph, graph.cast(isCompared, "double"));
  const level = meanSize(graph, own);
  const zero = graph.double(0);
  const isKnown = graph.op("And", [
    graph.op("And", [graph.op("Greater", [old, zero]), graph.op("Greater", [now, zero])]),
    graph.op("Greater", [start, zero]),
  ]);
  const one = graph.double(1);
  const ratio = graph.op("Div", [
    graph.op("Where", [isKnown, now, one]),
    graph.op("Where", [isKnown, old, one]),
  ]);
  const log = graph.op("Log", [ratio]);
  const noise = graph.op("Mul", [
    graph.op("Sqrt", [atLeastOne(graph, count)]),
    usualChange(graph, own, level, shape),
  ]);
  const z = graph.op("Div", [
    graph.op("Abs", [graph.op("Sub", [now, old])]),
    graph.op("Where", [isKnown, noise, one]),
  ]);
  const share = graph.op("Mul", [
    ramp(graph, z, RELAUNCH_NOISE),
    ramp(graph, graph.op("Abs", [log]), RELAUNCH_FACTOR),
  ]);
  const factor = graph.op("Exp", [graph.op("Mul", [share, log])]);
  const moved = graph.cast(graph.op("Mul", [graph.cast(history, "double"), factor]), "float");
  return graph.op("Where", [isBefore, moved, history]);
}

/** double [N, 1]: index of the first number after the last long gap; 0 where there is none. */
function lastRelaunch(graph: GraphBuilder, isNumber: Value, index: Value, context: number): Value {
  if (context <= RELAUNCH_GAP + 1) return graph.op("Mul", [rowMax(graph, index), graph.double(0)]);
  const ones = graph.cast(isNumber, "double");
  const countdown = graph.op("Sub", [graph.double(context), index]);
  const length = rowMax(graph, graph.op("Mul", [ones, countdown]));
  let isStart = slice(graph, isNumber, RELAUNCH_GAP, context);
  for (let back = 1; back <= RELAUNCH_GAP; back++) {
    const earlier = slice(graph, isNumber, RELAUNCH_GAP - back, context - back);
    isStart = graph.op("And", [isStart, graph.op("Not", [earlier])]);
  }
  const at = slice(graph, index, RELAUNCH_GAP, context);
  const hasBefore = graph.op("Greater", [at, graph.op("Sub", [graph.double(context), length])]);
  const isRelaunch = graph.cast(graph.op("And", [isStart, hasBefore]), "double");
  return rowMax(graph, graph.op("Mul", [isRelaunch, at]));
}

function usualChange(graph: GraphBuilder, own: History, level: Value, { context, season }: Shape): Value {
  const least = graph.op("Mul", [level, graph.double(LEAST_NOISE)]);
  if (context === season) return graph.op("Max", [level, least]);
  const { mean, pairs } = seasonalChange(graph, own, { context, season });
  const isMany = graph.op("GreaterOrEqual", [pairs, graph.double(season / 2)]);
  return graph.op("Max", [graph.op("Where", [isMany, mean, level]), least]);
}

const ramp = (
  graph: GraphBuilder,
  value: Value,
  { from, to }: { readonly from: number; readonly to: number },
): Value => {
  const share = graph.op("Div", [graph.op("Sub", [value, graph.double(from)]), graph.double(to - from)]);
  return graph.op("Min", [graph.op("Max", [share, graph.double(0)]), graph.double(1)]);
};

/** Mean |x| over the numbers. */
const meanSize = (graph: GraphBuilder, { zeroed, count }: History): Value =>
  graph.op("Div", [rowSum(graph, graph.op("Abs", [zeroed])), atLeastOne(graph, count)]);

/** The same as `steadiness` on every row: double [N, 1] each. */
export function emitSteadiness(
  graph: GraphBuilder,
  own: History,
  filled: Value,
  scale: Value,
  shape: Shape,
): { readonly unit: Value; readonly low: Value; readonly high: Value } {
  const { context, season } = shape;
  const widest = graph.double(Number.MAX_VALUE);
  const negative = (value: Value) => graph.op("Neg", [value]);
  if (context === season) {
    const none = graph.op("Add", [graph.op("Mul", [scale, graph.double(0)]), widest]);
    return { unit: scale, low: negative(none), high: none };
  }
  const { mean, pairs } = seasonalChange(graph, own, shape);
  const isSteady = graph.op("And", [
    graph.op("GreaterOrEqual", [pairs, graph.double(season / 2)]),
    graph.op("Greater", [
      rowMax(graph, graph.op("Abs", [own.zeroed])),
      graph.op("Mul", [mean, graph.double(STEADY)]),
    ]),
  ]);
  const least = negative(
    rowMax(graph, graph.op("Where", [own.isNumber, negative(own.zeroed), negative(widest)])),
  );
  const isStill = graph.op("And", [isSteady, graph.op("GreaterOrEqual", [least, own.peak])]);
  const last = slice(graph, filled, context - season, context);
  const reach = graph.op("Mul", [mean, graph.double(reachOf(shape))]);
  const low = graph.op("Sub", [negative(rowMax(graph, negative(last))), reach]);
  const high = graph.op("Add", [rowMax(graph, last), reach]);
  return {
    unit: graph.op("Where", [
      isStill,
      graph.op("Mul", [meanSize(graph, own), graph.double(STILL_UNIT)]),
      scale,
    ]),
    low: graph.op("Where", [isSteady, low, negative(widest)]),
    high: graph.op("Where", [isSteady, high, widest]),
  };
}
