import type { Panel } from "../panel/panel.js";
import { contextWindow } from "./context.js";
import { forecastRows, type LinearMap, type RowForecasts } from "./interpret.js";
import { type LearnerSpec, makeLearner } from "./learners/index.js";
import { isNonNegative, type TrainingView, trainingView } from "./training-view.js";

/**
 * A forecast never exceeds this multiple of the largest value in the context, where the target has no
 * negatives.
 */
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
}

export const fitLearner = (data: TrainingData, task: FitTask): FittedLearner =>
  fitTo(trainingView(data.panel, task.origin, data.horizon), task.learner);

/**
 * Trains up to the origin and forecasts every series from there, as the model would: same context, same
 * clips.
 */
export function backtestLearner(data: TrainingData, task: FitTask): RowForecasts {
  const view = trainingView(data.panel, task.origin, data.horizon);
  const { id, maps } = fitTo(view, task.learner);
  const model = {
    season: view.season,
    horizon: data.horizon,
    context: data.context,
    nonNegative: isNonNegative(view),
    clip: CLIP,
    learners: [{ id, maps: [...maps] }],
    chosen: [0],
    fallback: 0,
  };
  const history = contextWindow(data.panel, task.origin, data.context);
  return forecastRows(model, history, new Int32Array(view.series.length));
}

function fitTo(view: TrainingView, spec: LearnerSpec): FittedLearner {
  const learner = makeLearner(spec);
  return { id: learner.id, maps: learner.fit(view) };
}
