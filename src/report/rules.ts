import type { RuleResult } from "../kit/artifacts/decision.js";
import { count, DASH, decimal, figure, percent, points, signedPercent } from "./format.js";

/** Gate rules in words. The unit of a figure follows from the last segment of its metric's name. */

const SHARE = /(wmape|smape|rate|share|coverage)$/i;
const CHANGE = /(bias|revision|change)$/i;

/** A figure of a metric, e.g. `accuracy.wmape` 0.112 → `11.2%`, `train.cv.mase` 0.91 → `0.910`. */
export function metricFigure(metric: string, value: number | null): string {
  if (value === null) return DASH;
  const name = metric.slice(metric.lastIndexOf(".") + 1);
  if (SHARE.test(name)) return percent(value);
  if (CHANGE.test(name)) return signedPercent(value);
  if (/^(mase|statistic|p|pAdjusted)$/.test(name)) return decimal(value, 3);
  return figure(value);
}

/** A figure of a rule, observed or limit. What is compared with the champion is a difference. */
export function ruleFigure(rule: RuleResult, value: number | null): string {
  if (value === null) return DASH;
  switch (rule.kind) {
    case "champion":
      return SHARE.test(rule.metric) ? points(value) : figure(value);
    case "ks":
      return decimal(value, 3);
    case "threshold":
    case "order":
      return metricFigure(rule.metric, value).replace(/^\+/, "");
  }
}

/** `at most 20.0%`; empty where the rule has no limit. */
export const limitWords = (rule: RuleResult): string =>
  rule.limit === null
    ? ""
    : `${rule.direction === "max" ? "at most" : "at least"} ${ruleFigure(rule, rule.limit)}`;

/** What the rule measured, e.g. `accuracy.wmape`, or `wmape against the champion`. */
export function ruleSubject(rule: RuleResult): string {
  switch (rule.kind) {
    case "champion":
      return `${rule.metric} against the champion`;
    case "ks":
      return `KS distance of ${rule.metric}`;
    case "threshold":
    case "order":
      return rule.metric;
  }
}

/** One sentence without a full stop: `accuracy.wmape is 23.1%, allowed is at most 20.0% (n 912)` */
export function ruleSentence(rule: RuleResult): string {
  const subject = ruleSubject(rule);
  const n = rule.n === null ? "" : ` (n ${count(rule.n)})`;
  if (rule.observed === null) {
    const reason = rule.why === null ? "" : `: ${whyWords(rule.why)}`;
    return `${subject} could not be measured${reason}${n}`;
  }
  const limit = limitWords(rule);
  return `${subject} is ${ruleFigure(rule, rule.observed)}${limit === "" ? "" : `, allowed is ${limit}`}${n}`;
}

const WHY: Readonly<Record<string, string>> = {
  "no-live-snapshot": "the live model left no snapshot that covers this quarter",
  "no-snapshot": "there is no earlier snapshot to compare with",
  "no-champion": "the alias names no version yet, so there is no champion to compare with",
  "no-pairs": "no forecast and actual belong to the same series and period",
  "zero-actuals": "the actuals add up to zero",
  "too-few-rows": "there are too few rows on one side",
  "no-reference": "the reference period has no rows",
  "not-measured": "no step of this run measured it",
  "first-release": "this is the model's first release",
};

/** Words for the machine word of an UNKNOWN or of an excuse. An unlisted one is shown with spaces for hyphens. */
export const whyWords = (why: string): string => WHY[why] ?? why.replace(/-/g, " ");

export interface SortedRules {
  /** FAIL and stops the promotion. */
  readonly failed: readonly RuleResult[];
  /** UNKNOWN and stops the promotion. */
  readonly unknown: readonly RuleResult[];
  /** FAIL or UNKNOWN that does not stop the promotion. */
  readonly warnings: readonly RuleResult[];
  readonly passed: readonly RuleResult[];
}

/** In the order of the runbook. */
export const sortRules = (rules: readonly RuleResult[]): SortedRules => ({
  failed: rules.filter(({ verdict, blocks }) => verdict === "FAIL" && blocks),
  unknown: rules.filter(({ verdict, blocks }) => verdict === "UNKNOWN" && blocks),
  warnings: rules.filter(({ verdict, blocks }) => verdict !== "PASS" && !blocks),
  passed: rules.filter(({ verdict }) => verdict === "PASS"),
});
