import type { RuleGroup, RuleResult } from "../kit/artifacts/decision.js";

/** Reasons for a missing figure that a first release has by its nature: there is no live model to measure. */
const NO_LIVE_MODEL: ReadonlySet<string> = new Set([
  "no-champion",
  "no-live-snapshot",
  "no-overlap",
  "no-previous-run",
]);

/** What every rule says about itself. */
export interface JudgedRule {
  readonly id: string;
  readonly severity: RuleResult["severity"];
  readonly whenUnknown: "escalate" | "pass";
}

/** A figure against a limit, before severity and excuses. A null `observed` is UNKNOWN, whatever `isWithin` says. */
export interface Finding extends Pick<RuleResult, "kind" | "metric" | "observed" | "limit" | "direction"> {
  readonly n: number | null;
  readonly why: string | null;
  readonly detail: string;
  readonly isWithin: boolean;
  readonly interval?: RuleResult["interval"];
  readonly by?: RuleResult["by"];
  readonly groups?: readonly RuleGroup[];
}

export function judge(rule: JudgedRule, firstRelease: boolean, finding: Finding): RuleResult {
  const { isWithin, interval = null, by = null, groups = [], ...figures } = finding;
  const verdict = figures.observed === null ? "UNKNOWN" : isWithin ? "PASS" : "FAIL";
  const isExcused =
    verdict === "UNKNOWN" &&
    (rule.whenUnknown === "pass" || (firstRelease && NO_LIVE_MODEL.has(figures.why ?? "")));
  return {
    id: rule.id,
    ...figures,
    verdict,
    severity: rule.severity,
    blocks: verdict !== "PASS" && rule.severity === "block" && !isExcused,
    interval,
    by,
    groups: [...groups],
  };
}

const RANK = { FAIL: 2, UNKNOWN: 0, PASS: 1 } as const;

/**
 * A rule that is judged by groups: it fails if one group fails, and is UNKNOWN if none could be judged. Groups that could not be judged beside
 * others that could are listed and do not count: a segment of three series must not stop every release.
 * @param badness larger is worse; only compared
 */
export function judgeGroups(
  rule: JudgedRule,
  firstRelease: boolean,
  about: Pick<Finding, "kind" | "metric" | "limit" | "direction"> & {
    readonly by: NonNullable<Finding["by"]>;
  },
  groups: readonly RuleGroup[],
  badness: (group: RuleGroup) => number,
  why: string | null,
): RuleResult {
  const worstFirst = [...groups].sort(
    (a, b) => RANK[b.verdict] - RANK[a.verdict] || badness(b) - badness(a) || (a.key < b.key ? -1 : 1),
  );
  const judged = worstFirst.filter(({ verdict }) => verdict !== "UNKNOWN");
  const worst = judged[0];
  const failed = judged.filter(({ verdict }) => verdict === "FAIL").length;
  return judge(rule, firstRelease, {
    ...about,
    observed: worst?.observed ?? null,
    n: worst?.n ?? worstFirst[0]?.n ?? null,
    why: worst === undefined ? (why ?? worstFirst[0]?.why ?? "no-groups") : null,
    interval: worst?.interval ?? null,
    isWithin: failed === 0,
    groups: worstFirst,
    detail:
      worst === undefined
        ? `none of ${groups.length} ${about.by}s could be judged`
        : `${failed} of ${groups.length} ${about.by}s fail${unjudged(groups.length - judged.length)}; the worst is ${worst.key}`,
  });
}

const unjudged = (count: number): string => (count === 0 ? "" : `, ${count} could not be judged`);

/** Four significant digits: enough to see why a limit was crossed. */
export const figure = (value: number): string => String(Number(value.toPrecision(4)));
