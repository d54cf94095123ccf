import type { BacktestDocument, BacktestScores } from "../../kit/backtest.js";
import { count, levelText } from "../format.js";
import { absent, note, numberColumn, section, table, textColumn } from "../page/make.js";
import type { Section } from "../page/model.js";
import { BIAS_NOTE, COVERAGE_COLUMNS, COVERAGE_NOTE, coverageCells } from "../scores.js";
import { leadsFigure } from "./drawings.js";
import { SCORE_LABELS, scoreCells } from "./score-cells.js";

/** All outlooks together, by lead time and by segment, and how often actuals were inside their intervals. */
export function groupsSection(document: BacktestDocument): Section {
  const { byLead, bySegment, coverage, n } = document.pooled;
  const title = "Leads and segments";
  if (n === 0) return section("groups", title, absent("No outlook has met an actual yet."));
  return section(
    "groups",
    title,
    byLead.length < 2 ? [] : leadsFigure(document),
    table(
      "By lead time: periods between the cutoff and the period that is forecast",
      [textColumn("Lead"), ...COLUMNS],
      byLead.map((scores) => [String(scores.lead), ...cells(scores)]),
    ),
    table(
      "By segment, as each quarter's run saw it; the worst first",
      [textColumn("Segment"), ...COLUMNS],
      [...bySegment]
        .sort((a, b) => (b.wmape ?? -1) - (a.wmape ?? -1) || (a.segment < b.segment ? -1 : 1))
        .map((scores) => [scores.segment, ...cells(scores)]),
    ),
    note(BIAS_NOTE),
    coverage.length === 0
      ? note("The outlooks carry no intervals.")
      : [
          table(
            "How often the actual was inside the outlook's interval",
            [textColumn("Interval"), ...COVERAGE_COLUMNS],
            coverage.map((row) => [`${levelText(row.level)} interval`, ...coverageCells(row)]),
          ),
          note(COVERAGE_NOTE),
        ],
  );
}

const COLUMNS = [...SCORE_LABELS, "Excluded"].map(numberColumn);

const cells = (scores: BacktestScores): string[] => [...scoreCells(scores), count(scores.excluded)];
