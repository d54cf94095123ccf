import { seasonLength } from "../calendar/period.js";
import type { TrainingReport } from "../kit/artifacts/training.js";
import { type Panel, targetWindow } from "../panel/panel.js";
import { calibrate } from "./calibrate.js";
import type { Combination } from "./combine/model.js";
import type { CvControl } from "./cv.js";
import { CLIP, rowsAt, sumRowsAt } from "./cv-task.js";
import type { Expert } from "./experts/model.js";
import { fitOutside } from "./external/outside.js";
import { sumIntervals } from "./intervals/sums.js";
import { isCommand, type LearnerSpec, type OwnLearnerSpec } from "./learners/spec.js";
import type { ForecastModel } from "./model.js";
import { columnsOf } from "./panel-batch.js";
import { type CrossValidated, crossValidateRecipe, programsOf } from "./recipe.js";
import { type LearnedReconciliation, learnReconciliation } from "./reconcile/learn.js";
import type { Reconciliation } from "./reconcile/model.js";
import type { SegmentCodes } from "./segment-codes.js";
import type { TrainOptions } from "./training-plan.js";
import { trainingReport } from "./training-report.js";
import type { TrainingData } from "./training-view.js";

export interface TrainedForecaster {
  readonly model: ForecastModel;
  readonly report: TrainingReport;
  /** Null where the options ask for none. */
  readonly reconciliation: Reconciliation | null;
}

/**
 * The whole recipe on the rows up to `last`: rolling-origin CV, the combination of the learners, interval
 * widths from the CV residuals, and the fit of what is used. It is a function of those rows and the
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
  const validated = await crossValidateRecipe(panel, last, segments, options, control);
  const { data, plan, candidates, scored, outcomes, nonNegative, chosen } = validated;
  const calibrated = await calibrate(panel, last, segments, validated, options, control);
  const fitted = await fitUsed(data, last, candidates, chosen.combination, options, control);
  const model: ForecastModel = {
    format: 2,
    frequency: panel.calendar.frequency,
    season: seasonLength(panel.calendar.frequency),
    horizon,
    context: data.context,
    nonNegative,
    clip: CLIP,
    ...(hasOddRows(data, last) ? { oddRows: true as const } : {}),
    segments: [...segments.ids],
    ...inputsOf(panel),
    ...fitted,
    conformal: calibrated.conformal,
  };
  const report = trainingReport({
    panel,
    model,
    segments,
    scored,
    candidates: candidates.length,
    chosen,
    asked: options.ensemble,
    outcomes: outcomes.filter((_, f) => plan.isScored[f]!),
    nested: chosen.nested.filter((_, f) => plan.isScored[f]!),
    calibrated,
    evidence: validated.evidence,
    furtherLevels: options.furtherLevels ?? [],
    sums: sumIntervals(calibrated.folds, {
      horizon,
      levels: options.levels,
      nonNegative,
      pool: calibrated.pool,
      segments,
      unit: livingUnits(data, last),
    }),
  });
  const learned = reconcile(panel, validated, options);
  if (learned === null) return { model, report, reconciliation: null };
  return {
    model,
    report: { ...report, reconciliation: learned.report },
    reconciliation: learned.reconciliation,
  };
}

/** [series]: the scale at the cutoff of what goes on; NaN for a series without a number in the last horizon. */
function livingUnits(data: TrainingData, last: number): Float64Array {
  const { unit, count } = rowsAt(data, last);
  const recent = targetWindow(data.panel, last, data.horizon);
  return Float64Array.from({ length: count }, (_, s) =>
    recent.subarray(s * data.horizon, (s + 1) * data.horizon).every(Number.isNaN) ? Number.NaN : unit[s]!,
  );
}

function reconcile(
  panel: Panel,
  { hierarchy, outcomes, chosen, plan, nonNegative }: CrossValidated,
  { reconcile: spec }: TrainOptions,
): LearnedReconciliation | null {
  if (hierarchy === null || spec === undefined) return null;
  const folds = outcomes.map((outcome, f) => ({
    outcome,
    forecast: chosen.nested[f]!,
    combination: chosen.nestedCombinations[f]!,
  }));
  return learnReconciliation({ panel, hierarchy, spec, folds, isScored: plan.isScored, nonNegative });
}

/** A graph that needs no such steps is as it always was. */
const hasOddRows = (data: TrainingData, last: number): boolean =>
  rowsAt(data, last).isOdd || (data.sums !== undefined && sumRowsAt(data, last).isOdd);

const inputsOf = (panel: Panel): Pick<ForecastModel, "attributes" | "known" | "observed"> => {
  const { attributes, known, observed } = columnsOf(panel);
  return {
    attributes: attributes.map(({ name, levels }) => ({ name, levels: [...levels] })),
    known: [...known],
    observed: [...observed],
  };
};

/** Experts that no group gives a weight are not in the model. */
async function fitUsed(
  data: TrainingData,
  last: number,
  candidates: readonly LearnerSpec[],
  combination: Combination,
  options: TrainOptions,
  control: CvControl,
): Promise<{ experts: Expert[]; combination: Combination }> {
  const all = combination.residual !== null;
  const used = candidates
    .map((_, k) => k)
    .filter((k) => all || combination.weights.some((weights) => weights[k] !== 0));
  const since = options.window === null ? Number.NEGATIVE_INFINITY : last - options.window + 1;
  const inside = used.filter((k) => !isCommand(candidates[k]!));
  const fitted = await control.executor.runAll(
    {
      kind: "fit",
      data,
      tasks: inside.map((k) => ({ origin: last, since, gap: 0, learner: candidates[k] as OwnLearnerSpec })),
    },
    { signal: control.signal, onFinished: () => {} },
  );
  const experts: Expert[] = [];
  for (const k of used) {
    const spec = candidates[k]!;
    experts.push(
      isCommand(spec)
        ? await fitOutside(data, last, since, spec, programsOf(control))
        : fitted[inside.indexOf(k)]!,
    );
  }
  return {
    experts,
    combination: {
      ...combination,
      weights: combination.weights.map((weights) => used.map((k) => weights[k]!)),
    },
  };
}
