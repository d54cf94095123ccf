import type { ForecastModel } from "../model.js";
import type { Shape } from "../rows.js";
import { ALL_SEGMENT } from "../segment-codes.js";
import type { GraphBuilder, Value } from "./builder.js";
import { contextScale, fill, readHistory } from "./history.js";
import { emitSteadiness, relevel } from "./odd-rows.js";

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
  /** Of the interval half-widths. */
  readonly unit: Value;
  /** What a forecast may be at least and at most; null where the model has no steady rows. */
  readonly bounds: { readonly low: Value; readonly high: Value } | null;
}

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
  const isOdd = model.oddRows === true;
  const seen = isOdd ? relevel(graph, history, model) : history;
  const own = readHistory(graph, seen, context);
  const filled = fill(graph, seen, own.mean, model);
  const scale = contextScale(graph, own, model);
  const steady = isOdd ? emitSteadiness(graph, own, filled, scale, model) : null;
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
    filled,
    scale,
    unit: steady?.unit ?? scale,
    bounds: steady,
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
