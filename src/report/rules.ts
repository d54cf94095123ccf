import type { RuleResult } from "../kit/artifacts/decision.js";
import { ownValue } from "../kit/own-value.js";
import { digitsOf, digitsToTell } from "../kit/told-apart.js";
import { count, decimal, figure, percent, points, pValue, signedDecimal, signedPercent } from "./format.js";

/** Gate rules in words. The unit of a figure follows from its metric's name, without the step id in front. */

const SHARE = /(wmape|share|revision|coverage)$/i;

/** How figures of one kind are written, and with how many digits behind the point where that is enough. */
interface Form {
  readonly digits: number;
  readonly write: (value: number | null, digits: number) => string;
  /** Digits that show a limit as it was typed. */
  readonly typed: (limit: number) => number;
}

/** A limit with more digits behind the point was calculated, not typed. */
const MOST_TYPED = 6;

const form = (digits: number, write: Form["write"], scale = 1): Form => ({
  digits,
  write,
  typed: (limit) => Math.min(MOST_TYPED, digitsOf(limit * scale)),
});

const PERCENT = form(1, percent, 100);
const SIGNED_PERCENT = form(1, signedPercent, 100);
const POINTS = form(1, points, 100);
const DECIMAL = form(3, decimal);
const SIGNED_DECIMAL = form(3, signedDecimal);
/** With no more digits than it takes. */
const FIGURE: Form = {
  digits: 0,
  write: (value, digits) => (digits === 0 ? figure(value) : decimal(value, digits)),
  typed: (limit) => (limit === Number(figureValue(limit)) ? 0 : Math.min(MOST_TYPED, digitsOf(limit))),
};
/** The number that `figure` shows. */
const figureValue = (value: number): string =>
  Math.abs(value) < 1000 ? value.toPrecision(4) : value.toFixed(0);

const MONTHS: Form = {
  ...FIGURE,
  write: (value, digits) =>
    `${FIGURE.write(value, digits)}${value === null ? "" : ` month${value === 1 ? "" : "s"}`}`,
};

function formOfMetric(metric: string): Form {
  const isSize = metric.startsWith("|");
  const path = metric.replaceAll("|", "").split(".").slice(1);
  const name = path.at(-1) ?? "";
  if (SHARE.test(name) || path.includes("wmape") || path.includes("coverage")) return PERCENT;
  if (name === "bias") return isSize ? PERCENT : SIGNED_PERCENT;
  if (name === "mase" || name === "statistic") return DECIMAL;
  return name === "pAdjusted" ? form(4, pValue) : FIGURE;
}

/** A figure of a metric, e.g. `accuracy.wmape` 0.112 → `11.2%`, `train.cv.mase` 0.91 → `0.910`. */
export function metricFigure(metric: string, value: number | null): string {
  const { write, digits } = formOfMetric(metric);
  return write(value, digits);
}

/** What the form of a rule's figures follows from. */
type FigureOf = Pick<RuleResult, "kind" | "metric" | "limit" | "observed">;

/** What is compared with the champion is a difference. */
function formOf({ kind, metric }: FigureOf): Form {
  switch (kind) {
    case "champion":
      if (metric.startsWith("champion.relative.")) return SIGNED_PERCENT;
      return SHARE.test(metric) ? POINTS : SIGNED_DECIMAL;
    case "ks":
    case "psi":
      return DECIMAL;
    case "missing":
      return POINTS;
    case "freshness":
      return metric === "freshness.age" ? MONTHS : PERCENT;
    case "expr":
    case "limits":
      return FIGURE;
    case "threshold":
    case "order":
      return formOfMetric(metric);
  }
}

/** A figure of a rule, observed or limit: with the digits that the limit was typed with, and that tell the figure from it where they differ. */
export function ruleFigure(rule: FigureOf, value: number | null): string {
  const { digits, write, typed } = formOf(rule);
  if (value === null || !Number.isFinite(value)) return write(value, digits);
  const { limit, observed } = rule;
  // One that is not zero does not look like zero either, unless it is said to be less than something.
  const zero = write(0, digits).startsWith("<") ? null : 0;
  const shown = [value, limit, observed, zero].filter((number) => number !== null);
  const usual = limit === null ? digits : Math.max(digits, typed(limit));
  return write(value, digitsToTell(shown, usual, write));
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
