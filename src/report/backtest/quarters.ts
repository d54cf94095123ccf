import type { BacktestDocument, BacktestQuarter } from "../../kit/backtest.js";
import { DASH, percent } from "../format.js";
import type { Draw } from "../html/charts/svg.js";
import { type Html, html } from "../html/markup.js";
import { numberColumn, pill, section, table, textColumn } from "../html/parts.js";
import { VERDICT_WORDS } from "../verdict.js";
import { quartersChart } from "./charts.js";
import { SCORE_LABELS, scoreCells } from "./score-cells.js";

/** Every quarter's outlook against what happened after its cutoff. */
export async function quartersSection(document: BacktestDocument, draw: Draw): Promise<Html> {
  const { quarters, pooled } = document;
  return section(
    "quarters",
    "Quarters",
    quarters.length < 2 ? [] : await draw(quartersChart(document)),
    table(
      "Each outlook against the actuals after its cutoff. The champion is the version that was live, from the same cutoff on the same series and periods.",
      [
        textColumn("Quarter"),
        textColumn("Verdict"),
        ...SCORE_LABELS.map(numberColumn),
        numberColumn("Champion"),
        numberColumn("Candidate"),
      ],
      [
        ...quarters.map((quarter) => [
          quarter.quarter,
          verdict(quarter),
          ...scoreCells(quarter),
          ...rivals(quarter),
        ]),
        [
          "All",
          "",
          ...scoreCells(pooled),
          percent(document.compared.champion.wmape),
          percent(document.compared.candidate.wmape),
        ],
      ],
    ),
    quarters.some(({ failure }) => failure !== null) ? failures(quarters) : [],
    html`<p class="note">Each run saw the rows up to its cutoff, and known features after it. n counts pairs of a series and a period that has both a forecast and an actual; a period that two outlooks forecast counts twice.</p>`,
  );
}

const verdict = ({ verdict }: BacktestQuarter): Html => {
  const { tone, title } = VERDICT_WORDS[verdict];
  return pill(tone, title);
};

const rivals = ({ champion }: BacktestQuarter): string[] =>
  champion === null ? [DASH, DASH] : [percent(champion.wmape), percent(champion.candidate.wmape)];

const failures = (quarters: readonly BacktestQuarter[]): Html =>
  table(
    "Quarters that could not be run",
    [textColumn("Quarter"), textColumn("Step"), textColumn("Why")],
    quarters.flatMap(({ quarter, failure }) =>
      failure === null ? [] : [[quarter, failure.step, failure.title]],
    ),
  );
