import type { BacktestDocument, BacktestQuarter, RuleSweep } from "../../kit/backtest.js";
import { scoreCells } from "../../report/backtest/score-cells.js";
import { betterLimit, escalations, firedIn, limitText, spanText } from "../../report/backtest/words.js";
import { count, DASH, percent, plural, points } from "../../report/format.js";
import type { Style } from "../../report/style.js";
import { textTable } from "../../report/table.js";
import { wrap } from "../../report/text.js";
import { VERDICT_WORDS } from "../../report/verdict.js";

const text = (label: string) => ({ label, numeric: false });
const numeric = (label: string) => ({ label, numeric: true });

/** The tables at the end of a backtest. */
export function backtestText(document: BacktestDocument, style: Style): string {
  const { quarters, model, firing } = document;
  const { chalk } = style;
  const head = `${chalk.bold(`backtest ${spanText(document)}`)}  ${model.name} · ${plural(quarters.length, "quarter")}`;
  return `${[
    head,
    "",
    accuracyTable(document, style),
    "",
    ...sentences(document).flatMap((sentence) => wrap(sentence, style.width - 2).map((line) => `  ${line}`)),
    ...(firing.length === 0 ? [] : ["", firingTable(document, style)]),
  ].join("\n")}\n`;
}

function accuracyTable({ quarters, pooled }: BacktestDocument, style: Style): string {
  const columns = [
    text("quarter"),
    text("verdict"),
    numeric("WMAPE"),
    numeric("naive"),
    numeric("MASE"),
    numeric("naive"),
    numeric("bias"),
    numeric("n"),
    numeric("champion"),
    text("fired"),
  ];
  const rows = quarters.map((quarter) => [
    quarter.quarter,
    VERDICT_WORDS[quarter.verdict].title.toLowerCase(),
    ...scoreCells(quarter),
    percent(quarter.champion?.wmape),
    firedText(quarter),
  ]);
  return textTable(columns, [...rows, ["pooled", "", ...scoreCells(pooled), "", ""]], style);
}

function firedText(quarter: BacktestQuarter): string {
  if (quarter.failure !== null) return quarter.failure.code;
  return firedIn(quarter)
    .map(({ id, verdict }) => (verdict === "UNKNOWN" ? `${id} (unknown)` : id))
    .join(", ");
}

/** What the gate did for accuracy. */
function sentences(document: BacktestDocument): string[] {
  const { compared, quarters } = document;
  const outcome = `${escalations(document)} of ${plural(quarters.length, "quarter")} would have escalated.`;
  if (compared.quarters === 0) return [outcome];
  const { candidate, champion, live, best } = compared;
  return [
    outcome,
    `Over the ${plural(compared.quarters, "quarter")} with a champion, what was live was off by ${percent(live.wmape, 2)}; always promoting ${percent(candidate.wmape, 2)}, never ${percent(champion.wmape, 2)}, the better one every time ${percent(best.wmape, 2)} (WMAPE, n ${count(compared.n)}).`,
  ];
}

function firingTable({ firing, sweeps }: BacktestDocument, style: Style): string {
  const columns = [
    text("rule"),
    numeric("fired"),
    numeric("unknown"),
    numeric("limit"),
    numeric("live WMAPE"),
    text("a limit with less error"),
  ];
  const rows = firing.map(({ rule, fired, unknown, quarters, severity }) => {
    const sweep = sweeps.find((one) => one.rule === rule);
    const own = sweep?.limits.find(({ isRunbook }) => isRunbook);
    return [
      severity === "warn" ? `${rule} (warns)` : rule,
      `${fired} of ${quarters}`,
      count(unknown),
      sweep === undefined || own === undefined ? DASH : limitText(own.limit),
      percent(own?.wmape, 2),
      sweep === undefined ? "" : betterText(sweep),
    ];
  });
  return textTable(columns, rows, style);
}

function betterText(sweep: RuleSweep): string {
  const better = betterLimit(sweep);
  if (better === null) return "";
  return `${limitText(better.limit)}: ${points(better.difference, 2)}, ${better.escalated} escalated`;
}
