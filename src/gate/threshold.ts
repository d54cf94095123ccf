import type { AccuracyReport, Scores } from "../kit/artifacts/accuracy.js";
import type { RuleGroup, RuleResult } from "../kit/artifacts/decision.js";
import type { Metric, MetricMap } from "../kit/step.js";
import { evaluateExpression } from "./expression/evaluate.js";
import { parseExpression } from "./expression/parse.js";
import { type Finding, figure, judge, judgeGroups } from "./judge.js";
import { GROUP_MIN_N } from "./min-n.js";
import type { ExprRule, ThresholdRule } from "./rule-params.js";

type Limits = Pick<ThresholdRule, "max" | "min" | "maxAbs">;

interface Limit {
  readonly value: number;
  readonly direction: "max" | "min";
  readonly words: string;
  /** What is compared, and its figure: for `maxAbs` the size. */
  nameOf(metric: string): string;
  shown(observed: number): number;
  isWithin(observed: number): boolean;
  /** Larger is worse. */
  badness(observed: number): number;
}

const AS_IS = { nameOf: (metric: string) => metric, shown: (observed: number) => observed };

function limitOf({ max, min, maxAbs }: Limits): Limit {
  if (max !== undefined) {
    return {
      value: max,
      direction: "max",
      words: `limit max ${figure(max)}`,
      ...AS_IS,
      isWithin: (observed) => observed <= max,
      badness: (observed) => observed,
    };
  }
  if (min !== undefined) {
    return {
      value: min,
      direction: "min",
      words: `limit min ${figure(min)}`,
      ...AS_IS,
      isWithin: (observed) => observed >= min,
      badness: (observed) => -observed,
    };
  }
  return {
    value: maxAbs!,
    direction: "max",
    words: `limit ±${figure(maxAbs!)}`,
    nameOf: (metric) => `|${metric}|`,
    shown: Math.abs,
    isWithin: (observed) => Math.abs(observed) <= maxAbs!,
    badness: Math.abs,
  };
}

export function evaluateThreshold(
  rule: ThresholdRule,
  metrics: MetricMap,
  firstRelease: boolean,
): RuleResult {
  const { value, n, why } = checked(metrics[rule.metric], rule.minN);
  return judge(
    rule,
    firstRelease,
    against(rule, { kind: "threshold", metric: rule.metric, observed: value, n, why }),
  );
}

/** @param accuracy of the step that the metric belongs to; null where the gate has none */
export function evaluateThresholdGroups(
  rule: ThresholdRule,
  by: "segment" | "lead",
  accuracy: AccuracyReport | null,
  firstRelease: boolean,
): RuleResult {
  const limit = limitOf(rule);
  const name = rule.metric.split(".").at(-1) as "wmape" | "mase" | "bias";
  const rows = (by === "segment" ? accuracy?.bySegment : accuracy?.byLead) ?? [];
  const groups = rows.map((row): RuleGroup => {
    const noScore = name === "mase" ? "no-scale" : "zero-actuals";
    const why = row.n === 0 ? "no-pairs" : noScore;
    const metric = checked({ value: row[name], n: row.n, why }, rule.minN ?? GROUP_MIN_N);
    return {
      key: row.key,
      verdict: metric.value === null ? "UNKNOWN" : limit.isWithin(metric.value) ? "PASS" : "FAIL",
      observed: metric.value === null ? null : limit.shown(metric.value),
      n: row.n,
      pAdjusted: null,
      interval: null,
      why: metric.why,
    };
  });
  const about = {
    kind: "threshold",
    metric: limit.nameOf(rule.metric),
    limit: limit.value,
    direction: limit.direction,
    by,
  } as const;
  const badness = ({ observed }: RuleGroup) =>
    observed === null ? Number.NEGATIVE_INFINITY : limit.badness(observed);
  return judgeGroups(rule, firstRelease, about, groups, badness, whyNone(accuracy));
}

/** Why there is no group at all, in the words of the metrics; null where there are pairs. */
function whyNone(accuracy: AccuracyReport | null): string | null {
  if (accuracy === null) return "not-measured";
  if (accuracy.snapshots.length === 0) return "no-live-snapshot";
  return (accuracy.total satisfies Scores).n === 0 ? "no-pairs" : null;
}

export function evaluateExpr(rule: ExprRule, metrics: MetricMap, firstRelease: boolean): RuleResult {
  const found = evaluateExpression(parseExpression(rule.expr), metrics);
  const { value, n, why } = checked(
    { value: found.value, ...(found.n === null ? {} : { n: found.n }), why: found.why ?? "not-measured" },
    rule.minN,
  );
  const finding = against(rule, { kind: "expr", metric: rule.expr, observed: value, n, why });
  const used = found.used
    .map((metric) => `${metric.path} ${metric.value === null ? "unknown" : figure(metric.value)}`)
    .join(", ");
  return judge(rule, firstRelease, { ...finding, detail: `${finding.detail}; ${used}` });
}

/** The metric as it may be judged: NaN, and a figure of too few observations, become null with the reason. */
function checked(
  metric: Metric | undefined,
  minN = 1,
): { value: number | null; n: number | null; why: string | null } {
  const n = metric?.n ?? null;
  const value = metric?.value ?? null;
  if (value === null) return { value, n, why: metric?.why ?? "not-measured" };
  if (!Number.isFinite(value)) return { value: null, n, why: "not-a-number" };
  if (minN > 1 && (n === null || n < minN)) return { value: null, n, why: "too-few-values" };
  return { value, n, why: null };
}

function against(rule: Limits, found: Pick<Finding, "kind" | "metric" | "observed" | "n" | "why">): Finding {
  const limit = limitOf(rule);
  const { metric, observed } = found;
  return {
    ...found,
    metric: limit.nameOf(metric),
    observed: observed === null ? null : limit.shown(observed),
    limit: limit.value,
    direction: limit.direction,
    isWithin: observed !== null && limit.isWithin(observed),
    detail: `${metric} ${observed === null ? "could not be measured" : figure(observed)}, ${limit.words}`,
  };
}
