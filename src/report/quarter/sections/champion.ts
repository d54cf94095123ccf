import type { RuleResult } from "../../../kit/artifacts/decision.js";
import { count, DASH, minus } from "../../format.js";
import {
  absent,
  cards,
  fold,
  note,
  numberColumn,
  PICTURES,
  pill,
  section,
  textColumn,
} from "../../page/make.js";
import type { Block, Section } from "../../page/model.js";
import { intervalWords, verdictTone } from "../../rule-cells.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "../../rules.js";
import type { QuarterInput } from "../input.js";
import { whyAbsent } from "./absence.js";
import { groupTable, intervalScale, picture } from "./rule-groups.js";

/** Groups beside which the table is folded. */
const SHOWN = 15;

/** The candidate against the model that is live, on the same rows. */
export function championSection({ document }: QuarterInput): Section {
  const rules = (document.decision?.rules ?? []).filter(({ kind }) => kind === "champion");
  const reason =
    document.decision === null ? "Nothing was compared." : "No rule of the gate compares with the champion.";
  const blocks = rules.length === 0 ? [whyAbsent(document, "gate", reason)] : rules.flatMap(comparison);
  return { ...section("champion", "Champion against candidate", blocks), short: "Champion" };
}

function comparison(rule: RuleResult): Block[] {
  if (rule.observed === null)
    return [absent(`${rule.id}: ${ruleReason(rule) ?? "there is nothing to compare with"}.`)];
  const scale = intervalScale(rule, rule.groups);
  const tone = verdictTone(rule.verdict, rule.blocks);
  const groups =
    rule.groups.length === 0 ? [] : [groupTable(`${rule.id} by ${rule.by ?? "group"}`, rule, rule.groups)];
  return [
    cards(
      `${rule.id}: ${ruleSubject(rule)}, candidate less champion; + is a larger error than the champion's. The thin line is no difference, the thick mark the limit.`,
      [
        textColumn("Rule"),
        textColumn("Verdict"),
        numberColumn("Difference"),
        numberColumn("Interval"),
        PICTURES,
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
    ),
    ...(rule.detail === "" ? [] : [note(minus(rule.detail))]),
    ...(rule.groups.length > SHOWN
      ? [fold(`${rule.id}: all ${count(rule.groups.length)} groups`, groups)]
      : groups),
  ];
}
