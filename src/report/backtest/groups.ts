import type { BacktestDocument, BacktestScores } from "../../kit/backtest.js";
import { count, percent } from "../format.js";
import type { Draw } from "../html/charts/svg.js";
import { type Html, html } from "../html/markup.js";
import { absent, numberColumn, section, table, textColumn } from "../html/parts.js";
import { leadsChart } from "./charts.js";
import { SCORE_LABELS, scoreCells } from "./score-cells.js";

/** All outlooks together, by lead time and by segment, and how often actuals were inside their intervals. */
export async function groupsSection(document: BacktestDocument, draw: Draw): Promise<Html> {
  const { byLead, bySegment, coverage, n } = document.pooled;
  const title = "Leads and segments";
  if (n === 0) return section("groups", title, absent("No outlook has met an actual yet."));
  return section(
    "groups",
    title,
    byLead.length < 2 ? [] : await draw(leadsChart(document)),
    table(
      "By lead time: periods between the cutoff and the period that is forecast",
      [textColumn("Lead"), ...COLUMNS],
      byLead.map((scores) => [String(scores.lead), ...cells(scores)]),
    ),
    table(
      "By segment, as each quarter's run saw it",
      [textColumn("Segment"), ...COLUMNS],
      bySegment.map((scores) => [scores.segment, ...cells(scores)]),
    ),
    coverage.length === 0
      ? html`<p class="note">The outlooks carry no intervals.</p>`
      : table(
          "How often the actual was inside the outlook's interval",
          [textColumn("Interval"), numberColumn("Observed"), numberColumn("n")],
          coverage.map(({ level, observed, n }) => [percent(level, 0), percent(observed), count(n)]),
        ),
  );
}

const COLUMNS = [...SCORE_LABELS, "Excluded"].map(numberColumn);

const cells = (scores: BacktestScores): string[] => [...scoreCells(scores), count(scores.excluded)];
