import { count, percent, points, seconds, signedPercent } from "../../format.js";
import { headline, liveSentence, sentence } from "../../live.js";
import { VERDICT_WORDS } from "../../verdict.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { type Tile, tiles } from "../parts.js";

/** The verdict, and what it means in a few sentences. */
export function summaryHeader(input: ReportInput): Html {
  const { document } = input;
  const { title, tone } = VERDICT_WORDS[document.verdict];
  const both = headline(document);
  return html`<header class="top">
<p class="eyebrow">${document.model.name} · ${document.quarter} · cutoff ${document.cutoff}${document.dryRun ? " · dry run" : ""}</p>
<h1><span class="word ${both === null ? tone : "bad"}">${title}</span></h1>
${both === null ? [] : html`<p class="lead"><strong>${sentence(both)}</strong></p>`}
<p class="lead">${lead(input)}</p>
</header>`;
}

/** The figures that everyone asks for. */
export const keyFigures = (input: ReportInput): Html => tiles(figures(input));

function lead({ document, accuracy, training }: ReportInput): string {
  const sentences = [liveSentence(document)];
  const wmape = accuracy?.total.wmape ?? null;
  if (wmape !== null) {
    const naive = accuracy?.naive.wmape ?? null;
    const against = naive === null ? "" : `, ${comparison(wmape - naive)} the seasonal naive`;
    sentences.push(`This quarter the forecast was off by ${percent(wmape)}${against}.`);
  }
  const cv = training?.cv.wmape ?? null;
  if (cv !== null) {
    const naive = training?.naive.wmape ?? null;
    sentences.push(
      `The candidate is off by ${percent(cv)} in cross-validation${naive === null ? "" : `, ${comparison(cv - naive)} the seasonal naive`}.`,
    );
  }
  return sentences.join(" ");
}

/** `3.1 points better than` */
function comparison(difference: number): string {
  const size = points(Math.abs(difference)).replace(/^\+/, "");
  if (size === points(0)) return "as good as";
  return `${size} ${difference < 0 ? "better" : "worse"} than`;
}

function figures({ document, accuracy, training, validation, checkpoints }: ReportInput): Tile[] {
  return [
    ...(accuracy === null || accuracy.total.wmape === null
      ? []
      : [
          {
            label: "WMAPE this quarter",
            value: percent(accuracy.total.wmape),
            note: `naive ${percent(accuracy.naive.wmape)}, n ${count(accuracy.total.n)}`,
          },
        ]),
    ...(training === null
      ? []
      : [
          {
            label: "WMAPE in CV",
            value: percent(training.cv.wmape),
            note: `naive ${percent(training.naive.wmape)}, n ${count(training.cv.n)}`,
          },
        ]),
    ...(checkpoints === null || checkpoints.maxRevision === null
      ? []
      : [
          {
            label: "Largest revision",
            value: signedPercent(checkpoints.maxRevision).replace(/^\+/, ""),
            note: `of a period's total, against ${checkpoints.previous?.quarter ?? "the last outlook"}`,
          },
        ]),
    ...(validation === null
      ? []
      : [
          {
            label: "Series",
            value: count(validation.series),
            note: `${count(validation.rows)} rows, ${validation.firstPeriod} to ${validation.lastPeriod}`,
          },
        ]),
    { label: "Run time", value: seconds(document.seconds), note: `${count(document.steps.length)} steps` },
  ];
}
