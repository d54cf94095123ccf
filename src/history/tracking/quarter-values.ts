import type { AccuracyReport } from "../../kit/artifacts/accuracy.js";
import { intervalColumns } from "../../kit/artifacts/snapshot.js";
import type { TrainingReport } from "../../kit/artifacts/training.js";
import type { MetricPoint } from "../../kit/registry.js";
import { type Measured, measured, scoreMetrics } from "./scores.js";

/** Parameters of the quarter's own run. */
export function quarterParams(training: TrainingReport): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const { id } of training.learners) chosen[`segments.${id}`] = String(segmentsOf(training, id));
  return {
    horizon: String(training.horizon),
    season: String(training.season),
    context: String(training.context),
    series: String(training.series),
    folds: String(training.folds.length),
    learners: training.learners.map(({ id }) => id).join(", "),
    segments: String(training.segments.length),
    ...chosen,
    levels: training.conformal.levels.join(", "),
  };
}

/** How many segments a learner was chosen for. */
export const segmentsOf = ({ segments }: TrainingReport, learner: string): number =>
  segments.filter(({ chosen }) => chosen === learner).length;

/**
 * One value each:
 * - `cv.*` and `naive.*`: CV and the seasonal naive, pooled over folds, with the coverage of each interval level and the
 *   weighted quantile loss under the names that the training step gives them;
 * - `cv.learner.LEARNER.*`: the same of every learner;
 * - `accuracy.*`: of what was live.
 */
export function quarterMetrics(
  training: TrainingReport,
  accuracy: AccuracyReport | null,
): Record<string, number> {
  return {
    ...scoreMetrics("cv", training.cv),
    ...scoreMetrics("naive", training.naive),
    ...Object.assign(
      {},
      ...training.learnerTotals.map((total) => scoreMetrics(`cv.learner.${total.learner}`, total)),
    ),
    ...coverageMetrics("cv", training.intervals.levels),
    ...measured({ "cv.wql": training.intervals.wql, "naive.wql": training.intervals.naiveWql }),
    ...(accuracy === null
      ? {}
      : {
          ...scoreMetrics("accuracy", accuracy.total),
          ...coverageMetrics(
            "accuracy",
            accuracy.coverage.map(({ level, observed }) => ({ level, coverage: observed })),
          ),
        }),
  };
}

/** `PREFIX.coverage.80`, … by level in percent. */
const coverageMetrics = (
  prefix: string,
  levels: readonly { readonly level: number; readonly coverage: number | null }[],
): Record<string, number> =>
  measured(
    Object.fromEntries(
      levels.map(({ level, coverage }) => [
        `${prefix}.coverage.${intervalColumns(level).lo.slice("lo".length)}`,
        coverage,
      ]),
    ),
  );

/**
 * What has a course:
 * - `cv.fold.LEARNER.*`: CV scores, step = fold;
 * - `cv.lead.halfWidth.LEVEL`: half-width of the interval in units of the series' scale, step = lead time;
 * - `accuracy.lead.*`: accuracy of what was live, step = lead time.
 */
export function quarterPoints(training: TrainingReport, accuracy: AccuracyReport | null): MetricPoint[] {
  const { folds, conformal } = training;
  const byFold = folds.flatMap(({ fold, scores }) =>
    scores.flatMap((score) => scorePoints(`cv.fold.${score.learner}`, fold, score)),
  );
  const widths = conformal.levels.flatMap((level, row) =>
    (conformal.halfWidths[row] ?? []).map((value, lead) => ({
      name: `cv.lead.halfWidth.${level}`,
      step: lead + 1,
      value,
    })),
  );
  const byLead = (accuracy?.byLead ?? []).flatMap((group) =>
    scorePoints("accuracy.lead", Number(group.key), group),
  );
  return [...byFold, ...widths, ...byLead];
}

export const scorePoints = (prefix: string, step: number, scores: Measured): MetricPoint[] =>
  Object.entries(scoreMetrics(prefix, scores)).map(([name, value]) => ({ name, step, value }));
