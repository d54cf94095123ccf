import type { BacktestDocument, BacktestRule } from "../../kit/backtest.js";
import { count, percent } from "../format.js";
import { absent, bar, cards, dim, numberColumn, pill, section, table, textColumn } from "../page/make.js";
import type { Cell, Section } from "../page/model.js";
import { ruleFigure } from "../rules.js";
import type { Tone } from "../verdict.js";

/** How often each rule fired, the most often first, and what it said in every quarter. */
export function rulesSection({ firing, quarters }: BacktestDocument): Section {
  if (firing.length === 0) return section("rules", "Rules", absent("No quarter came to a decision."));
  const share = (part: number, all: number) => (all === 0 ? 0 : part / all);
  const sorted = [...firing].sort(
    (a, b) => b.blocked - a.blocked || b.fired - a.fired || b.unknown - a.unknown,
  );
  return section(
    "rules",
    "Rules",
    cards(
      "How often each rule fired. A rule that could not be measured stops the promotion too, unless the runbook excuses it.",
      [
        textColumn("Rule"),
        numberColumn("Fired"),
        textColumn("Share"),
        numberColumn("Unknown"),
        numberColumn("Stopped a promotion"),
        numberColumn("Quarters"),
      ],
      sorted.map(({ rule, severity, fired, unknown, blocked, quarters: all }) => [
        severity === "warn" ? `${rule} (warns)` : rule,
        `${count(fired)} (${percent(share(fired, all), 0)})`,
        bar("warn", share(fired, all)),
        count(unknown),
        count(blocked),
        count(all),
      ]),
    ),
    table(
      "What each rule said",
      [textColumn("Quarter"), ...sorted.map(({ rule }) => textColumn(rule))],
      quarters
        .filter(({ rules }) => rules.length > 0)
        .map(({ quarter, rules }) => [
          quarter,
          ...sorted.map(({ rule }) => said(rules.find(({ id }) => id === rule))),
        ]),
    ),
  );
}

function said(rule: BacktestRule | undefined): Cell {
  if (rule === undefined) return "";
  const tone: Tone = rule.verdict === "PASS" ? "good" : rule.blocks ? "bad" : "warn";
  const verdict = pill(tone, rule.verdict);
  return rule.observed === null ? verdict : [verdict, " ", dim(ruleFigure(rule, rule.observed))];
}
