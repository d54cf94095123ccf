import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { atLeastOne, reshape, rowSum, slice } from "../../onnx/ops.js";
import type { Shape } from "../../rows.js";
import type { Periods } from "./emit-periods.js";
import { CONSTANT_SHARE, CRITICAL_VALUE, LEAST_INDEX } from "./seasonality.js";

/** The counterpart of `Seasonality`. */
export interface SeasonalIndex {
  readonly season: number;
  /** bool [N, 1] */
  readonly multiplicative: Value;
  /** double [N, season] */
  readonly index: Value;
}

/** The same as `seasonality`; null where no row can have a season: then there is nothing to take out. */
export function emitSeasonality(
  graph: GraphBuilder,
  periods: Periods,
  { context, season }: Shape,
): SeasonalIndex | null {
  if (season < 2 || context < 2 * season) return null;
  const zero = graph.double(0);
  const positive = graph.op("Or", [
    graph.op("Greater", [periods.values, zero]),
    graph.op("Not", [periods.inRow]),
  ]);
  const multiplicative = graph.op("Equal", [
    rowSum(graph, graph.cast(positive, "double")),
    graph.double(context),
  ]);
  const neutral = graph.cast(multiplicative, "double");
  const weight = testWeight(graph, periods, { context, season });
  const { index, share } = decompose(graph, periods, multiplicative, neutral, { context, season });
  const drawn = graph.op("Add", [
    neutral,
    graph.op("Mul", [graph.op("Mul", [weight, share]), graph.op("Sub", [index, neutral])]),
  ]);
  return {
    season,
    multiplicative,
    index: graph.op("Where", [multiplicative, graph.op("Max", [drawn, graph.double(LEAST_INDEX)]), drawn]),
  };
}

type Lengths = Pick<Shape, "context" | "season">;

/** double [N, 1] */
function testWeight(
  graph: GraphBuilder,
  { values, ones, length }: Periods,
  { context, season }: Lengths,
): Value {
  const zero = graph.double(0);
  const mean = graph.op("Div", [rowSum(graph, values), length]);
  const deviation = graph.op("Mul", [graph.op("Sub", [values, mean]), ones]);
  const variance = rowSum(graph, graph.op("Mul", [deviation, deviation]));
  const least = graph.op("Mul", [
    rowSum(graph, graph.op("Mul", [values, values])),
    graph.double(CONSTANT_SHARE),
  ]);
  const varies = graph.op("Greater", [variance, least]);
  const divisor = graph.op("Where", [varies, variance, graph.double(1)]);
  const products = Array.from({ length: season }, (_, k) =>
    rowSum(
      graph,
      graph.op("Mul", [slice(graph, deviation, k + 1, context), slice(graph, deviation, 0, context - k - 1)]),
    ),
  );
  const shorter = graph.op("Div", [graph.op("Concat", products.slice(0, -1), { axis: 1 }), divisor]);
  const atSeason = graph.op("Div", [products.at(-1)!, divisor]);
  const squares = rowSum(graph, graph.op("Mul", [shorter, shorter]));
  const bartlett = graph.op("Sqrt", [
    graph.op("Div", [
      graph.op("Add", [graph.double(1), graph.op("Mul", [graph.double(2), squares])]),
      length,
    ]),
  ]);
  const long = graph.op("GreaterOrEqual", [length, graph.double(2 * season)]);
  const pairs = atLeastOne(graph, graph.op("Sub", [length, graph.double(season)]));
  const z = graph.op("Mul", [graph.op("Div", [atSeason, bartlett]), graph.op("Div", [length, pairs])]);
  const weight = clamp(graph, graph.op("Div", [z, graph.double(CRITICAL_VALUE)]));
  return graph.op("Where", [graph.op("And", [varies, long]), weight, zero]);
}

/** index double [N, season], share double [N, 1] */
function decompose(
  graph: GraphBuilder,
  { values, countdown, length }: Periods,
  multiplicative: Value,
  neutral: Value,
  { context, season }: Lengths,
): { index: Value; share: Value } {
  const zero = graph.double(0);
  const one = graph.double(1);
  const half = Math.floor(season / 2);
  // A period is inside when the whole season around it belongs to the row.
  const inside = graph.op("And", [
    graph.op("LessOrEqual", [countdown, graph.op("Sub", [length, graph.double(half)])]),
    graph.op("Greater", [countdown, graph.double(half)]),
  ]);
  const ones = graph.cast(inside, "double");
  const trend = graph.op("MatMul", [values, centredMeans(graph, { context, season })]);
  const ratio = graph.op("Div", [
    values,
    graph.op("Where", [graph.op("And", [inside, multiplicative]), trend, one]),
  ]);
  const detrended = graph.op("Where", [
    inside,
    graph.op("Where", [multiplicative, ratio, graph.op("Sub", [values, trend])]),
    zero,
  ]);
  const bySeason = (value: Value) => reshape(graph, value, [-1, context / season, season]);
  const overSeasons = (value: Value) =>
    graph.op("ReduceSum", [value, graph.constant("int64", [1], [1])], { keepdims: 1 });
  const rowOf = (value: Value) => reshape(graph, value, [-1, season]);

  const count = atLeastOne(graph, rowOf(overSeasons(bySeason(ones))));
  const raw = graph.op("Div", [rowOf(overSeasons(bySeason(detrended))), count]);
  const mean = graph.op("Div", [rowSum(graph, raw), graph.double(season)]);
  const index = graph.op("Where", [
    multiplicative,
    graph.op("Div", [raw, graph.op("Where", [graph.op("Greater", [mean, zero]), mean, one])]),
    graph.op("Sub", [raw, mean]),
  ]);

  const gap = graph.op("Sub", [bySeason(detrended), reshape(graph, index, [-1, 1, season])]);
  const residual = graph.op("Mul", [reshape(graph, gap, [-1, context]), ones]);
  const freedom = atLeastOne(graph, graph.op("Sub", [rowSum(graph, ones), graph.double(season)]));
  const perIndex = graph.op("Div", [rowSum(graph, graph.op("Div", [one, count])), graph.double(season)]);
  const error = graph.op("Mul", [
    graph.op("Div", [rowSum(graph, graph.op("Mul", [residual, residual])), freedom]),
    perIndex,
  ]);
  const away = graph.op("Sub", [index, neutral]);
  const observed = graph.op("Div", [rowSum(graph, graph.op("Mul", [away, away])), graph.double(season - 1)]);
  const differs = graph.op("Greater", [observed, zero]);
  const noise = graph.op("Div", [error, graph.op("Where", [differs, observed, one])]);
  const share = graph.op("Where", [differs, clamp(graph, graph.op("Sub", [one, noise])), zero]);
  return { index, share };
}

/** double [C, C]: column t averages the season around t; columns too near an end are zero. */
function centredMeans(graph: GraphBuilder, { context, season }: Lengths): Value {
  const half = Math.floor(season / 2);
  const weights = new Array<number>(context * context).fill(0);
  for (let t = half; t < context - half; t++) {
    for (let k = t - half; k <= t + half; k++) {
      const end = season % 2 === 0 && (k === t - half || k === t + half);
      weights[k * context + t] = (end ? 0.5 : 1) / season;
    }
  }
  return graph.constant("double", [context, context], weights);
}

const clamp = (graph: GraphBuilder, value: Value): Value =>
  graph.op("Min", [graph.op("Max", [value, graph.double(0)]), graph.double(1)]);
