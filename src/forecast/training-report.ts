import { periodLabel } from "../calendar/period.js";
import type {
  FeatureImportance,
  LeftOutLevel,
  SumIntervals,
  TrainingReport,
  WorseOnSeries,
} from "../kit/artifacts/training.js";
import type { Panel } from "../panel/panel.js";
import { residualsNeeded } from "../stats/conformal.js";
import type { Calibrated } from "./calibrate.js";
import type { Chosen } from "./combine/choose.js";
import type { Evidence } from "./combine/evidence.js";
import { worseOnSeries } from "./combine/worse-on-series.js";
import type { FoldOutcome } from "./cv.js";
import { learnerInFold, learnerInGroup, learnerScore, learnerTotal, scoreOutcomes } from "./cv-scores.js";
import { namedImportance } from "./experts/trees/importance.js";
import { learnerDescription, learnerId } from "./learners/index.js";
import { type LearnerSpec, NAIVE } from "./learners/spec.js";
import type { ForecastModel } from "./model.js";
import { countOf, type SegmentCodes } from "./segment-codes.js";
import type { EnsembleMethod } from "./training-plan.js";

/** Name of the combination among the learners. */
const COMPOSITE = "composite";

/** Everything that a training came to know. */
export interface TrainingOutcome {
  readonly panel: Panel;
  readonly model: ForecastModel;
  readonly segments: SegmentCodes;
  /**
   * Learners in the order of the forecasts; the first `candidates` could be chosen, and the seasonal naive is
   * one of them all.
   */
  readonly scored: readonly LearnerSpec[];
  readonly candidates: number;
  readonly chosen: Chosen;
  readonly asked: EnsembleMethod;
  /** The folds that are scored, and what the combination forecast there. */
  readonly outcomes: readonly FoldOutcome[];
  readonly nested: readonly Float64Array[];
  readonly calibrated: Calibrated;
  readonly evidence: Evidence;
  /** Levels that further origins may carry. */
  readonly furtherLevels: readonly number[];
  readonly sums: SumIntervals;
}

export function trainingReport(training: TrainingOutcome): TrainingReport {
  const { panel, model, segments, scored, chosen, nested } = training;
  const { pool, intervals } = training.calibrated;
  const candidates = scored.slice(0, training.candidates).map(learnerId);
  const naive = scored.findIndex((spec) => learnerId(spec) === NAIVE);
  // The combination is scored as one more learner.
  const combined = scored.length;
  const outcomes = training.outcomes.map((outcome, f) => ({
    ...outcome,
    forecasts: [...outcome.forecasts, nested[f]!],
  }));
  const scores = scoreOutcomes(outcomes, segments.codes, segments.ids.length, model.horizon);
  const importance = importanceOf(model);
  const leftOut = leftOutLevels(training);
  const worse = worseLearners(training, candidates);
  return {
    horizon: model.horizon,
    season: model.season,
    context: model.context,
    series: panel.series.length,
    learners: scored
      .slice(0, training.candidates)
      .map((spec) => ({ id: learnerId(spec), description: learnerDescription(spec, model.season) })),
    ensemble: {
      asked: training.asked,
      method: chosen.combination.method,
      why: chosen.why,
      candidates: [...chosen.candidates],
      weights: candidates.map((learner, k) => ({ learner, weight: chosen.combination.weights.at(-1)![k]! })),
      residual: chosen.combination.residual?.weight ?? 0,
      ...(chosen.margins.length === 0 ? {} : { margins: chosen.margins.map(marginOf) }),
      ...(worse.length === 0 ? {} : { worseOnSeries: worse }),
      ...(chosen.dropped.length === 0
        ? {}
        : {
            dropped: chosen.dropped.map(({ expert, ...one }) => ({ learner: candidates[expert]!, ...one })),
          }),
    },
    folds: outcomes.map((outcome, index) => ({
      fold: outcome.fold.number,
      origin: periodLabel(outcome.fold.origin, panel.calendar),
      series: seriesWithActuals(outcome, model.horizon),
      pairs: learnerInFold(scores, naive, index).result().n,
      scores: [
        ...[...candidates.keys(), ...(naive < candidates.length ? [] : [naive])].map((learner) =>
          learnerScore(learnerId(scored[learner]!), learnerInFold(scores, learner, index)),
        ),
        learnerScore(COMPOSITE, learnerInFold(scores, combined, index)),
      ],
    })),
    segments: segments.ids.map((segment, code) => ({
      segment,
      series: countOf(segments.codes, code),
      chosen: leaderOf(chosen, candidates, code),
      scores: candidates.map((id, learner) => learnerScore(id, learnerInGroup(scores, learner, code))),
    })),
    cv: learnerScore(COMPOSITE, learnerTotal(scores, combined)),
    naive: learnerScore(NAIVE, learnerTotal(scores, naive)),
    learnerTotals: candidates.map((id, learner) => learnerScore(id, learnerTotal(scores, learner))),
    conformal: {
      levels: pool.levels,
      halfWidths: pool.halfWidths[0]!,
      residuals: pool.residuals[0]!,
      ...(pool.further === undefined ? {} : { further: pool.further }),
      ...(leftOut.length === 0 ? {} : { leftOut }),
    },
    intervals,
    sums: training.sums,
    ...(importance.length === 0 ? {} : { importance }),
  };
}

/** Pairs of learner and series that are listed. */
const LISTED = 20;

function worseLearners(
  { chosen, evidence, panel }: TrainingOutcome,
  ids: readonly string[],
): WorseOnSeries[] {
  return worseOnSeries(evidence, chosen.combination.weights)
    .slice(0, LISTED)
    .map(({ expert, series, times }) => ({
      learner: ids[expert]!,
      series: panel.series[series]!,
      times,
    }));
}

const marginOf = ({
  method,
  against,
  mean,
  standardError,
  grossBias,
  isSure,
}: Chosen["margins"][number]) => ({
  method,
  against,
  // Without a fold that anything was learned for there is no difference.
  difference: Number.isNaN(mean) ? 0 : mean,
  standardError,
  grossBias,
  isSure,
});

/** Levels that neither CV nor further origins have enough residuals for. */
function leftOutLevels({ furtherLevels, calibrated, model }: TrainingOutcome): LeftOutLevel[] {
  const have = Math.max(Math.min(...calibrated.pool.residuals[0]!), calibrated.furtherHave);
  return [...new Set(furtherLevels)]
    .filter((level) => !model.conformal.levels.includes(level))
    .sort((a, b) => a - b)
    .map((level) => ({ level, have, need: residualsNeeded(level) }));
}

const importanceOf = ({ experts, attributes, known, observed }: ForecastModel): FeatureImportance[] =>
  experts.flatMap((expert) =>
    expert.kind !== "trees"
      ? []
      : [
          {
            learner: expert.id,
            features: namedImportance(expert, {
              codes: ["segment", ...attributes.map(({ name }) => name)],
              known,
              observed,
            }),
          },
        ],
  );

/** The only learner of a segment, or the method where there are several. */
function leaderOf({ combination }: Chosen, ids: readonly string[], code: number): string {
  const used = ids.filter((_, k) => combination.weights[code]![k] !== 0);
  return used.length === 1 && combination.residual === null ? used[0]! : combination.method;
}

/** Series that the fold's window has an actual of. */
function seriesWithActuals({ actual }: FoldOutcome, horizon: number): number {
  let count = 0;
  for (let start = 0; start < actual.length; start += horizon) {
    if (actual.subarray(start, start + horizon).some((value) => !Number.isNaN(value))) count++;
  }
  return count;
}
