import { type ForecastModel, quantileProbabilities } from "../model.js";
import { ALL_SEGMENT } from "../segment-codes.js";
import { GraphBuilder, type Value } from "./builder.js";
import { writeMetadata } from "./metadata.js";
import { encodeModel } from "./proto.js";

/** Old enough for onnxruntime 1.6 (December 2020), new enough for Clip, Max and Where on double. */
const OPSET = 13;
const IR_VERSION = 7;

/**
 * The whole forecaster as one ONNX graph: the same steps as the doc comment of `ForecastModel`, in float64
 * between float32 borders.
 *
 * Inputs: `history` float32 [N, C]; `period` int64 [N], the calendar index of the first forecast period,
 * which linear maps do not need but every forecaster takes; `static` float32 [N, 1], the segment code
 * (anything that is no code: unknown), absent where the runbook has no segments. Outputs: `forecast` float32
 * [N, H], `quantiles` float32 [N, H, Q], both NaN in rows without a number. N is free.
 * @throws RangeError when the model breaks the rules of its doc comment
 */
export function emitOnnx(model: ForecastModel, producerVersion: string): Uint8Array {
  checkModel(model);
  const graph = new GraphBuilder();
  const { context, horizon } = model;
  const history = graph.input("history", "float", ["N", context]);
  graph.input("period", "int64", ["N"]);
  const segment = hasSegments(model) ? graph.input("static", "float", ["N", 1]) : null;

  const row = readRow(graph, history, model);
  const filled = fill(graph, history, row.mean, model);
  const point = clip(graph, selectMap(graph, filled, row.length, segment, model), row.peak, model);
  const scale = contextScale(graph, row, model);
  const bands = quantiles(graph, point, scale, model);

  const nan = graph.double(Number.NaN);
  const levels = quantileProbabilities(model.conformal.levels).length;
  const anyNumber = graph.op("Greater", [row.count, graph.double(0)]);
  graph.output(
    "forecast",
    "float",
    ["N", horizon],
    graph.cast(graph.op("Where", [anyNumber, point, nan]), "float"),
  );
  const anyNumber3 = graph.op("Unsqueeze", [anyNumber, graph.constant("int64", [1], [2])]);
  graph.output(
    "quantiles",
    "float",
    ["N", horizon, levels],
    graph.cast(graph.op("Where", [anyNumber3, bands, nan]), "float"),
  );

  return encodeModel({
    irVersion: IR_VERSION,
    producerName: "retrain",
    producerVersion,
    docString:
      "Forecaster: history [N, C] with the most recent period last and NaN where missing, to forecasts and quantiles of the next H periods",
    graph: graph.graph("forecaster"),
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: writeMetadata({
      frequency: model.frequency,
      season: model.season,
      horizon,
      context,
      segments: model.segments.length,
      quantileProbabilities: quantileProbabilities(model.conformal.levels),
    }),
  });
}

/** Not the count alone: a service must not lose the input in a quarter in which one segment is left. */
const hasSegments = (model: ForecastModel): boolean =>
  model.segments.length > 1 || model.segments[0] !== ALL_SEGMENT || model.chosen[0] !== model.fallback;

/** What the later stages need of the history; every value is [N, 1] unless said otherwise. */
interface Row {
  /** [N, C] bool */
  readonly isNumber: Value;
  /** [N, C] with 0 for missing. */
  readonly zeroed: Value;
  /** How many numbers. */
  readonly count: Value;
  /** C − index of the first number, 0 when there is none. */
  readonly length: Value;
  readonly mean: Value;
  readonly peak: Value;
}

function readRow(graph: GraphBuilder, history: Value, model: ForecastModel): Row {
  const { context } = model;
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
function contextScale(graph: GraphBuilder, row: Row, model: ForecastModel): Value {
  const { context, season } = model;
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
function fill(graph: GraphBuilder, history: Value, mean: Value, model: ForecastModel): Value {
  const { context, season } = model;
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

/**
 * Step 5: every map at once as one product [N, C] × [C, maps·H], then the map of the row's segment and
 * length.
 */
function selectMap(
  graph: GraphBuilder,
  filled: Value,
  length: Value,
  segment: Value | null,
  model: ForecastModel,
): Value {
  const { context, horizon } = model;
  const used = [...new Set(segment === null ? [model.chosen[0]!] : [model.fallback, ...model.chosen])];
  const learners = used.map((index) => model.learners[index]!);
  const maps = learners.flatMap((learner) => learner.maps);
  const width = maps.length * horizon;
  const weights = new Array<number>(context * width).fill(0);
  maps.forEach((map, m) => {
    map.weights.forEach((byLead, k) => {
      const start = (context - map.lags + k) * width + m * horizon;
      byLead.forEach((weight, h) => {
        weights[start + h] = weight;
      });
    });
  });
  const product = graph.op("MatMul", [filled, graph.constant("double", [context, width], weights)]);
  if (maps.length === 1) return product;

  const byMap = graph.op("Reshape", [product, graph.constant("int64", [3], [-1, maps.length, horizon])]);
  const learner = learnerOfRow(graph, segment, used, model);
  return graph.op("GatherND", [byMap, mapOfRow(graph, learners, learner, length)], { batch_dims: 1 });
}

/** int64 [N], position in `used`; a scalar 0 where every row has the same learner. */
function learnerOfRow(
  graph: GraphBuilder,
  segment: Value | null,
  used: readonly number[],
  model: ForecastModel,
): Value {
  if (segment === null || used.length === 1) return graph.constant("int64", [], [0]);
  const isCode = graph.op("And", [
    graph.op("GreaterOrEqual", [segment, graph.constant("float", [], [0])]),
    graph.op("Less", [segment, graph.constant("float", [], [model.segments.length])]),
  ]);
  const code = graph.op("Where", [isCode, segment, graph.constant("float", [], [-1])]);
  const index = graph.op("Add", [graph.cast(code, "int64"), graph.constant("int64", [], [1])]);
  const position = [model.fallback, ...model.chosen].map((learner) => used.indexOf(learner));
  const table = graph.constant("int64", [position.length], position);
  return graph.op("Squeeze", [graph.op("Gather", [table, index]), graph.constant("int64", [1], [1])]);
}

/**
 * int64 [N, 1], position of the row's map among all maps. `minLength` falls within a learner, so the first
 * map that fits comes after as many maps as are too long for the row. A row without a number takes the last
 * map; its output is NaN anyway.
 */
function mapOfRow(
  graph: GraphBuilder,
  learners: readonly ForecastModel["learners"][number][],
  learner: Value,
  length: Value,
): Value {
  const most = Math.max(...learners.map(({ maps }) => maps.length));
  const minimum = learners.flatMap(({ maps }) =>
    Array.from({ length: most }, (_, index) => maps[index]?.minLength ?? 0),
  );
  let first = 0;
  const base = learners.map(({ maps }) => {
    first += maps.length;
    return first - maps.length;
  });
  const minimumOfRow = graph.op("Gather", [
    graph.constant("double", [learners.length, most], minimum),
    learner,
  ]);
  const tooLong = graph.op("Greater", [minimumOfRow, atLeastOne(graph, length)]);
  const skipped = graph.cast(rowSum(graph, graph.cast(tooLong, "double")), "int64");
  const baseOfRow = graph.op("Gather", [graph.constant("int64", [learners.length, 1], base), learner]);
  return graph.op("Add", [baseOfRow, skipped]);
}

/** Step 6. */
function clip(graph: GraphBuilder, point: Value, peak: Value, model: ForecastModel): Value {
  if (!model.nonNegative) return point;
  const ceiling = graph.op("Mul", [peak, graph.double(model.clip)]);
  return graph.op("Max", [graph.op("Min", [point, ceiling]), graph.double(0)]);
}

/** Step 7: float64 [N, H, Q]. */
function quantiles(graph: GraphBuilder, point: Value, scale: Value, model: ForecastModel): Value {
  const { halfWidths } = model.conformal;
  const signed = Array.from({ length: model.horizon }, (_, h) => [
    ...halfWidths.map((byLead) => -byLead[h]!).reverse(),
    ...halfWidths.map((byLead) => byLead[h]!),
  ]);
  const last = graph.constant("int64", [1], [2]);
  const offsets = graph.op("Mul", [
    graph.op("Unsqueeze", [scale, last]),
    graph.constant("double", [model.horizon, halfWidths.length * 2], signed.flat()),
  ]);
  const bands = graph.op("Add", [graph.op("Unsqueeze", [point, last]), offsets]);
  return model.nonNegative ? graph.op("Max", [bands, graph.double(0)]) : bands;
}

const rowSum = (graph: GraphBuilder, value: Value): Value =>
  graph.op("ReduceSum", [value, graph.constant("int64", [1], [1])], { keepdims: 1 });

/** Before opset 18, ReduceMax takes its axes as an attribute, unlike ReduceSum. */
const rowMax = (graph: GraphBuilder, value: Value): Value =>
  graph.op("ReduceMax", [value], { axes: [1], keepdims: 1 });

const atLeastOne = (graph: GraphBuilder, value: Value): Value => graph.op("Max", [value, graph.double(1)]);

const slice = (graph: GraphBuilder, value: Value, start: number, end: number): Value =>
  graph.op("Slice", [
    value,
    graph.constant("int64", [1], [start]),
    graph.constant("int64", [1], [end]),
    graph.constant("int64", [1], [1]),
  ]);

function checkModel(model: ForecastModel): void {
  const { context, season, horizon, segments, chosen, learners, fallback, conformal } = model;
  const require = (holds: boolean, rule: string): void => {
    if (!holds) throw new RangeError(`model.json: ${rule}`);
  };
  require(context % season === 0, `context ${context} is not a multiple of season ${season}`);
  require(chosen.length === segments.length, "chosen needs one learner a segment");
  require([...chosen, fallback].every(
    (index) => index < learners.length,
  ), "chosen or fallback names no learner");
  require(conformal.halfWidths.length === conformal.levels.length, "halfWidths needs one row a level");
  require(conformal.halfWidths.every(
    (byLead) => byLead.length === horizon,
  ), "halfWidths needs one column a lead");
  for (const { id, maps } of learners) {
    require(maps.at(-1)?.minLength === 1, `the last map of learner ${id} must have minLength 1`);
    require(maps.every(
      (map, index) => index === 0 || map.minLength <= maps[index - 1]!.minLength,
    ), `minLength rises in learner ${id}`);
    for (const { lags, weights } of maps) {
      require(lags <= context &&
        weights.length === lags, `learner ${id} has ${weights.length} rows of weights for ${lags} lags`);
      require(weights.every((byLead) => byLead.length === horizon), `learner ${id} needs one weight a lead`);
    }
  }
}
