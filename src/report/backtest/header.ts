import type { BacktestDocument } from "../../kit/backtest.js";
import { count, decimal, percent, plural, points, signedPercent } from "../format.js";
import { type Html, html } from "../html/markup.js";
import { type Tile, tiles } from "../html/parts.js";
import { escalations, spanText } from "./words.js";

/** What was replayed, and what it came to in a few sentences. */
export const summaryHeader = (document: BacktestDocument): Html => html`<header class="top">
<p class="eyebrow">${document.model.name} · ${plural(document.quarters.length, "quarter")} · ${spanText(document)}</p>
<h1>Backtest</h1>
<p class="lead">${headline(document)}</p>
</header>`;

function headline(document: BacktestDocument): string {
  const { pooled, quarters, compared } = document;
  const sentences: string[] = [];
  if (pooled.wmape !== null) {
    const against =
      pooled.naive.wmape === null
        ? ""
        : `, ${comparison(pooled.wmape, pooled.naive.wmape)} the seasonal naive`;
    sentences.push(`The outlooks were off by ${percent(pooled.wmape)}${against}.`);
  } else sentences.push("Nothing has happened yet that an outlook forecast.");
  const failed = quarters.filter(({ verdict }) => verdict === "failed").length;
  sentences.push(
    `Of ${plural(quarters.length, "quarter")} ${count(escalations(document))} would have escalated${failed === 0 ? "" : ` and ${count(failed)} could not be run`}.`,
  );
  const { live, candidate } = compared;
  if (live.wmape !== null && candidate.wmape !== null)
    sentences.push(
      `What the gate let live was ${comparison(live.wmape, candidate.wmape)} promoting every quarter.`,
    );
  return sentences.join(" ");
}

/** `3.1 points better than` */
function comparison(own: number, other: number): string {
  const size = points(Math.abs(own - other), 2).replace(/^\+/, "");
  if (size === points(0, 2)) return "as good as";
  return `${size} ${own < other ? "better" : "worse"} than`;
}

export const keyFigures = (document: BacktestDocument): Html => tiles(figures(document));

function figures({ pooled, compared }: BacktestDocument): Tile[] {
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
    { label: "Bias", value: signedPercent(pooled.bias), note: "positive is over-forecast" },
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
