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
import { bar, cards, dim, note, numberColumn, PICTURES, table, textColumn } from "../page/make.js";
import type { Block, Cell } from "../page/model.js";
import { BOTH_CONDITIONS, intervalWords, limitCell, observedCell } from "../rule-cells.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "../rules.js";
import type { ErrorShare, Escalation } from "./escalation.js";

/** Rows that a page shows of one table; `escalation.json` and the report have all of them. */
export const TOP = 5;

const top = <T>(rows: readonly T[]): readonly T[] => rows.slice(0, TOP);

/** A caption that says what is left out. */
const captionOf = (text: string, rows: readonly unknown[]): string =>
  rows.length > TOP ? `${text} (${plural(rows.length - TOP, "more row")} in the report)` : text;

const unlessEmpty = (rows: readonly unknown[], ...blocks: readonly (Block | readonly Block[])[]): Block[] =>
  rows.length === 0 ? [] : blocks.flat();

/** Each rule, and below it the groups that failed. */
export function ruleTable(caption: string, rules: readonly RuleResult[]): Block[] {
  const hasInterval = rules.some(({ interval }) => interval !== null);
  const rows = rules.flatMap((rule): Cell[][] => [
    [
      rule.id,
      ruleReason(rule) === null ? ruleSubject(rule) : `${ruleSubject(rule)}: ${ruleReason(rule)}`,
      observedCell(rule),
      ...(hasInterval ? [intervalWords(rule, rule.interval)] : []),
      limitCell(rule),
      count(rule.n),
    ],
    ...failedGroups(rule).map(({ key, observed, interval, n }) => [
      rule.id,
      `${rule.by} ${key}`,
      ruleFigure(rule, observed),
      ...(hasInterval ? [intervalWords(rule, interval)] : []),
      "",
      count(n),
    ]),
  ]);
  return unlessEmpty(
    rows,
    cards(
      caption,
      [
        textColumn("Rule"),
        textColumn("Measured"),
        numberColumn("Observed"),
        ...(hasInterval ? [numberColumn("Interval")] : []),
        numberColumn("Limit"),
        numberColumn("n"),
      ],
      rows,
    ),
    rules.some(({ drift }) => drift !== undefined) ? [note(BOTH_CONDITIONS)] : [],
  );
}

/** Groups behind a failed rule, the worst first. */
const failedGroups = ({ groups }: RuleResult): RuleResult["groups"] =>
  top(groups.filter(({ verdict }) => verdict === "FAIL")) as RuleResult["groups"];

export const unknownTable = (rules: readonly RuleResult[]): Block[] =>
  unlessEmpty(
    rules,
    cards(
      "What cannot be measured does not pass.",
      [
        textColumn("Rule"),
        textColumn("Measures"),
        textColumn("Why there is no figure"),
        numberColumn("Limit"),
      ],
      rules.map((rule) => [rule.id, ruleSubject(rule), ruleReason(rule) ?? rule.detail, limitWords(rule)]),
    ),
  );

export const loosenedTable = (rows: Escalation["loosened"]): Block[] =>
  unlessEmpty(
    rows,
    table(
      "Limits that were loosened since last quarter",
      [textColumn("Rule"), textColumn("What"), numberColumn("Before"), numberColumn("Now")],
      rows.map(({ rule, what, before, now }) => [rule, what, figure(before), figure(now)]),
    ),
  );

export const overridesTable = (rows: Escalation["overrides"]): Block[] =>
  unlessEmpty(
    rows,
    table(
      "Approvals that override failed rules",
      [textColumn("Quarter"), textColumn("Rules"), textColumn("By"), textColumn("Expires")],
      rows.map(({ quarter, rules, by, expires, expired }) => [
        quarter ?? DASH,
        list(rules),
        by,
        expires === null ? DASH : expired ? `${expires}, over` : expires,
      ]),
    ),
  );

/** Where the error is, the most first; the bar is the share of the excess, where there is one. */
export function errorTable(caption: string, label: string, rows: readonly ErrorShare[]): Block[] {
  const hasSegment = rows.some(({ segment }) => segment !== null);
  const hasExcess = rows.some(({ excessShare }) => excessShare !== null);
  return unlessEmpty(
    rows,
    table(
      captionOf(caption, rows),
      [
        textColumn(label),
        PICTURES,
        ...(hasSegment ? [textColumn("Segment")] : []),
        numberColumn("WMAPE"),
        numberColumn("Bias"),
        numberColumn("Share of error"),
        ...(hasExcess ? [numberColumn("Share of excess")] : []),
        numberColumn("n"),
      ],
      top(rows).map((row): Cell[] => [
        row.name === undefined ? row.key : [row.name, " ", dim(row.key)],
        bar("bad", hasExcess ? (row.excessShare ?? 0) : row.share),
        ...(hasSegment ? [row.segment ?? ""] : []),
        percent(row.wmape),
        signedPercent(row.bias),
        percent(row.share),
        ...(hasExcess ? [percent(row.excessShare)] : []),
        count(row.n),
      ]),
    ),
  );
}

export function driftTable({ causes: { drifted, driftTest }, distributions }: Escalation): Block[] {
  const shapes = new Map(distributions.map((distribution) => [distribution.feature, distribution]));
  const limit = (value: number | undefined) => (value === undefined ? [] : [decimal(value, 3)]);
  return unlessEmpty(
    drifted,
    cards(
      captionOf("Distances of the quarter's distribution to the reference's", drifted),
      [
        textColumn("Feature"),
        textColumn("Against"),
        numberColumn("KS distance"),
        ...(driftTest === null ? [] : [numberColumn("Limit")]),
        numberColumn("p, corrected"),
        ...(driftTest === null ? [] : [numberColumn("Alpha")]),
        numberColumn("n"),
        numberColumn("n before"),
        textColumn("Result"),
        ...(shapes.size === 0
          ? []
          : [numberColumn("Median then"), numberColumn("Median now"), textColumn("Then"), textColumn("Now")]),
      ],
      top(drifted).map((row) => {
        const shape = shapes.get(row.feature);
        return [
          row.feature,
          row.reference,
          decimal(row.statistic, 3),
          ...limit(driftTest?.statistic),
          pValue(row.pAdjusted),
          ...limit(driftTest?.alpha),
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
    ),
    note(BOTH_CONDITIONS),
  );
}

const LEVELS = "▁▂▃▄▅▆▇█";

/** Shares as bars of text, both sides of a distribution on one scale. */
function sparks(shares: readonly number[], { before, now }: Escalation["distributions"][number]): string {
  const most = Math.max(...before, ...now);
  return shares.map((share) => LEVELS[Math.round((share / most) * (LEVELS.length - 1))]).join("");
}

export const revisedTable = (rows: Escalation["causes"]["revised"]): Block[] =>
  unlessEmpty(
    rows,
    table(
      captionOf("Periods that the new outlook revises, the most first; + is above the earlier outlook", rows),
      [textColumn("Period"), ...["Before", "After", "Revision", "Series"].map(numberColumn)],
      top(rows).map((row) => [
        row.period,
        compact(row.before),
        compact(row.after),
        signedPercent(row.revision),
        count(row.series),
      ]),
    ),
  );

export function checksTable({ checks, lostSeries }: Escalation["causes"]): Block[] {
  const rows = [
    ...checks.map(({ id, status, count: n, detail }) => [
      id,
      status === "fail" ? "fails" : "warns",
      count(n),
      detail,
    ]),
    ...(lostSeries.length === 0
      ? []
      : [["series lost", "note", count(lostSeries.length), someOf(lostSeries)]]),
  ];
  return unlessEmpty(
    rows,
    cards(
      "Data checks that did not pass",
      [textColumn("Check"), textColumn("Result"), numberColumn("Count"), textColumn("What was found")],
      rows,
    ),
  );
}

export const weakTable = (rows: Escalation["causes"]["weakSegments"]): Block[] =>
  unlessEmpty(
    rows,
    table(
      captionOf(
        "Segments where the candidate is no better than the seasonal naive in cross-validation",
        rows,
      ),
      [textColumn("Segment"), textColumn("Learner"), numberColumn("WMAPE"), numberColumn("Naive")],
      top(rows).map((row) => [row.segment, row.chosen, percent(row.wmape), percent(row.naiveWmape)]),
    ),
  );

/** `a, b and 3 more` */
const someOf = (names: readonly string[], most = 8): string =>
  names.length <= most
    ? list(names)
    : `${names.slice(0, most).join(", ")} and ${count(names.length - most)} more`;
