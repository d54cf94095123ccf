import type { DriftTest, RuleGroup, RuleResult } from "../kit/artifacts/decision.js";
import type { KsObservation } from "../kit/observations.js";
import { figure, judge, judgeGroups } from "./judge.js";
import type { DriftRule, FreshnessRule, MissingRule, PsiRule } from "./rule-params.js";

export function evaluateDrift(
  rule: DriftRule,
  found: readonly KsObservation[],
  firstRelease: boolean,
): RuleResult {
  const { ks } = rule;
  const worst = worstOf(found, (row) => row.statistic ?? 0, KS_RANK);
  const isUnknown = worst.verdict === "UNKNOWN";
  const names = new Set(found.map(({ feature }) => feature));
  const groups = found.map(
    (row): RuleGroup => ({
      key: keyOf(row, names.size > 1),
      verdict: row.verdict === "WARN" ? "PASS" : row.verdict,
      observed: row.verdict === "UNKNOWN" ? null : row.statistic,
      n: Math.min(row.n, row.nReference),
      pAdjusted: row.pAdjusted,
      interval: null,
      why: row.why,
    }),
  );
  const metric = `ks.${worst.feature}`;
  const about = { kind: "ks", metric, limit: ks.statistic, direction: "max" } as const;
  if (ks.by === "segment") {
    const badness = ({ observed }: RuleGroup) => observed ?? 0;
    const result = judgeGroups(rule, firstRelease, { ...about, by: "segment" }, groups, badness, null);
    return { ...result, detail: `${result.detail}; against ${ks.reference}`, drift: testOf(rule, found) };
  }
  const result = judge(rule, firstRelease, {
    ...about,
    observed: isUnknown ? null : worst.statistic,
    n: Math.min(worst.n, worst.nReference),
    why: isUnknown ? (worst.why ?? "too-few-rows") : null,
    isWithin: worst.verdict !== "FAIL",
    ...(found.length > 1 ? { by: "feature", groups: sorted(groups) } : {}),
    detail: `${found.map(ksWords).join("; ")}; against ${ks.reference}`,
  });
  return { ...result, drift: testOf(rule, found) };
}

/** Both conditions of every test: D against the rule's limit, p against alpha. */
const testOf = ({ ks: { alpha, guard } }: DriftRule, found: readonly KsObservation[]): DriftTest => ({
  alpha,
  guard,
  tests: [...found]
    .sort((a, b) => KS_RANK[b.verdict] - KS_RANK[a.verdict] || (b.statistic ?? 0) - (a.statistic ?? 0))
    .map(({ feature, segment, statistic, pAdjusted, past, n, nReference }) => ({
      feature,
      segment,
      statistic,
      pAdjusted,
      past,
      n,
      nReference,
    })),
});

const KS_RANK = { FAIL: 3, UNKNOWN: 2, WARN: 1, PASS: 0 } as const;

function keyOf({ feature, segment }: KsObservation, hasFeatures: boolean): string {
  if (segment === null) return feature;
  return hasFeatures ? `${feature} of ${segment}` : segment;
}

function ksWords({ feature, statistic, pAdjusted, n, nReference, past }: KsObservation): string {
  const d = statistic === null ? "unknown" : figure(statistic);
  const p = pAdjusted === null ? "" : `, corrected p ${figure(pAdjusted)}`;
  const before = past === null ? "" : `, ${past.asLarge} of ${past.quarters} past quarters as large`;
  return `${feature}: D ${d}${p}${before} (${n} v ${nReference})`;
}

/** One feature now and in the reference; a null figure comes with the reason. */
export interface FeatureObservation {
  readonly feature: string;
  readonly observed: number | null;
  readonly n: number;
  readonly nReference: number;
  readonly why: string | null;
}

export const evaluatePsi = (
  rule: PsiRule,
  found: readonly FeatureObservation[],
  firstRelease: boolean,
): RuleResult => byFeature(rule, "psi", rule.psi.max, found, firstRelease, `against ${rule.psi.reference}`);

export const evaluateMissing = (
  rule: MissingRule,
  found: readonly FeatureObservation[],
  firstRelease: boolean,
): RuleResult =>
  byFeature(
    rule,
    "missing",
    rule.missing.maxIncrease,
    found,
    firstRelease,
    `increase against ${rule.missing.reference}`,
  );

/** UNKNOWN as soon as one feature could not be measured and none fails: each was named in the runbook. */
function byFeature(
  rule: PsiRule | MissingRule,
  kind: "psi" | "missing",
  limit: number,
  found: readonly FeatureObservation[],
  firstRelease: boolean,
  against: string,
): RuleResult {
  const rows = found.map((row) => ({
    ...row,
    verdict:
      row.observed === null
        ? ("UNKNOWN" as const)
        : row.observed <= limit
          ? ("PASS" as const)
          : ("FAIL" as const),
  }));
  const worst = worstOf(rows, (row) => row.observed ?? 0, KS_RANK);
  const groups = rows.map(
    (row): RuleGroup => ({
      key: row.feature,
      verdict: row.verdict,
      observed: row.observed,
      n: Math.min(row.n, row.nReference),
      pAdjusted: null,
      interval: null,
      why: row.why,
    }),
  );
  const words = rows.map(
    (row) =>
      `${row.feature}: ${row.observed === null ? "unknown" : figure(row.observed)} (${row.n} v ${row.nReference})`,
  );
  return judge(rule, firstRelease, {
    kind,
    metric: `${kind}.${worst.feature}`,
    limit,
    direction: "max",
    observed: worst.observed,
    n: Math.min(worst.n, worst.nReference),
    why: worst.why,
    isWithin: worst.verdict === "PASS",
    ...(rows.length > 1 ? { by: "feature", groups: sorted(groups) } : {}),
    detail: `${words.join("; ")}; ${against}`,
  });
}

/** Age of the data, in months. */
export interface FreshnessObservation {
  /** Months between the newest target value and the cutoff; null without any value. */
  readonly age: number | null;
  /** Series with a value in the year to the cutoff, and those of them whose newest is older than allowed. */
  readonly series: number;
  readonly stale: number;
}

export function evaluateFreshness(
  rule: FreshnessRule,
  { age, series, stale }: FreshnessObservation,
  firstRelease: boolean,
): RuleResult {
  const { maxAge, maxStale } = rule.freshness;
  const allowed = monthsOf(maxAge);
  const share = series === 0 ? null : stale / series;
  const isNewEnough = age !== null && age <= allowed;
  const detail =
    age === null
      ? "the target has no value at all"
      : `newest value ${age} months old at the cutoff, limit ${maxAge}; ${stale} of ${series} series have an older one`;
  // The panel's age comes first: when all is old, so is each series.
  if (maxStale === undefined || !isNewEnough) {
    return judge(rule, firstRelease, {
      kind: "freshness",
      metric: "freshness.age",
      observed: age,
      limit: allowed,
      direction: "max",
      n: series,
      why: age === null ? "no-values" : null,
      isWithin: isNewEnough,
      detail,
    });
  }
  return judge(rule, firstRelease, {
    kind: "freshness",
    metric: "freshness.staleShare",
    observed: share,
    limit: maxStale,
    direction: "max",
    n: series,
    why: share === null ? "no-values" : null,
    isWithin: share !== null && share <= maxStale,
    detail,
  });
}

/** `2 months` is 2, `1 quarter` is 3. */
export function monthsOf(age: string): number {
  const [count, unit] = age.split(" ") as [string, string];
  return Number(count) * (unit.startsWith("quarter") ? 3 : 1);
}

function worstOf<T extends { readonly verdict: keyof typeof KS_RANK }>(
  rows: readonly T[],
  size: (row: T) => number,
  rank: typeof KS_RANK,
): T {
  return [...rows].sort((a, b) => rank[b.verdict] - rank[a.verdict] || size(b) - size(a))[0]!;
}

const GROUP_RANK = { FAIL: 2, UNKNOWN: 0, PASS: 1 } as const;

const sorted = (groups: readonly RuleGroup[]): RuleGroup[] =>
  [...groups].sort(
    (a, b) => GROUP_RANK[b.verdict] - GROUP_RANK[a.verdict] || (b.observed ?? 0) - (a.observed ?? 0),
  );
