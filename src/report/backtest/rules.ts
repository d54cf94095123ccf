import type { BacktestDocument, BacktestRule } from "../../kit/backtest.js";
import { count, decimal, percent, points, signedDecimal } from "../format.js";
import { type Child, type Html, html } from "../html/markup.js";
import { absent, barCell, numberColumn, pill, section, table, textColumn } from "../html/parts.js";
import { metricFigure } from "../rules.js";
import type { Tone } from "../verdict.js";

/** How often each rule fired, and what it said in every quarter. */
export function rulesSection({ firing, quarters }: BacktestDocument): Html {
  if (firing.length === 0) return section("rules", "Rules", absent("No quarter came to a decision."));
  const share = (part: number, all: number) => (all === 0 ? 0 : part / all);
  return section(
    "rules",
    "Rules",
    table(
      "How often each rule fired. A rule that could not be measured stops the promotion too, unless the runbook excuses it.",
      [
        textColumn("Rule"),
        numberColumn("Fired"),
        textColumn("Share"),
        numberColumn("Unknown"),
        numberColumn("Stopped a promotion"),
        numberColumn("Quarters"),
      ],
      firing.map(({ rule, severity, fired, unknown, blocked, quarters: all }) => [
        severity === "warn" ? `${rule} (warns)` : rule,
        `${count(fired)} (${percent(share(fired, all), 0)})`,
        barCell("warn", share(fired, all)),
        count(unknown),
        count(blocked),
        count(all),
      ]),
    ),
    table(
      "What each rule said",
      [textColumn("Quarter"), ...firing.map(({ rule }) => textColumn(rule))],
      quarters
        .filter(({ rules }) => rules.length > 0)
        .map(({ quarter, rules }) => [
          quarter,
          ...firing.map(({ rule }) => said(rules.find(({ id }) => id === rule))),
        ]),
    ),
  );
}

function said(rule: BacktestRule | undefined): Child {
  if (rule === undefined) return "";
  const tone: Tone = rule.verdict === "PASS" ? "good" : rule.blocks ? "bad" : "warn";
  const figure = rule.observed === null ? "" : observedText(rule, rule.observed);
  return html`${pill(tone, rule.verdict)} <span class="dim short">${figure}</span>`;
}

function observedText({ kind, metric }: BacktestRule, observed: number): string {
  if (kind === "champion") return metric.endsWith("wmape") ? points(observed) : signedDecimal(observed, 3);
  return kind === "ks" || kind === "psi" ? decimal(observed, 3) : metricFigure(metric, observed);
}
