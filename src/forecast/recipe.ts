import type { Programs } from "../kit/programs.js";
import type { Panel } from "../panel/panel.js";
import { type Chosen, chooseCombination } from "./combine/choose.js";
import type { Evidence } from "./combine/evidence.js";
import { type CvControl, crossValidate, type FoldOutcome, type OutsideForecasts } from "./cv.js";
import { forecastOutside } from "./external/outside.js";
import type { Fold } from "./folds.js";
import { learnerId } from "./learners/index.js";
import { isCommand, type LearnerSpec, NAIVE } from "./learners/spec.js";
import { allGroups, buildHierarchy, type Hierarchy } from "./reconcile/hierarchy.js";
import type { SegmentCodes } from "./segment-codes.js";
import {
  contextFor,
  type FoldPlan,
  learnersOf,
  membersOf,
  planFolds,
  type TrainOptions,
} from "./training-plan.js";
import { isNonNegative, type TrainingData } from "./training-view.js";

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
 * The learners, and the seasonal naive as the last one if it is not among them: every report compares with
 * it.
 */
function withNaive(learners: readonly LearnerSpec[]): readonly LearnerSpec[] {
  return learners.some((spec) => learnerId(spec) === NAIVE) ? learners : [...learners, NAIVE];
}

export function evidenceOf(
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

export function programsOf({ programs }: CvControl): Programs {
  if (programs === undefined) throw new TypeError("a learner is a program, and nothing here runs programs");
  return programs;
}
