import type { Shape } from "../rows.js";
import type { GraphBuilder, Value } from "./builder.js";
import { atLeastOne, rowMax, rowSum, slice } from "./ops.js";

/** A row of history and what is made of its numbers. Every value is double [N, 1] unless said otherwise. */
export interface History {
  /** bool [N, C] */
  readonly isNumber: Value;
  /** double [N, C] with 0 for missing. */
  readonly zeroed: Value;
  readonly count: Value;
  readonly length: Value;
  readonly mean: Value;
  readonly peak: Value;
}

export function readHistory(graph: GraphBuilder, history: Value, context: number): History {
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
export function contextScale(graph: GraphBuilder, row: History, { context, season }: Shape): Value {
  const zero = graph.double(0);
  const size = graph.op("Div", [rowSum(graph, graph.op("Abs", [row.zeroed])), atLeastOne(graph, row.count)]);
  const fallback = graph.op("Where", [graph.op("Greater", [size, zero]), size, graph.double(1)]);
  if (context === season) return fallback;
  const { mean } = seasonalChange(graph, row, { context, season }, zero);
  return graph.op("Where", [graph.op("Greater", [mean, zero]), mean, fallback]);
}

/** The seasonal naive error, 0 where no two seasons can be compared, and the pairs behind it. */
export function seasonalChange(
  graph: GraphBuilder,
  row: Pick<History, "isNumber" | "zeroed">,
  { context, season }: Pick<Shape, "context" | "season">,
  zero: Value = graph.double(0),
): { readonly mean: Value; readonly pairs: Value } {
  const late = (value: Value) => slice(graph, value, season, context);
  const early = (value: Value) => slice(graph, value, 0, context - season);
  const pair = graph.op("And", [late(row.isNumber), early(row.isNumber)]);
  const step = graph.op("Abs", [graph.op("Sub", [late(row.zeroed), early(row.zeroed)])]);
  const sum = rowSum(graph, graph.op("Where", [pair, step, zero]));
  const pairs = rowSum(graph, graph.cast(pair, "double"));
  return { mean: graph.op("Div", [sum, atLeastOne(graph, pairs)]), pairs };
}

/**
 * Step 4: float64 [N, C]. Filling copies values, so it can stay in float32, where every runtime has IsNaN.
 */
export function fill(graph: GraphBuilder, history: Value, mean: Value, { context, season }: Shape): Value {
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
