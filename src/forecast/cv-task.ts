import { seasonLength } from "../calendar/period.js";
import type { Expert } from "./experts/model.js";
import { type Clip, clippedForecast } from "./interpret.js";
import { makeLearner } from "./learners/index.js";
import type { OwnLearnerSpec } from "./learners/spec.js";
import { columnsOf, panelBatch } from "./panel-batch.js";
import { alive, sumBatch } from "./reconcile/sums.js";
import { rememberLast } from "./remember-last.js";
import { type Batch, prepareRows, type Rows, type Shape } from "./rows.js";
import { type TrainingData, type TrainingView, trainingView } from "./training-view.js";

/**
 * A forecast never exceeds this multiple of the largest value in the context, where the target has no
 * negatives.
 */
export const CLIP = 3;

/** One learner, trained on everything up to an origin. */
export interface FitTask {
  readonly origin: number;
  /** Earlier periods are not trained on; −∞ for all. */
  readonly since: number;
  /** Periods before the origin whose targets are not trained on, although the forecast sees them. */
  readonly gap: number;
  readonly learner: OwnLearnerSpec;
}

export interface BacktestTask extends FitTask {
  /** Where to forecast from: `origin` or later. */
  readonly origins: readonly number[];
}

export const fitLearner = (data: TrainingData, task: FitTask): Expert =>
  makeLearner(task.learner).fit(viewOf(data, task));

/**
 * Trains up to the origin and forecasts every series from each of the origins, as the model would: same context,
 * same clips.
 * @returns for each origin [N × H], and a row for each of the sums after those of the series
 */
export async function backtestLearner(data: TrainingData, task: BacktestTask): Promise<Float64Array[]> {
  const view = viewOf(data, task);
  const expert = makeLearner(task.learner).fit(view);
  const forecasts: Float64Array[] = [];
  for (const origin of task.origins) forecasts.push(await forecastAt(data, origin, expert, clipOf(view)));
  return forecasts;
}

async function forecastAt(
  data: TrainingData,
  origin: number,
  expert: Expert,
  clip: Clip,
): Promise<Float64Array> {
  const series = await clippedForecast(expert, rowsAt(data, origin), clip);
  if (data.sums === undefined) return series;
  const sums = await clippedForecast(expert, sumRowsAt(data, origin), clip);
  const both = new Float64Array(series.length + sums.length);
  both.set(series);
  both.set(sums, series.length);
  return both;
}

/** Every series as the forecaster sees it at an origin. */
export const rowsAt = rememberLast(
  (data: TrainingData, origin: number): Rows => prepareRows(batchAt(data, origin), shapeOf(data)),
);

/** The sums of the series as it would see them. */
export const sumRowsAt = rememberLast((data: TrainingData, origin: number): Rows => {
  const shape = shapeOf(data);
  const batch = batchAt(data, origin);
  const living = alive(batch.history, batch.count, shape.season);
  return prepareRows(sumBatch(batch, living, data.sums ?? [], shape.season), shape);
});

const shapeOf = ({ panel, horizon, context }: TrainingData): Shape => ({
  season: seasonLength(panel.calendar.frequency),
  horizon,
  context,
});

function batchAt(data: TrainingData, origin: number): Batch {
  const { panel, segments } = data;
  return panelBatch(panel, origin, { ...columnsOf(panel), ...shapeOf(data) }, segments.codes);
}

export const clipOf = ({ nonNegative }: Pick<TrainingView, "nonNegative">): Clip => ({
  nonNegative,
  clip: CLIP,
});

const viewOf = (data: TrainingData, { origin, since, gap }: FitTask): TrainingView =>
  viewAt(data, origin - gap, since);

const viewAt = rememberLast(trainingView);
