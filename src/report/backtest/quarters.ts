import type { BacktestDocument, BacktestQuarter } from "../../kit/backtest.js";
import { count, DASH, decimal, percent, signedPercent } from "../format.js";
import type { Draw } from "../html/charts/svg.js";
import { type Html, html } from "../html/markup.js";
import { numberColumn, pill, section, table, textColumn } from "../html/parts.js";
import { VERDICT_WORDS } from "../verdict.js";
import { quartersChart } from "./charts.js";

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
        numberColumn("WMAPE"),
        numberColumn("Naive"),
        numberColumn("MASE"),
        numberColumn("Naive"),
        numberColumn("Bias"),
        numberColumn("n"),
        numberColumn("Champion"),
        numberColumn("Candidate"),
      ],
      [
        ...quarters.map((quarter) => [
          quarter.quarter,
          verdict(quarter),
          ...scores(quarter),
          ...rivals(quarter),
        ]),
        [
          "All",
          "",
          ...scores(pooled),
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

const scores = ({ wmape, naive, mase, bias, n }: BacktestQuarter | BacktestDocument["pooled"]): string[] => [
  percent(wmape),
  percent(naive.wmape),
  decimal(mase, 3),
  decimal(naive.mase, 3),
  signedPercent(bias),
  count(n),
];

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
