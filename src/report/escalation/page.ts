import type { RuleResult } from "../../kit/artifacts/decision.js";
import { compact, count, decimal, list, percent, plural, pValue, signedPercent } from "../format.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "../rules.js";
import { VERDICT_WORDS } from "../verdict.js";
import type { ErrorShare, Escalation } from "./escalation.js";

/** What an escalation says, in reading order. Markdown, terminal and HTML only lay it out. */
export interface EscalationPage {
  readonly title: string;
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  readonly sections: readonly PageSection[];
  readonly commands: Escalation["next"];
  readonly files: Escalation["files"];
  /** Run and decision, for whoever follows up. */
  readonly footer: string;
}

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
    sections: [
      ...rulesSection("Rules that failed", rules.failed),
      ...unknownSection(rules.unknown),
      ...rulesSection("Rules that only warn", rules.warnings),
      ...errorSection("Segments with the most error", "Segment", escalation, causes.segments),
      ...errorSection("Series with the most error", "Series", escalation, causes.series),
      ...errorSection("Error by period", "Period", escalation, causes.periods),
      ...driftSection(causes.drifted),
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

const rulesSection = (title: string, rules: readonly RuleResult[]): PageSection[] =>
  unlessEmpty({
    title,
    note: null,
    columns: [text("Rule"), text("Measured"), number("Observed"), number("Limit"), number("n")],
    rows: rules.map((rule) => [
      rule.id,
      ruleReason(rule) === null ? ruleSubject(rule) : `${ruleSubject(rule)}: ${ruleReason(rule)}`,
      ruleFigure(rule, rule.observed),
      limitWords(rule),
      count(rule.n),
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

const driftSection = (rows: Escalation["causes"]["drifted"]): PageSection[] =>
  unlessEmpty({
    title: "Features that drifted",
    note: moreNote(rows),
    columns: [
      text("Feature"),
      text("Against"),
      number("KS distance"),
      number("p, corrected"),
      number("n"),
      number("n before"),
      text(""),
    ],
    rows: top(rows).map((row) => [
      row.feature,
      row.reference,
      decimal(row.statistic, 3),
      pValue(row.pAdjusted),
      count(row.n),
      count(row.nReference),
      row.verdict === "FAIL" ? "fails" : "warns",
    ]),
  });

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
