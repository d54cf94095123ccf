import type { RuleGroup, RuleResult } from "../kit/artifacts/decision.js";
import type { ChampionObservation } from "../kit/observations.js";
import { correct } from "../stats/corrections.js";
import { figure, judge, judgeGroups } from "./judge.js";
import { GROUP_MIN_N } from "./min-n.js";
import type { ChampionRule } from "./rule-params.js";

export const championLimit = (rule: ChampionRule): number => rule.maxIncrease ?? rule.maxRelativeIncrease!;

export function evaluateChampion(
  rule: ChampionRule,
  given: ChampionObservation,
  firstRelease: boolean,
): RuleResult {
  const limit = championLimit(rule);
  const found = measurable(rule, given, rule.minN ?? 1);
  const { observed, interval } = found;
  const end = rule.test === "upper" ? interval?.hi : observed;
  return judge(rule, firstRelease, {
    kind: "champion",
    metric: metricOf(rule),
    limit,
    direction: "max",
    observed,
    n: given.n,
    why: found.why,
    interval,
    isWithin: end !== null && end !== undefined && end <= limit,
    detail: observed === null ? "candidate and champion could not be compared" : detailOf(rule, found, limit),
  });
}

/** Each group with what was found for it. */
export function evaluateChampionGroups(
  rule: ChampionRule,
  by: "segment" | "lead",
  found: readonly { readonly key: string; readonly observation: ChampionObservation }[],
  firstRelease: boolean,
  why: string | null,
): RuleResult {
  const limit = championLimit(rule);
  const alpha = 1 - rule.confidence;
  const groups = found.map(({ key, observation }) => ({
    key,
    ...measurable(rule, observation, rule.minN ?? GROUP_MIN_N),
  }));
  const pOf = (group: (typeof groups)[number]) => (rule.test === "upper" ? group.pBelow : group.pAbove);
  const tested = groups.filter((group) => group.observed !== null && pOf(group) !== null);
  const adjusted = correct(
    rule.correction,
    tested.map((group) => pOf(group)!),
  );
  const results = groups.map((group): RuleGroup => {
    const at = tested.indexOf(group);
    const p = at < 0 ? null : adjusted[at]!;
    return {
      key: group.key,
      verdict: group.observed === null ? "UNKNOWN" : isFailed(group.observed, p) ? "FAIL" : "PASS",
      observed: group.observed,
      n: group.n,
      pAdjusted: p,
      interval: group.interval,
      why: group.why,
    };
  });
  /** Without a test (bias) the point estimate decides. */
  function isFailed(observed: number, p: number | null): boolean {
    if (rule.test === "upper") return p === null || p > alpha;
    return observed > limit && (p === null || p <= alpha);
  }
  const about = { kind: "champion", metric: metricOf(rule), limit, direction: "max", by } as const;
  return judgeGroups(
    rule,
    firstRelease,
    about,
    results,
    ({ observed }) => observed ?? Number.NEGATIVE_INFINITY,
    why,
  );
}

const metricOf = (rule: ChampionRule): string =>
  rule.maxIncrease === undefined ? `champion.relative.${rule.metric}` : `champion.${rule.metric}`;

function measurable(rule: ChampionRule, found: ChampionObservation, minN: number): ChampionObservation {
  const unknown = (why: string) => ({
    ...found,
    observed: null,
    interval: null,
    pAbove: null,
    pBelow: null,
    why,
  });
  if (found.observed === null) return unknown(found.why ?? "not-measured");
  if (!Number.isFinite(found.observed)) return unknown("not-a-number");
  if (found.n < minN) return unknown("too-few-values");
  if (rule.test === "upper" && found.interval === null) return unknown("no-interval");
  return { ...found, why: null };
}

function detailOf(rule: ChampionRule, found: ChampionObservation, limit: number): string {
  const { candidate, champion, interval, n, series } = found;
  const scores =
    candidate === null || champion === null
      ? ""
      : `: candidate ${figure(candidate)}, champion ${figure(champion)}`;
  const range =
    interval === null
      ? ""
      : `, ${figure(interval.level * 100)}% interval of the ${rule.maxIncrease === undefined ? "relative " : ""}difference ${figure(interval.lo)} to ${figure(interval.hi)}${certainty(found.observed!, interval, limit)}`;
  return `${rule.metric}${scores}${range} (${n} pairs of ${series} series)`;
}

/** Whether the interval leaves room for the other verdict. */
function certainty(observed: number, { lo, hi }: { lo: number; hi: number }, limit: number): string {
  if (observed > limit)
    return lo > limit ? ", all above the limit" : ", which reaches below the limit: it may be chance";
  return hi <= limit ? ", all within the limit" : ", which reaches above the limit";
}
