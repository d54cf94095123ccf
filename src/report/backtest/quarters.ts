import type { BacktestDocument, BacktestQuarter } from "../../kit/backtest.js";
import { DASH, percent } from "../format.js";
import { note, numberColumn, pill, section, table, textColumn } from "../page/make.js";
import type { Cell, Section, Table } from "../page/model.js";
import { BIAS_NOTE } from "../scores.js";
import { VERDICT_WORDS } from "../verdict.js";
import { quartersFigure } from "./drawings.js";
import { SCORE_LABELS, scoreCells } from "./score-cells.js";

/** Every quarter's outlook against what happened after its cutoff. */
export function quartersSection(document: BacktestDocument): Section {
  const { quarters, pooled, compared } = document;
  return section(
    "quarters",
    "Quarters",
    quarters.length < 2 ? [] : quartersFigure(document),
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
        ...quarters.map((quarter): Cell[] => [
          quarter.quarter,
          verdict(quarter),
          ...scoreCells(quarter),
          ...rivals(quarter),
        ]),
        [
          "All",
          "",
          ...scoreCells(pooled),
          percent(compared.champion.wmape),
          percent(compared.candidate.wmape),
        ],
      ],
    ),
    note(BIAS_NOTE),
    quarters.some(({ failure }) => failure !== null) ? failures(quarters) : [],
    note(
      "Each run saw the rows up to its cutoff, and known features after it. n counts pairs of a series and a period that has both a forecast and an actual; a period that two outlooks forecast counts twice.",
    ),
  );
}

const verdict = ({ verdict }: BacktestQuarter): Cell => {
  const { tone, title } = VERDICT_WORDS[verdict];
  return pill(tone, title);
};

const rivals = ({ champion }: BacktestQuarter): string[] =>
  champion === null ? [DASH, DASH] : [percent(champion.wmape), percent(champion.candidate.wmape)];

const failures = (quarters: readonly BacktestQuarter[]): Table =>
  table(
    "Quarters that could not be run",
    [textColumn("Quarter"), textColumn("Step"), textColumn("Why")],
    quarters.flatMap(({ quarter, failure }) =>
      failure === null ? [] : [[quarter, failure.step, failure.title]],
    ),
  );
