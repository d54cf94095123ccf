import type { ForecastModel } from "../model.js";
import type { Shape } from "../rows.js";
import { ALL_SEGMENT } from "../segment-codes.js";
import type { GraphBuilder, Value } from "./builder.js";
import { atLeastOne, rowMax, rowSum, slice } from "./ops.js";

/** The counterpart of `Rows` in a graph. Every value is double [N, 1] unless said otherwise. */
export interface GraphRows extends Shape {
  /** float [N, C] with NaN where missing. */
  readonly history: Value;
  /** int64 [N] */
  readonly period: Value;
  /** int64 [N, S], −1 where unknown; null where the model has no codes. */
  readonly codes: Value | null;
  /** float [N, H, K]; null where the model has none. */
  readonly known: Value | null;
  /** float [N, O]; null where the model has none. */
  readonly observed: Value | null;
  /** bool [N, C] */
  readonly isNumber: Value;
  /** double [N, C]: the history without holes; zeros in a row without a number. */
  readonly filled: Value;
  /** How many numbers. */
  readonly count: Value;
  /** C − index of the first number, 0 when there is none. */
  readonly length: Value;
  readonly mean: Value;
  readonly scale: Value;
  /** Largest number; the lowest double where there is none. */
  readonly peak: Value;
}

type History = Pick<GraphRows, "isNumber" | "count" | "length" | "mean" | "peak"> & {
  /** double [N, C] with 0 for missing. */
  readonly zeroed: Value;
};

/** Declares the inputs, and steps 1 to 4 of `ForecastModel`. */
export function graphRows(graph: GraphBuilder, model: ForecastModel): GraphRows {
  const { season, horizon, context } = model;
  const history = graph.input("history", "float", ["N", context]);
  const period = graph.input("period", "int64", ["N"]);
  const columns = hasCodes(model) ? 1 + model.attributes.length : 0;
  const codes = columns === 0 ? null : codesIn(graph, graph.input("static", "float", ["N", columns]), model);
  const known =
    model.known.length === 0 ? null : graph.input("known", "float", ["N", horizon, model.known.length]);
  const observed =
    model.observed.length === 0 ? null : graph.input("observed", "float", ["N", model.observed.length]);
  const own = readHistory(graph, history, context);
  return {
    season,
    horizon,
    context,
    history,
    period,
    codes,
    known,
    observed,
    isNumber: own.isNumber,
    count: own.count,
    length: own.length,
    mean: own.mean,
    peak: own.peak,
    filled: fill(graph, history, own.mean, model),
    scale: contextScale(graph, own, model),
  };
}

/** Not the count alone: a service must not lose the input in a quarter in which one segment is left. */
export const hasCodes = ({ segments, attributes }: Pick<ForecastModel, "segments" | "attributes">): boolean =>
  segments.length > 1 || segments[0] !== ALL_SEGMENT || attributes.length > 0;

/** int64 [N, S]: −1 for anything that is no code. */
function codesIn(graph: GraphBuilder, input: Value, { segments, attributes }: ForecastModel): Value {
  const sizes = [segments.length, ...attributes.map(({ levels }) => levels.length)];
  const isCode = graph.op("And", [
    graph.op("GreaterOrEqual", [input, graph.constant("float", [], [0])]),
    graph.op("Less", [input, graph.constant("float", [sizes.length], sizes)]),
  ]);
  return graph.cast(graph.op("Where", [isCode, input, graph.constant("float", [], [-1])]), "int64");
}

function readHistory(graph: GraphBuilder, history: Value, context: number): History {
  const missing = graph.op("IsNaN", [history]);
  const isNumber = graph.op("Not", [missing]);
  const x = graph.cast(history, "double");
  const zeroed = graph.op("Where", [missing, graph.double(0), x]);
  const ones = graph.cast(isNumber, "double");
  const count = rowSum(graph, ones);
  const countdown = graph.constant(
    "double",
    [context],
    Array.from({ length: context }, (_, t) => context - t),
  );
  return {
    isNumber,
    zeroed,
    count,
    length: rowMax(graph, graph.op("Mul", [ones, countdown])),
    mean: graph.op("Div", [rowSum(graph, zeroed), atLeastOne(graph, count)]),
    peak: rowMax(graph, graph.op("Where", [missing, graph.double(-Number.MAX_VALUE), x])),
  };
}

/** Step 2 of the model's doc comment. */
function contextScale(graph: GraphBuilder, row: History, { context, season }: Shape): Value {
  const zero = graph.double(0);
  const size = graph.op("Div", [rowSum(graph, graph.op("Abs", [row.zeroed])), atLeastOne(graph, row.count)]);
  const fallback = graph.op("Where", [graph.op("Greater", [size, zero]), size, graph.double(1)]);
  if (context === season) return fallback;
  const late = (value: Value) => slice(graph, value, season, context);
  const early = (value: Value) => slice(graph, value, 0, context - season);
  const pair = graph.op("And", [late(row.isNumber), early(row.isNumber)]);
  const step = graph.op("Abs", [graph.op("Sub", [late(row.zeroed), early(row.zeroed)])]);
  const seasonal = graph.op("Div", [
    rowSum(graph, graph.op("Where", [pair, step, zero])),
    atLeastOne(graph, rowSum(graph, graph.cast(pair, "double"))),
  ]);
  return graph.op("Where", [graph.op("Greater", [seasonal, zero]), seasonal, fallback]);
}

/**
 * Step 4: float64 [N, C]. Filling copies values, so it can stay in float32, where every runtime has IsNaN.
 */
function fill(graph: GraphBuilder, history: Value, mean: Value, { context, season }: Shape): Value {
  const count = context / season;
  const seasons =
    count === 1
      ? [history]
      : graph.multi(
          "Split",
          [history, graph.constant("int64", [count], new Array<number>(count).fill(season))],
          count,
          { axis: 1 },
        );
  let previous = seasons[0]!;
  const filled = [previous];
  for (const block of seasons.slice(1)) {
    previous = graph.op("Where", [graph.op("IsNaN", [block]), previous, block]);
    filled.push(previous);
  }
  const joined = graph.op("Concat", filled, { axis: 1 });
  return graph.op("Where", [graph.op("IsNaN", [joined]), mean, graph.cast(joined, "double")]);
}
