import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import { contextWindow } from "./context.js";
import { forecastRows, type LinearMap, type RowForecasts } from "./interpret.js";
import { type LearnerSpec, makeLearner } from "./learners/index.js";
import { isNonNegative, trainingView } from "./training-view.js";

/** A forecast never exceeds this multiple of the largest value in the context, where the target has no negatives. */
export const CLIP = 3;

/** What every task of a training shares. */
export interface TrainingData {
  readonly panel: Panel;
  readonly horizon: number;
  /** Periods of history that the forecaster sees. */
  readonly context: number;
}

/** One learner, trained on everything up to an origin. */
export interface FitTask {
  readonly origin: number;
  readonly learner: LearnerSpec;
}

export interface FittedLearner {
  readonly id: string;
  readonly maps: readonly LinearMap[];
  readonly nonNegative: boolean;
}

export function fitLearner(data: TrainingData, task: FitTask): FittedLearner {
  const learner = makeLearner(task.learner);
  const view = trainingView(data.panel, task.origin, data.horizon);
  return { id: learner.id, maps: learner.fit(view), nonNegative: isNonNegative(view) };
}

/** Trains up to the origin and forecasts every series from there, as the model would: same context, same clips. */
export function backtestLearner(data: TrainingData, task: FitTask): RowForecasts {
  const { id, maps, nonNegative } = fitLearner(data, task);
  const rows = data.panel.series.length;
  const model = {
    season: seasonLength(data.panel.calendar.frequency),
    horizon: data.horizon,
    context: data.context,
    nonNegative,
    clip: CLIP,
    learners: [{ id, maps: [...maps] }],
    chosen: [0],
    fallback: 0,
  };
  return forecastRows(model, contextWindow(data.panel, task.origin, data.context), new Int32Array(rows));
}
