import type { RuleResult } from "../../../kit/artifacts/decision.js";
import { count, DASH } from "../../format.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "../../rules.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { absent, more, numberColumn, pill, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";
import { groupTable, intervalScale, intervalWords, picture, verdictTone } from "./rule-groups.js";

/** Groups beside which the table is folded. */
const SHOWN = 15;

/** The candidate against the model that is live, on the same rows. */
export function championSection({ document }: ReportInput): Html {
  const title = "Champion against candidate";
  const rules = (document.decision?.rules ?? []).filter(({ kind }) => kind === "champion");
  if (rules.length === 0) {
    const reason =
      document.decision === null
        ? "Nothing was compared."
        : "No rule of the gate compares with the champion.";
    return section("champion", title, whyAbsent(document, "gate", reason));
  }
  return section("champion", title, rules.map(comparison));
}

function comparison(rule: RuleResult): Html {
  if (rule.observed === null) {
    return absent(`${rule.id}: ${ruleReason(rule) ?? "there is nothing to compare with"}.`);
  }
  const scale = intervalScale(rule, rule.groups);
  const tone = verdictTone(rule.verdict, rule.blocks);
  const groups =
    rule.groups.length === 0 ? "" : groupTable(`${rule.id} by ${rule.by ?? "group"}`, rule, rule.groups);
  return html`${table(
    `${rule.id}: ${ruleSubject(rule)}, candidate less champion. The thin line is no difference, the thick mark the limit.`,
    [
      textColumn("Rule"),
      textColumn("Verdict"),
      numberColumn("Difference"),
      numberColumn("Interval"),
      textColumn(""),
      numberColumn("Limit"),
      numberColumn("n"),
    ],
    [
      [
        rule.id,
        pill(tone, rule.verdict),
        ruleFigure(rule, rule.observed),
        intervalWords(rule, rule.interval),
        picture(rule, rule, tone, scale),
        rule.limit === null ? DASH : limitWords(rule),
        count(rule.n),
      ],
    ],
  )}${rule.detail === "" ? "" : html`<p class="note">${rule.detail}</p>`}${
    rule.groups.length > SHOWN ? more(`${rule.id}: all ${count(rule.groups.length)} groups`, groups) : groups
  }`;
}
