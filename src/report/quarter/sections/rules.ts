import type { RuleResult } from "../../../kit/artifacts/decision.js";
import { count, minus, plural } from "../../format.js";
import { cards, fold, lines, note, numberColumn, pill, section, textColumn } from "../../page/make.js";
import type { Block, Cell, Section, Text } from "../../page/model.js";
import {
  BOTH_CONDITIONS,
  guardWords,
  intervalWords,
  limitCell,
  observedCell,
  verdictTone,
} from "../../rule-cells.js";
import { ruleReason, ruleSubject, sortRules } from "../../rules.js";
import type { QuarterInput } from "../input.js";
import { whyAbsent } from "./absence.js";
import { closeness, groupsNote, groupTable, intervalScale, picture, worstGroups } from "./rule-groups.js";

/** Groups of a rule that are shown at once; the others are folded. */
const SHOWN = 12;

/** Every gate rule with what was measured, what is allowed, and how close it was; those that do not hold come first. */
export function rulesSection({ document }: QuarterInput): Section {
  const rules = document.decision?.rules ?? [];
  if (rules.length === 0)
    return section("rules", "Rules", whyAbsent(document, "gate", "The gate has no rules."));
  const { failed, unknown, warnings, passed } = sortRules(rules);
  const sorted = [...failed, ...unknown, ...warnings, ...passed];
  return section(
    "rules",
    "Rules",
    cards(
      "A rule that fails or cannot be checked stops the promotion, unless it only warns. The mark on the bar is the limit.",
      [
        textColumn("Rule"),
        textColumn("Verdict"),
        numberColumn("Observed"),
        numberColumn("Limit"),
        textColumn("How close"),
        numberColumn("n"),
        textColumn("Measured"),
      ],
      sorted.map((rule) => [
        rule.id,
        pill(verdictTone(rule.verdict, rule.blocks), wordOf(rule)),
        observedCell(rule),
        limitCell(rule),
        howClose(rule),
        count(rule.n),
        subject(rule),
      ]),
    ),
    sorted.some(({ drift }) => drift !== undefined) ? [note(BOTH_CONDITIONS)] : [],
    sorted.filter(({ kind, groups }) => kind !== "champion" && groups.length > 0).flatMap(groupsOf),
  );
}

const wordOf = ({ verdict, blocks }: RuleResult): string =>
  verdict === "PASS" || blocks ? verdict : `${verdict}, warns`;

function howClose(rule: RuleResult): Cell {
  const tone = verdictTone(rule.verdict, rule.blocks);
  return rule.interval === null
    ? closeness(rule.observed, rule.limit, tone)
    : picture(rule, rule, tone, intervalScale(rule, []));
}

function subject(rule: RuleResult): Text {
  // A threshold's own figures are in the columns, the champion has a section; the other kinds have more behind theirs.
  const hasMore = !["threshold", "order", "champion"].includes(rule.kind) && rule.drift === undefined;
  const behind = hasMore ? minus(rule.detail) : "";
  const test = rule.drift === undefined ? "" : guardWords(rule.drift, rule.observed);
  const interval = rule.interval === null ? "" : `interval ${intervalWords(rule, rule.interval)}`;
  return lines(ruleSubject(rule), [ruleReason(rule) ?? behind, test, interval, groupsNote(rule)]);
}

/** The groups that do not hold, and all of them on demand. */
function groupsOf(rule: RuleResult): Block[] {
  const bad = worstGroups(rule).slice(0, SHOWN);
  return [
    ...(bad.length === 0 ? [] : [groupTable(`${rule.id}: groups that do not hold`, rule, bad)]),
    fold(
      `${rule.id}: all ${plural(rule.groups.length, "group")}`,
      groupTable(`${rule.id} by group`, rule, rule.groups),
    ),
  ];
}
