import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { rowSum, slice } from "../../onnx/ops.js";
import type { Shape } from "../../rows.js";
import type { Periods } from "./emit-periods.js";
import type { ThetaExpert } from "./model.js";
import { driftShare, type Member, membersOf, SMALLEST_SSE } from "./smoothing.js";

/**
 * The same as `smooth`: double [N, H]. One Scan over the periods runs every member on every row. Before a
 * row begins, its filters are fed the line that they start on: their errors are zero there, so the recursion
 * needs no masks.
 * @param level double [N, C]: deseasonalised, 0 before the row
 */
export function emitSmoothing(
  expert: ThetaExpert,
  graph: GraphBuilder,
  level: Value,
  periods: Periods,
  { season, horizon }: Shape,
): Value {
  const members = membersOf(expert);
  const start = startOf(graph, level, periods, season, driftShare(expert.method));
  const since = graph.op("Sub", [periods.length, periods.countdown]);
  const line = graph.op("Add", [
    start.level,
    graph.op("Mul", [start.trend, graph.op("Add", [since, graph.double(1)])]),
  ]);
  const fed = graph.op("Where", [periods.inRow, level, line]);
  const before = graph.op("Sub", [slice(graph, line, 0, 1), start.trend]);
  const ends = emitFilters(graph, members, fed, before, start.trend);
  const weights = weightsOf(graph, ends.sse, periods.length, expert.temper);
  return forecastOf(graph, members, weights, ends, horizon);
}

interface StartValues {
  /** double [N, 1]: one period before the row. */
  readonly level: Value;
  /** double [N, 1] */
  readonly trend: Value;
}

function startOf(
  graph: GraphBuilder,
  level: Value,
  { length, countdown, ones }: Periods,
  season: number,
  share: number,
): StartValues {
  const count = graph.op("Min", [length, graph.double(season)]);
  // Of 0..length−1 periods since the row began, those of its first season.
  const since = graph.op("Sub", [length, countdown]);
  const first = graph.cast(graph.op("Less", [since, graph.double(season)]), "double");
  const mean = graph.op("Div", [rowSum(graph, graph.op("Mul", [level, first])), count]);
  const half = (value: Value) => graph.op("Mul", [value, graph.double(0.5)]);
  if (share === 0) return { level: mean, trend: graph.op("Mul", [mean, graph.double(0)]) };
  const middle = half(graph.op("Sub", [length, graph.double(1)]));
  const centred = graph.op("Mul", [graph.op("Sub", [since, middle]), ones]);
  const spread = graph.op("Max", [rowSum(graph, graph.op("Mul", [centred, centred])), graph.double(1)]);
  const slope = graph.op("Div", [rowSum(graph, graph.op("Mul", [centred, level])), spread]);
  const trend = graph.op("Mul", [slope, graph.double(share)]);
  const reach = half(graph.op("Add", [count, graph.double(1)]));
  return { level: graph.op("Sub", [mean, graph.op("Mul", [trend, reach])]), trend };
}

/** double [K, N] each, K members. */
interface Ends {
  readonly level: Value;
  readonly trend: Value;
  readonly sse: Value;
}

/** Members are rows, so that each step's values, one a series, lie side by side in memory. */
function emitFilters(
  graph: GraphBuilder,
  members: readonly Member[],
  fed: Value,
  level: Value,
  trend: Value,
): Ends {
  const column = (of: (member: Member) => number) =>
    graph.constant("double", [members.length, 1], members.map(of));
  const alpha = column((member) => member.alpha);
  const beta = column((member) => member.beta);
  const phi = column((member) => member.phi);
  const steady = members.every((member) => member.beta === 0 && member.phi === 1);
  const none = graph.constant("double", [members.length, 1], new Array<number>(members.length).fill(0));
  const byMember = (value: Value) => graph.op("Add", [transposed(graph, value), none]);
  const zeros = graph.op("Mul", [byMember(level), graph.double(0)]);

  const state = { element: "double", shape: [members.length, "N"] } as const;
  const drift = byMember(trend);
  const states = steady ? [byMember(level), zeros] : [byMember(level), zeros, drift];
  const body = graph.body(
    [...states.map(() => state), { element: "double", shape: ["N"] }],
    (step, inputs) => {
      const [oldLevel, oldSse, oldTrend] = inputs as [Value, Value, Value];
      const moved = steady ? drift : step.op("Mul", [oldTrend, phi]);
      const expected = step.op("Add", [oldLevel, moved]);
      const error = step.op("Sub", [inputs.at(-1)!, expected]);
      const gain = step.op("Mul", [error, alpha]);
      const next = [
        step.op("Add", [expected, gain]),
        step.op("Add", [oldSse, step.op("Mul", [error, error])]),
        ...(steady ? [] : [step.op("Add", [moved, step.op("Mul", [gain, beta])])]),
      ];
      return next.map((value) => ({ ...state, value }));
    },
  );
  const [lastLevel, sse, lastTrend] = graph.multi(
    "Scan",
    [...states, transposed(graph, fed)],
    states.length,
    {
      body,
      num_scan_inputs: 1,
    },
  ) as [Value, Value, Value | undefined];
  return { level: lastLevel, sse, trend: lastTrend ?? drift };
}

/** double [K, N]: rising with fit, of sum 1 over the members. */
function weightsOf(graph: GraphBuilder, sse: Value, length: Value, temper: number): Value {
  const floored = graph.op("Max", [sse, graph.double(SMALLEST_SSE)]);
  const least = graph.op("ReduceMin", [floored], { axes: [0], keepdims: 1 });
  const power = transposed(graph, graph.op("Mul", [length, graph.double(temper)]));
  const raw = graph.op("Pow", [graph.op("Div", [least, floored]), power]);
  const total = graph.op("ReduceSum", [raw, graph.constant("int64", [1], [0])], { keepdims: 1 });
  return graph.op("Div", [raw, total]);
}

/** Σ_k w_k (l_k + b_k (φ_k + … + φ_k^h)) */
function forecastOf(
  graph: GraphBuilder,
  members: readonly Member[],
  weights: Value,
  { level, trend }: Ends,
  horizon: number,
): Value {
  const reach = members.flatMap(({ phi }) => {
    let sum = 0;
    let power = 1;
    return Array.from({ length: horizon }, () => {
      power *= phi;
      sum += power;
      return sum;
    });
  });
  const ones = new Array<number>(reach.length).fill(1);
  const weighted = [level, trend].map((value) => graph.op("Mul", [weights, value]));
  // Not a Transpose and a MatMul: onnxruntime 1.15 makes one operator of them, which it lacks on double.
  return graph.op(
    "Gemm",
    [
      graph.op("Concat", weighted, { axis: 0 }),
      graph.constant("double", [2 * members.length, horizon], [...ones, ...reach]),
    ],
    { transA: 1 },
  );
}

const transposed = (graph: GraphBuilder, value: Value): Value =>
  graph.op("Transpose", [value], { perm: [1, 0] });
