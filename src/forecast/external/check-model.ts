import { FailureError } from "../../kit/failure.js";
import { CLIP } from "../cv-task.js";
import { expertForecast } from "../experts/index.js";
import type { OnnxExpert } from "../experts/onnx/model.js";
import { checkBorders, readGraph } from "../experts/onnx/read-graph.js";
import { UnusableGraph } from "../experts/onnx/unusable.js";
import { checkParity } from "../forecaster/parity.js";
import { openForecaster } from "../forecaster/session.js";
import type { ForecastModel } from "../model.js";
import { emitOnnx } from "../onnx/emit.js";
import { columnsOf } from "../panel-batch.js";
import { type Batch, prepareRows, type Rows } from "../rows.js";
import type { TrainingView } from "../training-view.js";
import type { Part } from "./part.js";
import { inputsOf } from "./write-request.js";

/** Histories that a service may send one day, by how people would call them. */
const HOSTILE: readonly (readonly [name: string, value: (t: number, context: number) => number])[] = [
  ["without a number", () => Number.NaN],
  ["of zeros", () => 0],
  ["of one value", (t, context) => (t === context - 1 ? 5 : Number.NaN)],
  ["that ended", (t) => (t === 0 ? 5 : Number.NaN)],
  ["that is constant", () => 7],
  ["of 1e12", () => 1e12],
  ["of negatives", (t) => -1 - (t % 5)],
  ["that alternates", (t) => (t % 2 === 0 ? 1 : 1000)],
  ["with gaps", (t) => (t % 3 === 0 ? Number.NaN : 10 + (t % 4))],
];

/**
 * Whether the graph of a learner can be a part of the forecaster: it takes what is offered, forecasts every
 * series and every awkward history, and does the same inside our graph as alone.
 * @throws UnusableGraph
 */
export async function checkExpert(expert: OnnxExpert, bytes: Uint8Array, part: Part): Promise<void> {
  const { data, rows } = part;
  checkBorders(readGraph(bytes), inputsOf(data), rows.horizon);
  await checkNumbers(expert, rows, (row) => `the series ${data.panel.series[row]}`);
  const hostile = prepareRows(hostileBatch(rows), rows);
  const nameOf = (row: number) => `a history ${HOSTILE[row]![0]}`;
  await checkNumbers(expert, hostile, nameOf);
  await checkInside(expert, part, hostile, nameOf);
}

async function checkNumbers(expert: OnnxExpert, rows: Rows, nameOf: (row: number) => string): Promise<void> {
  const forecast = await expertForecast(expert, rows);
  const cell = forecast.findIndex((value) => !Number.isFinite(value));
  if (cell >= 0) {
    const row = Math.floor(cell / rows.horizon);
    throw new UnusableGraph(
      `for ${nameOf(row)} it forecasts ${forecast[cell]} at lead ${(cell % rows.horizon) + 1}: a number is expected`,
    );
  }
}

function hostileBatch({ context, horizon, count, columns, known, observed }: Rows): Batch {
  const width = (values: Float32Array) => (count === 0 ? 0 : values.length / count) * HOSTILE.length;
  return {
    count: HOSTILE.length,
    history: Float32Array.from({ length: HOSTILE.length * context }, (_, cell) =>
      HOSTILE[Math.floor(cell / context)]![1](cell % context, context),
    ),
    period: Int32Array.from({ length: HOSTILE.length }, (_, row) => 24_000 + row * horizon),
    // Unknown, first, and no code at all.
    codes: Int32Array.from({ length: HOSTILE.length * columns }, (_, cell) => (cell % 3) * 1000 - 1000),
    known: new Float32Array(width(known)).fill(Number.NaN),
    observed: new Float32Array(width(observed)).fill(Number.NaN),
  };
}

/** A forecaster of this expert alone must forecast what the expert does. */
async function checkInside(
  expert: OnnxExpert,
  { data, view }: Part,
  hostile: Rows,
  nameOf: (row: number) => string,
): Promise<void> {
  const model = soloModel(
    expert,
    data.segments.ids,
    view,
    columnsOf(data.panel),
    data.panel.calendar.frequency,
  );
  const names = HOSTILE.map((_, row) => nameOf(row));
  try {
    const forecaster = await openForecaster(emitOnnx(model, "check"));
    try {
      await checkParity(model, forecaster, names, hostile);
    } finally {
      await forecaster.close();
    }
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { failure } = error;
    if (failure.code === "forecast.model-invalid")
      throw new UnusableGraph(`onnxruntime does not load it as a part of the forecaster: ${failure.detail}`);
    if (failure.code === "forecast.parity")
      throw new UnusableGraph(
        `for ${failure.series} it forecasts ${failure.trainer} alone, and ${failure.graph} as a part of the forecaster`,
      );
    throw error;
  }
}

function soloModel(
  expert: OnnxExpert,
  segments: readonly string[],
  { season, horizon, context, nonNegative }: TrainingView,
  { attributes, known, observed }: ReturnType<typeof columnsOf>,
  frequency: ForecastModel["frequency"],
): ForecastModel {
  return {
    format: 2,
    frequency,
    season,
    horizon,
    context,
    nonNegative,
    clip: CLIP,
    segments: [...segments],
    attributes: attributes.map(({ name, levels }) => ({ name, levels: [...levels] })),
    known: [...known],
    observed: [...observed],
    experts: [expert],
    combination: {
      method: "single",
      weights: Array.from({ length: segments.length + 1 }, () => [1]),
      residual: null,
    },
    conformal: {
      levels: [0.5],
      halfWidths: [[new Array<number>(horizon).fill(0)]],
      residuals: [new Array<number>(horizon).fill(1)],
    },
  };
}
