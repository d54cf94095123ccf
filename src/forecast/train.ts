import { seasonLength } from "../calendar/period.js";
import type { TrainingReport } from "../kit/artifacts/training.js";
import type { Programs } from "../kit/programs.js";
import type { Panel } from "../panel/panel.js";
import { type Chosen, chooseCombination } from "./combine/choose.js";
import type { Evidence } from "./combine/evidence.js";
import type { Combination } from "./combine/model.js";
import { type CvControl, crossValidate, type FoldOutcome, type OutsideForecasts } from "./cv.js";
import { CLIP } from "./cv-task.js";
import type { Expert } from "./experts/model.js";
import { fitOutside, forecastOutside } from "./external/outside.js";
import type { Fold } from "./folds.js";
import { intervalReport, type JudgedFold } from "./intervals/report.js";
import { conformalWidths } from "./intervals/widths.js";
import { learnerId } from "./learners/index.js";
import { isCommand, type LearnerSpec, NAIVE, type OwnLearnerSpec } from "./learners/spec.js";
import type { ForecastModel } from "./model.js";
import { columnsOf } from "./panel-batch.js";
import { allGroups, buildHierarchy, type Hierarchy } from "./reconcile/hierarchy.js";
import { type LearnedReconciliation, learnReconciliation } from "./reconcile/learn.js";
import type { Reconciliation } from "./reconcile/model.js";
import type { SegmentCodes } from "./segment-codes.js";
import {
  contextFor,
  type FoldPlan,
  learnersOf,
  membersOf,
  planFolds,
  type TrainOptions,
} from "./training-plan.js";
import { trainingReport } from "./training-report.js";
import { isNonNegative, type TrainingData } from "./training-view.js";

export interface TrainedForecaster {
  readonly model: ForecastModel;
  readonly report: TrainingReport;
  /** Null where the options ask for none. */
  readonly reconciliation: Reconciliation | null;
}

/** What CV on the rows up to an origin says of a recipe; nothing is fitted up to the origin yet. */
export interface CrossValidated {
  readonly data: TrainingData;
  readonly plan: FoldPlan;
  /** What the combination may use. */
  readonly candidates: readonly LearnerSpec[];
  /** The candidates, and the seasonal naive. */
  readonly scored: readonly LearnerSpec[];
  readonly evidence: Evidence;
  readonly outcomes: readonly FoldOutcome[];
  readonly nonNegative: boolean;
  readonly chosen: Chosen;
  /** Null where the options ask for no reconciliation. */
  readonly hierarchy: Hierarchy | null;
}

/**
 * Rolling-origin CV on the rows up to `last`, and the combination that it leads to.
 * @throws FailureError forecast.too-short
 */
export async function crossValidateRecipe(
  panel: Panel,
  last: number,
  segments: SegmentCodes,
  options: TrainOptions,
  control: CvControl,
): Promise<CrossValidated> {
  const hierarchy = options.reconcile === undefined ? null : buildHierarchy(panel, options.reconcile);
  const data: TrainingData = {
    panel,
    horizon: options.horizon,
    context: contextFor(panel, options),
    segments,
    ...(hierarchy === null ? {} : { sums: allGroups(hierarchy) }),
  };
  const plan = planFolds(panel, last, options);
  const candidates = learnersOf(options);
  const scored = withNaive(candidates);
  const outside = await forecastPrograms(data, plan.folds, scored, control);
  const outcomes = await crossValidate(data, plan.folds, scored, control, outside);
  const evidence = evidenceOf(outcomes, candidates, scored, segments);
  const chosen = chooseCombination(evidence, options.ensemble, {
    members: membersOf(options),
    minSegmentSeries: options.minSegmentSeries,
  });
  return {
    data,
    plan,
    candidates,
    scored,
    evidence,
    outcomes,
    nonNegative: isNonNegative(panel, last),
    chosen,
    hierarchy,
  };
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
  const honest = honestFolds(outcomes, (f) => chosen.nested[f]!);
  const groups = options.widthsBySegment && segments.ids.length > 1 ? segments.ids.length : 0;
  const fitted = await fitUsed(data, last, candidates, chosen.combination, options, control);
  const model: ForecastModel = {
    format: 2,
    frequency: panel.calendar.frequency,
    season: seasonLength(panel.calendar.frequency),
    horizon,
    context: data.context,
    nonNegative,
    clip: CLIP,
    segments: [...segments.ids],
    ...inputsOf(panel),
    ...fitted,
    conformal: conformalWidths(honest, groups, horizon, options.levels),
  };
  const naive = scored.findIndex((spec) => learnerId(spec) === NAIVE);
  const intervals = intervalReport(
    honest,
    honestFolds(outcomes, (f) => outcomes[f]!.forecasts[naive]!),
    { isScored: plan.isScored, groups, horizon, levels: model.conformal.levels },
  );
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
    honest,
    intervals,
  });
  const learned = reconcile(panel, validated, options);
  if (learned === null) return { model, report, reconciliation: null };
  return {
    model,
    report: { ...report, reconciliation: learned.report },
    reconciliation: learned.reconciliation,
  };
}

const honestFolds = (
  outcomes: readonly FoldOutcome[],
  forecastOf: (fold: number) => Float64Array,
): JudgedFold[] =>
  outcomes.map(({ fold, rows, actual, clip }, f) => ({ fold, rows, actual, clip, forecast: forecastOf(f) }));

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

const inputsOf = (panel: Panel): Pick<ForecastModel, "attributes" | "known" | "observed"> => {
  const { attributes, known, observed } = columnsOf(panel);
  return {
    attributes: attributes.map(({ name, levels }) => ({ name, levels: [...levels] })),
    known: [...known],
    observed: [...observed],
  };
};

/**
 * The learners, and the seasonal naive as the last one if it is not among them: every report compares with
 * it.
 */
function withNaive(learners: readonly LearnerSpec[]): readonly LearnerSpec[] {
  return learners.some((spec) => learnerId(spec) === NAIVE) ? learners : [...learners, NAIVE];
}

function evidenceOf(
  outcomes: readonly FoldOutcome[],
  candidates: readonly LearnerSpec[],
  scored: readonly LearnerSpec[],
  segments: SegmentCodes,
): Evidence {
  const naive = scored.findIndex((spec) => learnerId(spec) === NAIVE);
  return {
    folds: outcomes.map((outcome) => ({
      ...outcome,
      forecasts: outcome.forecasts.slice(0, candidates.length),
      naive: outcome.forecasts[naive]!,
    })),
    experts: candidates.length,
    segments: segments.ids.length,
  };
}

/** Program by program: each may take all cores. */
async function forecastPrograms(
  data: TrainingData,
  folds: readonly Fold[],
  learners: readonly LearnerSpec[],
  control: CvControl,
): Promise<OutsideForecasts> {
  const forecasts = new Map<number, readonly Float64Array[]>();
  const forecast = control.forecastOutside ?? forecastOutside;
  for (const [index, spec] of learners.entries()) {
    if (isCommand(spec))
      forecasts.set(index, await forecast(data, folds, spec, programsOf(control), control.canary));
  }
  return forecasts;
}

function programsOf({ programs }: CvControl): Programs {
  if (programs === undefined) throw new TypeError("a learner is a program, and nothing here runs programs");
  return programs;
}

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
