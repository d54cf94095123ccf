import type { RuleResult } from "../kit/artifacts/decision.js";
import type { ValidationReport } from "../kit/artifacts/validation.js";
import type { MetricMap } from "../kit/step.js";
import type { ChampionRule, DriftRule, Rule, ThresholdRule } from "./rule-params.js";

/** Reasons for a missing figure that a first release has by its nature: there is no live model to measure. */
const NO_LIVE_MODEL: ReadonlySet<string> = new Set(["no-champion", "no-live-snapshot", "no-overlap"]);

type Observation = Pick<RuleResult, "observed" | "n" | "why" | "detail">;

/** What a champion comparison found; null figures come with the reason. */
export interface ChampionObservation {
  readonly observed: number | null;
  readonly candidate: number | null;
  readonly champion: number | null;
  readonly n: number;
  readonly series: number;
  readonly interval: { readonly lo: number; readonly hi: number } | null;
  readonly why: string | null;
}

export function evaluateThreshold(
  rule: ThresholdRule,
  metrics: MetricMap,
  firstRelease: boolean,
): RuleResult {
  const metric = metrics[rule.metric];
  const [direction, limit] =
    rule.max !== undefined ? (["max", rule.max] as const) : (["min", rule.min!] as const);
  const observed = metric?.value ?? null;
  return judge(rule, firstRelease, {
    kind: "threshold",
    metric: rule.metric,
    limit,
    direction,
    isWithin: observed !== null && (direction === "max" ? observed <= limit : observed >= limit),
    observation: {
      observed,
      n: metric?.n ?? null,
      why: observed === null ? (metric?.why ?? "not-measured") : null,
      detail: `${rule.metric} ${observed === null ? "could not be measured" : figure(observed)}, limit ${direction} ${figure(limit)}`,
    },
  });
}

export function evaluateChampion(
  rule: ChampionRule,
  found: ChampionObservation,
  firstRelease: boolean,
): RuleResult {
  const { observed, candidate, champion, interval } = found;
  const scores =
    candidate === null || champion === null
      ? ""
      : `candidate ${figure(candidate)}, champion ${figure(champion)}`;
  const range =
    interval === null
      ? ""
      : `, 90% interval of the difference ${figure(interval.lo)} to ${figure(interval.hi)}`;
  return judge(rule, firstRelease, {
    kind: "champion",
    metric: `champion.${rule.metric}`,
    limit: rule.maxIncrease,
    direction: "max",
    isWithin: observed !== null && observed <= rule.maxIncrease,
    observation: {
      observed,
      n: found.n,
      why: found.why,
      detail:
        observed === null
          ? "candidate and champion could not be compared"
          : `${rule.metric}: ${scores}${range} (${found.n} pairs of ${found.series} series)`,
    },
  });
}

export function evaluateDrift(
  rule: DriftRule,
  rows: ValidationReport["drift"],
  firstRelease: boolean,
): RuleResult {
  const worst = [...rows].sort((a, b) => rank(b) - rank(a) || (b.statistic ?? 0) - (a.statistic ?? 0))[0]!;
  const isUnknown = worst.verdict === "UNKNOWN";
  const detail = rows
    .map((row) => {
      const p = row.pAdjusted === null ? "" : `, corrected p ${figure(row.pAdjusted)}`;
      return `${row.feature}: D ${row.statistic === null ? "unknown" : figure(row.statistic)}${p} (${row.n} v ${row.nReference})`;
    })
    .join("; ");
  return judge(rule, firstRelease, {
    kind: "ks",
    metric: `ks.${worst.feature}`,
    limit: rule.ks.statistic,
    direction: "max",
    isWithin: worst.verdict !== "FAIL",
    observation: {
      observed: isUnknown ? null : worst.statistic,
      n: Math.min(worst.n, worst.nReference),
      why: isUnknown ? "too-few-rows" : null,
      detail: `${detail}; against ${rule.ks.reference}`,
    },
  });
}

const RANK = { FAIL: 3, UNKNOWN: 2, WARN: 1, PASS: 0 } as const;
const rank = (row: ValidationReport["drift"][number]): number => RANK[row.verdict];

/** A champion from a later quarter: promoting over it would take services back in time. */
export function laterChampion(champion: { version: string; quarter: string }, quarter: string): RuleResult {
  return {
    id: "newer-champion",
    kind: "order",
    verdict: "FAIL",
    severity: "block",
    blocks: true,
    metric: "champion.quarter",
    observed: null,
    limit: null,
    direction: "max",
    n: null,
    why: "champion-is-newer",
    detail: `version ${champion.version} was trained for ${champion.quarter}, which is after ${quarter}`,
  };
}

/** `firstRelease: escalate`: a person looks at the first model before anything is live. */
export function firstReleaseEscalates(): RuleResult {
  return {
    id: "first-release",
    kind: "order",
    verdict: "FAIL",
    severity: "block",
    blocks: true,
    metric: "champion.version",
    observed: null,
    limit: null,
    direction: "max",
    n: null,
    why: "first-release",
    detail: "no version is live yet, and the runbook says `firstRelease: escalate`",
  };
}

interface Judged {
  readonly kind: RuleResult["kind"];
  readonly metric: string;
  readonly limit: number;
  readonly direction: RuleResult["direction"];
  readonly isWithin: boolean;
  readonly observation: Observation;
}

function judge(rule: Rule, firstRelease: boolean, judged: Judged): RuleResult {
  const { observation, isWithin, ...rest } = judged;
  const verdict = observation.observed === null ? "UNKNOWN" : isWithin ? "PASS" : "FAIL";
  const isExcused =
    verdict === "UNKNOWN" &&
    (rule.whenUnknown === "pass" || (firstRelease && NO_LIVE_MODEL.has(observation.why ?? "")));
  return {
    id: rule.id,
    ...rest,
    verdict,
    severity: rule.severity,
    blocks: verdict !== "PASS" && rule.severity === "block" && !isExcused,
    ...observation,
  };
}

/** Four significant digits: enough to see why a limit was crossed. */
const figure = (value: number): string => String(Number(value.toPrecision(4)));
