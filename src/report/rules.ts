import type { RuleResult } from "../kit/artifacts/decision.js";
import { ownValue } from "../kit/own-value.js";
import { count, decimal, figure, percent, points, pValue, signedDecimal, signedPercent } from "./format.js";

/** Gate rules in words. The unit of a figure follows from its metric's name, without the step id in front. */

const SHARE = /(wmape|share|revision|coverage)$/i;

/** A figure of a metric, e.g. `accuracy.wmape` 0.112 → `11.2%`, `train.cv.mase` 0.91 → `0.910`. */
export function metricFigure(metric: string, value: number | null): string {
  const isSize = metric.startsWith("|");
  const path = metric.replaceAll("|", "").split(".").slice(1);
  const name = path.at(-1) ?? "";
  if (SHARE.test(name) || path.includes("wmape") || path.includes("coverage")) return percent(value);
  if (name === "bias") return isSize ? percent(value) : signedPercent(value);
  if (name === "mase" || name === "statistic") return decimal(value, 3);
  if (name === "pAdjusted") return pValue(value);
  return figure(value);
}

/** A figure of a rule, observed or limit. What is compared with the champion is a difference. */
export function ruleFigure(rule: RuleResult, value: number | null): string {
  switch (rule.kind) {
    case "champion":
      if (rule.metric.startsWith("champion.relative.")) return signedPercent(value);
      return SHARE.test(rule.metric) ? points(value) : signedDecimal(value, 3);
    case "ks":
    case "psi":
      return decimal(value, 3);
    case "missing":
      return points(value);
    case "freshness":
      return rule.metric === "freshness.age" ? months(value) : percent(value);
    case "expr":
      return figure(value);
    case "limits":
      return count(value);
    case "threshold":
    case "order":
      return metricFigure(rule.metric, value);
  }
}

/** `at most 20.0%`; empty where the rule has no limit. */
export const limitWords = (rule: RuleResult): string =>
  rule.limit === null
    ? ""
    : `${rule.direction === "max" ? "at most" : "at least"} ${ruleFigure(rule, rule.limit)}`;

/** What the rule looked at, e.g. `accuracy.wmape`, or `wmape against the champion`. */
export function ruleSubject(rule: RuleResult): string {
  switch (rule.kind) {
    case "champion":
      return rule.metric.startsWith("champion.relative.")
        ? `${rule.metric.replace(/^champion\.relative\./, "")} relative to the champion`
        : `${rule.metric.replace(/^champion\./, "")} against the champion`;
    case "ks":
      return `KS distance of ${rule.metric.replace(/^ks\./, "")}`;
    case "psi":
      return `PSI of ${rule.metric.replace(/^psi\./, "")}`;
    case "missing":
      return `increase of missing values of ${rule.metric.replace(/^missing\./, "")}`;
    case "freshness":
      return rule.metric === "freshness.age" ? "age of the data" : "share of series with old data";
    case "threshold":
      return rule.metric.replace(/^\|(.*)\|$/, "size of $1");
    case "expr":
      return rule.metric;
    case "limits":
      return "limits that were loosened";
    case "order":
      return "order of releases";
  }
}

/** Why there is no figure, or why a release is out of order; null where the figure says it all. */
export function ruleReason(rule: RuleResult): string | null {
  if (rule.kind === "order" || rule.kind === "limits") return rule.detail;
  return rule.why === null ? null : whyWords(rule.why);
}

/** One sentence without a full stop: `accuracy.wmape is 23.1%, allowed is at most 20.0% (n 180)` */
export function ruleSentence(rule: RuleResult): string {
  if (rule.kind === "order" || rule.kind === "limits") return rule.detail;
  const subject = ruleSubject(rule);
  if (rule.observed === null) {
    const reason = ruleReason(rule);
    return `${subject} could not be measured${reason === null ? "" : `: ${reason}`}`;
  }
  const n = rule.n === null ? "" : ` (n ${count(rule.n)})`;
  const limit = limitWords(rule);
  const groups = rule.by === null ? "" : worstWords(rule, rule.by);
  return `${subject}${groups} is ${ruleFigure(rule, rule.observed)}${limit === "" ? "" : `, allowed is ${limit}`}${n}`;
}

const months = (value: number | null): string =>
  value === null ? figure(value) : `${figure(value)} month${value === 1 ? "" : "s"}`;

/** ` in segment north, the worst of 12,`; empty where the groups are features, which the subject names. */
function worstWords({ groups }: RuleResult, by: NonNullable<RuleResult["by"]>): string {
  const worst = groups.find(({ verdict }) => verdict !== "UNKNOWN");
  if (by === "feature" || worst === undefined) return "";
  return ` at ${by} ${worst.key}, the worst of ${groups.length},`;
}

const WHY: Readonly<Record<string, string>> = {
  "actuals-all-zero": "the actuals are all zero",
  "below-min-share": "every segment is smaller than the share that counts",
  "champion-has-no-error": "the champion's score is zero, so there is no relative change",
  "champion-frequency": "the champion forecasts another frequency",
  "champion-missing": "what was live is not there",
  "champion-damaged": "the registry holds other bytes of it than were registered",
  "champion-has-no-model":
    "the champion was registered by other means, and has no model that could be called",
  "champion-horizon": "the champion's horizon is shorter than the quarter",
  "champion-no-holdout":
    "the champion was trained on this quarter's rows, and the run with what it forecast of them before is not there",
  "champion-saw-the-quarter": "the champion was trained on this quarter's rows",
  "division-by-zero": "it divides by zero",
  "first-release": "this is the model's first release",
  "no-champion": "the alias names no version yet, so there is no champion to compare with",
  "no-common-rows": "champion and candidate forecast no series and period in common",
  "no-cv-pairs": "cross-validation has no forecast with an actual",
  "no-groups": "there are no groups to judge",
  "no-history": "there is no earlier season to take the naive forecast from",
  "no-holdout": "no series is long enough to hold this quarter out",
  "no-interval": "there are too few series for an interval",
  "no-live-snapshot": "the live model left no snapshot that covers these periods",
  "no-overlap": "the two outlooks have no period in common",
  "no-pairs": "no forecast and actual belong to the same series and period",
  "no-previous-segments": "there are no segments of last quarter",
  "no-previous-run": "no earlier quarter left a run to compare with",
  "no-rows-kept": "the run of the quarter before kept no rows to compare with",
  "no-reference": "the reference period has no rows",
  "no-scale": "no series varies enough to scale its error",
  "no-series-in-common": "no series is in both quarters",
  "no-series-varies": "no series varies enough to scale its error",
  "no-values": "the feature has no values on one side",
  "not-a-number": "a figure behind it is not a number",
  "not-measured": "no step of this run measured it",
  "too-few-quarters": "there are too few past quarters to say what is ordinary (`guard: series` needs none)",
  "too-few-rows": "there are too few rows on one side",
  "too-few-values": "too few values stand behind it",
  "zero-actuals": "the actuals add up to zero",
  "zero-before": "the earlier outlook was zero",
};

/** Words for the machine word of an UNKNOWN or of an excuse. An unlisted one is shown with spaces for hyphens. */
export const whyWords = (why: string): string => ownValue(WHY, why) ?? why.replace(/-/g, " ");

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
