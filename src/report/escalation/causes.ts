import type { AccuracyReport } from "../../kit/artifacts/accuracy.js";
import type { Checkpoints } from "../../kit/artifacts/checkpoints.js";
import type { RuleResult } from "../../kit/artifacts/decision.js";
import type { TrainingReport } from "../../kit/artifacts/training.js";
import type { ValidationReport } from "../../kit/artifacts/validation.js";
import type { SeriesNames } from "../series-names.js";
import type { ErrorShare, Escalation } from "./escalation.js";

type Causes = Escalation["causes"];
type Group = AccuracyReport["bySegment"][number] & { readonly segment?: string | null };

interface CauseSources {
  readonly accuracy: AccuracyReport | null;
  readonly checkpoints: Checkpoints | null;
  readonly validation: ValidationReport | null;
  readonly training: TrainingReport | null;
  readonly rules: readonly RuleResult[];
  readonly names: SeriesNames;
  /** Id of the step that made the accuracy report, to find the rule that limits it. */
  readonly accuracyStep: string | null;
}

/** Where the trouble comes from, by what the run measured. Every list is sorted with the largest part first. */
export function findCauses(sources: CauseSources): Causes {
  const { accuracy, checkpoints, validation, training } = sources;
  const limit = wmapeLimit(sources);
  const total = accuracy?.total.absoluteError ?? 0;
  return {
    wmapeLimit: limit,
    segments: errorShares(accuracy?.bySegment ?? [], total, limit),
    series: errorShares(accuracy?.worstSeries ?? [], total, limit).map((row) => named(row, sources.names)),
    periods: errorShares(accuracy?.byPeriod ?? [], total, limit),
    drifted: drifted(validation),
    driftTest: validation?.driftTest ?? null,
    revised: revised(checkpoints),
    checks: (validation?.checks ?? []).flatMap(({ id, status, count, detail }) =>
      status === "pass" ? [] : [{ id, status, count, detail }],
    ),
    lostSeries: validation?.lostSeries ?? [],
    weakSegments: weakSegments(training),
  };
}

/** The tightest upper limit on the quarter's WMAPE that a rule sets. */
function wmapeLimit({ rules, accuracyStep }: CauseSources): number | null {
  const limits = rules.flatMap(({ kind, metric, direction, limit }) =>
    kind === "threshold" && direction === "max" && limit !== null && metric === `${accuracyStep}.wmape`
      ? [limit]
      : [],
  );
  return limits.length === 0 ? null : Math.min(...limits);
}

function errorShares(groups: readonly Group[], total: number, limit: number | null): ErrorShare[] {
  const excess = groups.map((group) =>
    limit === null ? 0 : Math.max(0, group.absoluteError - limit * group.absoluteActual),
  );
  const excessTotal = excess.reduce((sum, value) => sum + value, 0);
  return groups
    .map((group, i) => ({
      key: group.key,
      segment: group.segment ?? null,
      n: group.n,
      wmape: group.wmape,
      bias: group.bias,
      share: total > 0 ? group.absoluteError / total : 0,
      excessShare: excessTotal > 0 ? excess[i]! / excessTotal : null,
    }))
    .sort(
      (a, b) => (b.excessShare ?? 0) - (a.excessShare ?? 0) || b.share - a.share || byCodeUnit(a.key, b.key),
    );
}

function named(row: ErrorShare, names: SeriesNames): ErrorShare {
  const name = names.name(row.key);
  return name === null ? row : { ...row, name };
}

const drifted = (validation: ValidationReport | null): Causes["drifted"] =>
  (validation?.drift ?? [])
    .flatMap(({ past: _past, why: _why, verdict, ...feature }) =>
      verdict === "FAIL" || verdict === "WARN" ? [{ ...feature, verdict }] : [],
    )
    .sort((a, b) => (b.statistic ?? 0) - (a.statistic ?? 0) || byCodeUnit(a.feature, b.feature));

const revised = (checkpoints: Checkpoints | null): Causes["revised"] =>
  (checkpoints?.months ?? [])
    .map(({ period, before, after, revision, series }) => ({ period, before, after, revision, series }))
    .sort((a, b) => Math.abs(b.revision ?? 0) - Math.abs(a.revision ?? 0) || byCodeUnit(a.period, b.period));

function weakSegments(training: TrainingReport | null): Causes["weakSegments"] {
  return (training?.segments ?? []).flatMap(({ segment, chosen, scores }) => {
    const own = scores.find(({ learner }) => learner === chosen)?.wmape ?? null;
    const naive = scores.find(({ learner }) => learner === training?.naive.learner)?.wmape ?? null;
    return own !== null && naive !== null && own >= naive
      ? [{ segment, chosen, wmape: own, naiveWmape: naive }]
      : [];
  });
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
