import type { RuleResult } from "../../../kit/artifacts/decision.js";
import { count, DASH } from "../../format.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "../../rules.js";
import type { Tone } from "../../verdict.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { barCell, numberColumn, pill, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";

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
        pill(toneOf(rule), wordOf(rule)),
        ruleFigure(rule, rule.observed),
        limitWords(rule),
        closeness(rule),
        count(rule.n),
        subject(rule),
      ]),
    ),
  );
}

const toneOf = ({ verdict, blocks }: RuleResult): Tone =>
  verdict === "PASS" ? "good" : blocks ? "bad" : "warn";

const wordOf = ({ verdict, blocks }: RuleResult): string =>
  verdict === "PASS" || blocks ? verdict : `${verdict}, warns`;

function subject(rule: RuleResult): Html {
  // A threshold's own figures are in the columns; a comparison has more behind it.
  const behind = rule.kind === "champion" || rule.kind === "ks" ? rule.detail : "";
  const note = ruleReason(rule) ?? behind;
  return html`${ruleSubject(rule)}${note === "" ? [] : html`<br><span class="dim">${note}</span>`}`;
}

/** Both figures on one scale from zero, which ends a third above the larger. */
function closeness(rule: RuleResult): Html | string {
  const { observed, limit } = rule;
  if (observed === null || limit === null) return DASH;
  const end = Math.max(observed, limit, 0) * (4 / 3);
  return end > 0 ? barCell(toneOf(rule), observed / end, limit / end) : DASH;
}
