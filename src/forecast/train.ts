import { seasonLength } from "../calendar/period.js";
import type { TrainingReport } from "../kit/artifacts/training.js";
import type { Panel } from "../panel/panel.js";
import { type Choice, chooseLearners } from "./choice.js";
import { type CvControl, crossValidate } from "./cv.js";
import { scoreOutcomes } from "./cv-scores.js";
import { CLIP, fitLearner, type TrainingData } from "./cv-task.js";
import { makeFolds } from "./folds.js";
import { type LearnerSpec, learnerId, makeLearner, NAIVE } from "./learners/index.js";
import { defaultContext, type ForecastModel } from "./model.js";
import { conformalWidths } from "./residual-widths.js";
import type { SegmentCodes } from "./segment-codes.js";
import { trainingReport } from "./training-report.js";
import { isNonNegative, trainingView } from "./training-view.js";

export interface TrainOptions {
  readonly horizon: number;
  readonly folds: number;
  /** Periods between two CV origins; null is the horizon. */
  readonly step: number | null;
  /** In order of preference where their scores tie. Ids are distinct. */
  readonly learners: readonly LearnerSpec[];
  /** Periods of history that the forecaster sees; null is `defaultContext`. */
  readonly context: number | null;
  /** Interval levels to calibrate, in (0, 1). */
  readonly levels: readonly number[];
  /** A smaller segment takes the learner that is best over all series. */
  readonly minSegmentSeries: number;
}

export interface TrainedForecaster {
  readonly model: ForecastModel;
  readonly report: TrainingReport;
}

/**
 * The whole recipe on the rows up to `last`: rolling-origin CV, the choice of a learner a segment, interval
 * widths from the CV residuals, and the fit of what was chosen. It is a function of those rows and the
 * options alone.
 * @throws FailureError forecast.too-short
 */
export async function trainForecaster(
  panel: Panel,
  last: number,
  segments: SegmentCodes,
  options: TrainOptions,
  control: CvControl,
): Promise<TrainedForecaster> {
  const { horizon } = options;
  const data: TrainingData = { panel, horizon, context: contextFor(panel, options) };
  const folds = makeFolds(panel, last, { horizon, count: options.folds, step: options.step ?? horizon });
  const scored = withNaive(options.learners);
  const outcomes = await crossValidate(data, folds, scored, control);
  const scores = scoreOutcomes(outcomes, segments.codes, segments.ids.length, horizon);
  const choice = chooseLearners(scores, options.learners.length, segments.codes, options.minSegmentSeries);
  const byGroup = [...choice.bySegment, choice.pooled];
  const conformal = conformalWidths(outcomes, segments.codes, byGroup, horizon, options.levels);
  const model = await fitChosen(data, last, segments, options.learners, choice, conformal, control);
  const report = trainingReport({
    panel,
    model,
    segments,
    scored,
    candidates: options.learners.length,
    choice,
    outcomes,
    scores,
  });
  return { model, report };
}

/**
 * Periods of history that the forecaster sees: as asked, else the default; enough for the widest learner, in
 * whole seasons.
 */
export function contextFor(panel: Panel, options: Pick<TrainOptions, "context" | "learners">): number {
  const season = seasonLength(panel.calendar.frequency);
  const lags = options.learners.map((spec) => makeLearner(spec).lags(season));
  return Math.ceil(Math.max(options.context ?? defaultContext(season), ...lags) / season) * season;
}

/**
 * The learners, and the seasonal naive as the last one if it is not among them: every report compares with
 * it.
 */
function withNaive(learners: readonly LearnerSpec[]): readonly LearnerSpec[] {
  return learners.some((spec) => learnerId(spec) === NAIVE) ? learners : [...learners, NAIVE];
}

async function fitChosen(
  data: TrainingData,
  last: number,
  segments: SegmentCodes,
  learners: readonly LearnerSpec[],
  choice: Choice,
  conformal: ForecastModel["conformal"],
  control: CvControl,
): Promise<ForecastModel> {
  const used = learners
    .map((_, index) => index)
    .filter((index) => index === choice.pooled || choice.bySegment.includes(index));
  const fitted = await control.executor.runAll(
    {
      shared: data,
      tasks: used.map((index) => ({ origin: last, learner: learners[index]! })),
      run: fitLearner,
    },
    { signal: control.signal, onFinished: () => {} },
  );
  return {
    format: 1,
    frequency: data.panel.calendar.frequency,
    season: seasonLength(data.panel.calendar.frequency),
    horizon: data.horizon,
    context: data.context,
    nonNegative: isNonNegative(trainingView(data.panel, last, data.horizon)),
    clip: CLIP,
    segments: [...segments.ids],
    learners: fitted.map(({ id, maps }) => ({ id, maps: [...maps] })),
    chosen: choice.bySegment.map((index) => used.indexOf(index)),
    fallback: used.indexOf(choice.pooled),
    conformal,
  };
}
