import type { BacktestDocument } from "../../kit/backtest.js";
import { count, decimal, percent, plural, signedPercent } from "../format.js";
import type { Head, Tile } from "../page/model.js";
import { comparison } from "../quarter/top.js";
import { escalations, spanText, whyEscalated } from "./words.js";

/** What was replayed, and what it came to in a few sentences. */
export const backtestHead = (document: BacktestDocument): Head => ({
  eyebrow: [document.model.name, plural(document.quarters.length, "quarter"), spanText(document)],
  question: null,
  word: "Backtest",
  tone: "quiet",
  rest: "",
  lead: [headline(document)],
  facts: [],
});

function headline(document: BacktestDocument): string {
  const { pooled, quarters, compared } = document;
  const sentences: string[] = [];
  if (pooled.wmape !== null) {
    const against =
      pooled.naive.wmape === null
        ? ""
        : `, ${comparison(pooled.wmape, pooled.naive.wmape, 2)} the seasonal naive`;
    sentences.push(`The outlooks were off by ${percent(pooled.wmape)}${against}.`);
  } else sentences.push("Nothing has happened yet that an outlook forecast.");
  const failed = quarters.filter(({ verdict }) => verdict === "failed").length;
  const why = whyEscalated(document);
  sentences.push(
    `Of ${plural(quarters.length, "quarter")} ${count(escalations(document))} would have escalated${why === "" ? "" : `: ${why}`}${failed === 0 ? "" : `; ${count(failed)} could not be run`}.`,
  );
  const { live, candidate } = compared;
  if (live.wmape !== null && candidate.wmape !== null)
    sentences.push(
      `What the gate let live was ${comparison(live.wmape, candidate.wmape, 2)} promoting every quarter.`,
    );
  return sentences.join(" ");
}

export function figures({ pooled, compared }: BacktestDocument): Tile[] {
  const scores: Tile[] = [
    {
      label: "WMAPE of the outlooks",
      value: percent(pooled.wmape),
      note: `naive ${percent(pooled.naive.wmape)}, n ${count(pooled.n)}`,
    },
    {
      label: "MASE",
      value: decimal(pooled.mase, 3),
      note: `naive ${decimal(pooled.naive.mase, 3)}`,
    },
    { label: "Bias", value: signedPercent(pooled.bias), note: "+ is a forecast above the actual" },
  ];
  if (compared.quarters === 0) return scores;
  const { live, candidate, champion, best } = compared;
  return [
    ...scores,
    {
      label: "Live, by this gate",
      value: percent(live.wmape, 2),
      note: `${plural(compared.quarters, "quarter")} with a champion`,
    },
    {
      label: "Promoting always",
      value: percent(candidate.wmape, 2),
      note: `never ${percent(champion.wmape, 2)}, the better one every time ${percent(best.wmape, 2)}`,
    },
  ];
}
