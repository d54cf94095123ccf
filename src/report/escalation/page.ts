import type { RuleResult } from "../../kit/artifacts/decision.js";
import {
  compact,
  count,
  DASH,
  decimal,
  figure,
  list,
  percent,
  plural,
  pValue,
  signedPercent,
} from "../format.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "../rules.js";
import { VERDICT_WORDS } from "../verdict.js";
import { strengthOf } from "./cause-words.js";
import type { ErrorShare, Escalation } from "./escalation.js";

/** What an escalation says, in reading order. Markdown, terminal and HTML only lay it out. */
export interface EscalationPage {
  readonly title: string;
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  readonly causes: readonly PageCause[];
  readonly sections: readonly PageSection[];
  readonly commands: Escalation["next"];
  readonly files: Escalation["files"];
  /** Run and decision, for whoever follows up. */
  readonly footer: string;
}

export interface PageCause {
  readonly title: string;
  readonly strength: ReturnType<typeof strengthOf>;
  readonly evidence: readonly string[];
}

/** Heading of the causes, and what stands there when there are none. */
export const CAUSES_TITLE = "Likely causes";
export const NO_CAUSE = "Nothing stands out in the data: no cause that is looked for fits this quarter.";

export interface PageSection {
  readonly title: string;
  readonly note: string | null;
  readonly columns: readonly { readonly label: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows that a page shows of one table; `escalation.json` and the report have all of them. */
const TOP = 5;

export function escalationPage(escalation: Escalation): EscalationPage {
  const { rules, causes } = escalation;
  return {
    title: `${VERDICT_WORDS[escalation.verdict].title}: ${escalation.model} ${escalation.quarter}`,
    answers: [
      { question: "Do I have to do something now?", answer: escalation.now },
      { question: "What stays live?", answer: escalation.stays },
      { question: "Why?", answer: escalation.why },
    ],
    causes: escalation.diagnosis
      .slice(0, TOP)
      .map(({ title, evidence, score }) => ({ title, strength: strengthOf(score), evidence })),
    sections: [
      ...rulesSection("Rules that failed", rules.failed),
      ...unknownSection(rules.unknown),
      ...rulesSection("Rules that only warn", rules.warnings),
      ...loosenedSection(escalation.loosened),
      ...overridesSection(escalation.overrides),
      ...errorSection("Segments with the most error", "Segment", escalation, causes.segments),
      ...errorSection("Series with the most error", "Series", escalation, causes.series),
      ...errorSection("Error by period", "Period", escalation, causes.periods),
      ...driftSection(escalation),
      ...revisedSection(causes.revised),
      ...dataSection(escalation),
      ...weakSection(causes.weakSegments),
    ],
    commands: escalation.next,
    files: escalation.files,
    footer: `Run ${escalation.run}, cutoff ${escalation.cutoff}, candidate version ${escalation.candidate}, decision ${escalation.decision}, runbook ${escalation.runbook}.`,
  };
}

const text = (label: string) => ({ label, numeric: false });
const number = (label: string) => ({ label, numeric: true });

/** No section at all where there is nothing to say: the page must be read in a minute. */
const unlessEmpty = (section: PageSection): PageSection[] => (section.rows.length === 0 ? [] : [section]);

const top = <T>(rows: readonly T[]): readonly T[] => rows.slice(0, TOP);

function moreNote(rows: readonly unknown[]): string | null {
  return rows.length > TOP ? `${plural(rows.length - TOP, "more row")} in the report.` : null;
}

const rulesSection = (title: string, rules: readonly RuleResult[]): PageSection[] => {
  const withInterval = rules.some(({ interval }) => interval !== null);
  return unlessEmpty({
    title,
    note: null,
    columns: [
      text("Rule"),
      text("Measured"),
      number("Observed"),
      ...(withInterval ? [number("Interval")] : []),
      number("Limit"),
      number("n"),
    ],
    rows: rules.flatMap((rule) => [
      [
        rule.id,
        ruleReason(rule) === null ? ruleSubject(rule) : `${ruleSubject(rule)}: ${ruleReason(rule)}`,
        ruleFigure(rule, rule.observed),
        ...(withInterval ? [intervalWords(rule, rule.interval)] : []),
        limitWords(rule),
        count(rule.n),
      ],
      ...failedGroups(rule).map(({ key, observed, interval, n }) => [
        rule.id,
        `${rule.by} ${key}`,
        ruleFigure(rule, observed),
        ...(withInterval ? [intervalWords(rule, interval)] : []),
        "",
        count(n),
      ]),
    ]),
  });
};

/** Groups behind a failed rule, the worst first. */
export const failedGroups = ({ groups }: RuleResult): RuleResult["groups"] =>
  groups.filter(({ verdict }) => verdict === "FAIL").slice(0, TOP);

/** `18.2% to 31.0% (90%)`; a dash where there is none. */
export const intervalWords = (rule: RuleResult, interval: RuleResult["interval"]): string =>
  interval === null
    ? DASH
    : `${ruleFigure(rule, interval.lo)} to ${ruleFigure(rule, interval.hi)} (${percent(interval.level, 0)})`;

const loosenedSection = (rows: Escalation["loosened"]): PageSection[] =>
  unlessEmpty({
    title: "Limits that were loosened since last quarter",
    note: null,
    columns: [text("Rule"), text("What"), number("Before"), number("Now")],
    rows: rows.map(({ rule, what, before, now }) => [rule, what, figure(before), figure(now)]),
  });

const overridesSection = (rows: Escalation["overrides"]): PageSection[] =>
  unlessEmpty({
    title: "Approvals that override failed rules",
    note: null,
    columns: [text("Quarter"), text("Rules"), text("By"), text("Expires")],
    rows: rows.map(({ quarter, rules, by, expires, expired }) => [
      quarter ?? DASH,
      list(rules),
      by,
      expires === null ? DASH : expired ? `${expires}, over` : expires,
    ]),
  });

const unknownSection = (rules: readonly RuleResult[]): PageSection[] =>
  unlessEmpty({
    title: "Rules that could not be checked",
    note: "What cannot be measured does not pass.",
    columns: [text("Rule"), text("Measures"), text("Why there is no figure"), number("Limit")],
    rows: rules.map((rule) => [
      rule.id,
      ruleSubject(rule),
      ruleReason(rule) ?? rule.detail,
      limitWords(rule),
    ]),
  });

function errorSection(
  title: string,
  label: string,
  { causes: { wmapeLimit } }: Escalation,
  rows: readonly ErrorShare[],
): PageSection[] {
  // The accuracy report lists only the worst series, so their shares are of what is listed.
  const among = label === "Series" ? ", shared among the worst series" : "";
  const withSegment = rows.some(({ segment }) => segment !== null);
  const withExcess = rows.some(({ excessShare }) => excessShare !== null);
  const notes = [
    ...(withExcess ? [`Excess is the error above the limit of ${percent(wmapeLimit)}${among}.`] : []),
    ...(moreNote(rows) === null ? [] : [moreNote(rows)!]),
  ];
  return unlessEmpty({
    title,
    note: notes.length === 0 ? null : notes.join(" "),
    columns: [
      text(label),
      ...(withSegment ? [text("Segment")] : []),
      number("WMAPE"),
      number("Bias"),
      number("Share of error"),
      ...(withExcess ? [number("Share of excess")] : []),
      number("n"),
    ],
    rows: top(rows).map((row) => [
      row.key,
      ...(withSegment ? [row.segment ?? ""] : []),
      percent(row.wmape),
      signedPercent(row.bias),
      percent(row.share),
      ...(withExcess ? [percent(row.excessShare)] : []),
      count(row.n),
    ]),
  });
}

const driftSection = ({ causes: { drifted }, distributions }: Escalation): PageSection[] => {
  const shapes = new Map(distributions.map((distribution) => [distribution.feature, distribution]));
  return unlessEmpty({
    title: "Features that drifted",
    note: moreNote(drifted),
    columns: [
      text("Feature"),
      text("Against"),
      number("KS distance"),
      number("p, corrected"),
      number("n"),
      number("n before"),
      text(""),
      ...(shapes.size === 0 ? [] : [number("Median then"), number("Median now"), text("Then"), text("Now")]),
    ],
    rows: top(drifted).map((row) => {
      const shape = shapes.get(row.feature);
      return [
        row.feature,
        row.reference,
        decimal(row.statistic, 3),
        pValue(row.pAdjusted),
        count(row.n),
        count(row.nReference),
        row.verdict === "FAIL" ? "fails" : "warns",
        ...(shape === undefined
          ? []
          : [
              compact(shape.medianBefore),
              compact(shape.median),
              sparks(shape.before, shape),
              sparks(shape.now, shape),
            ]),
      ];
    }),
  });
};

const LEVELS = "▁▂▃▄▅▆▇█";

/** Shares as bars of text, both sides of a distribution on one scale. */
function sparks(shares: readonly number[], { before, now }: Escalation["distributions"][number]): string {
  const most = Math.max(...before, ...now);
  return shares.map((share) => LEVELS[Math.round((share / most) * (LEVELS.length - 1))]).join("");
}

const revisedSection = (rows: Escalation["causes"]["revised"]): PageSection[] =>
  unlessEmpty({
    title: "Periods that the new outlook revises",
    note: moreNote(rows),
    columns: [text("Period"), number("Before"), number("After"), number("Revision"), number("Series")],
    rows: top(rows).map((row) => [
      row.period,
      compact(row.before),
      compact(row.after),
      signedPercent(row.revision),
      count(row.series),
    ]),
  });

const dataSection = ({ causes: { checks, lostSeries } }: Escalation): PageSection[] =>
  unlessEmpty({
    title: "Data checks that did not pass",
    note: null,
    columns: [text("Check"), text("Result"), number("Count"), text("What was found")],
    rows: [
      ...checks.map(({ id, status, count: n, detail }) => [
        id,
        status === "fail" ? "fails" : "warns",
        count(n),
        detail,
      ]),
      ...(lostSeries.length === 0
        ? []
        : [["series lost", "note", count(lostSeries.length), someOf(lostSeries)]]),
    ],
  });

const weakSection = (rows: Escalation["causes"]["weakSegments"]): PageSection[] =>
  unlessEmpty({
    title: "Segments where the candidate is no better than the seasonal naive",
    note: moreNote(rows),
    columns: [text("Segment"), text("Learner"), number("CV WMAPE"), number("Naive")],
    rows: top(rows).map((row) => [row.segment, row.chosen, percent(row.wmape), percent(row.naiveWmape)]),
  });

/** `a, b and 3 more` */
const someOf = (names: readonly string[], most = 8): string =>
  names.length <= most
    ? list(names)
    : `${names.slice(0, most).join(", ")} and ${count(names.length - most)} more`;
