import type { RuleResult } from "../../../kit/artifacts/decision.js";
import { count, plural } from "../../format.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "../../rules.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { more, numberColumn, pill, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";
import {
  closeness,
  groupsNote,
  groupTable,
  intervalScale,
  intervalWords,
  picture,
  verdictTone,
  worstGroups,
} from "./rule-groups.js";

/** Groups of a rule that are shown at once; the others are folded. */
const SHOWN = 12;

/** Every gate rule with what was measured, what is allowed, and how close it was. */
export function rulesSection({ document }: ReportInput): Html {
  const rules = document.decision?.rules ?? [];
  if (rules.length === 0) {
    return section("rules", "Rules", whyAbsent(document, "gate", "The gate has no rules."));
  }
  return section(
    "rules",
    "Rules",
    table(
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
      rules.map((rule) => [
        rule.id,
        pill(verdictTone(rule.verdict, rule.blocks), wordOf(rule)),
        ruleFigure(rule, rule.observed),
        limitWords(rule),
        howClose(rule),
        count(rule.n),
        subject(rule),
      ]),
    ),
    rules.filter(({ kind, groups }) => kind !== "champion" && groups.length > 0).map(groupsOf),
  );
}

const wordOf = ({ verdict, blocks }: RuleResult): string =>
  verdict === "PASS" || blocks ? verdict : `${verdict}, warns`;

function howClose(rule: RuleResult): ReturnType<typeof picture> {
  const tone = verdictTone(rule.verdict, rule.blocks);
  return rule.interval === null
    ? closeness(rule.observed, rule.limit, tone)
    : picture(rule, rule, tone, intervalScale(rule, []));
}

function subject(rule: RuleResult): Html {
  // A threshold's own figures are in the columns, the champion has a section; the other kinds have more behind theirs.
  const behind = ["threshold", "order", "champion"].includes(rule.kind) ? "" : rule.detail;
  const note = ruleReason(rule) ?? behind;
  const interval = rule.interval === null ? "" : `interval ${intervalWords(rule, rule.interval)}`;
  return html`${ruleSubject(rule)}${[note, interval].filter((line) => line !== "").map((line) => html`<br><span class="dim">${line}</span>`)}${groupsNote(rule)}`;
}

/** The groups that do not hold, and all of them on demand. */
function groupsOf(rule: RuleResult): Html {
  const bad = worstGroups(rule).slice(0, SHOWN);
  return html`${bad.length === 0 ? "" : groupTable(`${rule.id}: groups that do not hold`, rule, bad)}
${more(`${rule.id}: all ${plural(rule.groups.length, "group")}`, groupTable(`${rule.id} by group`, rule, rule.groups))}`;
}
