import type { IntervalReport } from "../kit/artifacts/training.js";
import type { Panel } from "../panel/panel.js";
import { nestedForecasts } from "./combine/nested.js";
import { type CvControl, crossValidate, type FoldOutcome } from "./cv.js";
import { planFurther } from "./intervals/further.js";
import { intervalReport, type JudgedFold } from "./intervals/report.js";
import { conformalWidths, withFurtherLevels } from "./intervals/widths.js";
import { learnerId } from "./learners/index.js";
import { NAIVE } from "./learners/spec.js";
import type { ForecastModel } from "./model.js";
import { type CrossValidated, evidenceOf } from "./recipe.js";
import type { SegmentCodes } from "./segment-codes.js";
import type { TrainOptions } from "./training-plan.js";

export interface Calibrated {
  readonly conformal: ForecastModel["conformal"];
  /** The same for all series together. */
  readonly pool: ForecastModel["conformal"];
  /** Residuals of the lead with the fewest that further origins could give; 0 where they were not asked. */
  readonly furtherHave: number;
  readonly intervals: IntervalReport;
  /** Honest forecasts of CV's folds. */
  readonly folds: readonly JudgedFold[];
}

interface Calibrators {
  readonly own: readonly JudgedFold[];
  readonly naive: readonly JudgedFold[];
}

/**
 * Interval widths from the residuals of CV, and how they came out there. Where its folds have too few of them for a level that the options want
 * at any rate, it is forecast from further origins: every one that is needed, with the combination that its time would have had.
 */
export async function calibrate(
  panel: Panel,
  last: number,
  segments: SegmentCodes,
  validated: CrossValidated,
  options: TrainOptions,
  control: CvControl,
): Promise<Calibrated> {
  const { outcomes, chosen, plan } = validated;
  const { horizon, levels, furtherLevels = [] } = options;
  const groups = options.widthsBySegment && segments.ids.length > 1 ? segments.ids.length : 0;
  const cv = calibrators(validated, outcomes, chosen.nested);
  const plain = conformalWidths(cv.own, groups, horizon, levels);
  const missing = levels.filter((level) => !plain.levels.includes(level));
  const { folds, have } = planFurther(panel, last, options, plan, missing);
  const further = folds.length === 0 ? null : await forecastFurther(validated, folds, segments, control);
  const wanted = levels.filter((level) => furtherLevels.includes(level));
  const complete = (conformal: ForecastModel["conformal"]) =>
    further === null ? conformal : withFurtherLevels(conformal, further.own, horizon, wanted);
  const conformal = complete(plain);
  return {
    conformal,
    furtherHave: have,
    folds: cv.own,
    pool: complete(conformalWidths(cv.own, 0, horizon, plain.levels)),
    intervals: intervalReport(cv.own, cv.naive, {
      isScored: plan.isScored,
      groups,
      horizon,
      levels: conformal.levels,
      further: further === null ? null : { ...further, levels: conformal.further?.levels ?? [] },
    }),
  };
}

async function forecastFurther(
  { data, evidence, scored, candidates, chosen }: CrossValidated,
  folds: Parameters<typeof crossValidate>[1],
  segments: SegmentCodes,
  control: CvControl,
): Promise<Calibrators> {
  const { sums: _, ...withoutSums } = data;
  const outcomes = await crossValidate(withoutSums, folds, scored, { ...control, onFold: () => {} });
  const judged = evidenceOf(outcomes, candidates, scored, segments).folds;
  const { forecasts } = nestedForecasts(evidence, chosen.learn, chosen.otherwise, judged);
  return calibrators({ scored }, outcomes, forecasts);
}

function calibrators(
  { scored }: Pick<CrossValidated, "scored">,
  outcomes: readonly FoldOutcome[],
  forecasts: readonly Float64Array[],
): Calibrators {
  const naive = scored.findIndex((spec) => learnerId(spec) === NAIVE);
  const withForecast = (forecastOf: (f: number) => Float64Array): JudgedFold[] =>
    outcomes.map(({ fold, rows, actual, clip }, f) => ({
      fold,
      rows,
      actual,
      clip,
      forecast: forecastOf(f),
    }));
  return {
    own: withForecast((f) => forecasts[f]!),
    naive: withForecast((f) => outcomes[f]!.forecasts[naive]!),
  };
}
