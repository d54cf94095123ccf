import { DASH, seconds } from "../../format.js";
import { optionalSentence, sentence } from "../../live.js";
import type { RunDocument, RunDocumentStep } from "../../run-document.js";
import { STATUS_WORDS } from "../../verdict.js";
import { type Html, html } from "../markup.js";
import { numberColumn, pill, section, table, textColumn } from "../parts.js";

export const stepsSection = ({ steps }: RunDocument): Html =>
  section(
    "steps",
    "Steps",
    steps.filter(({ failure }) => failure !== null).map(failureBox),
    table(
      "What ran, in order",
      [textColumn("Step"), textColumn("Status"), textColumn("Result"), numberColumn("Time")],
      steps.map((step) => [
        step.id,
        pill(STATUS_WORDS[step.status].tone, step.status),
        step.summary === "" ? DASH : step.summary,
        step.status === "skipped" ? DASH : seconds(step.seconds),
      ]),
    ),
  );

function failureBox({ id, failure, optional }: RunDocumentStep): Html {
  if (failure === null) throw new TypeError(`step ${id} did not fail`);
  const line = (label: string, value: string | null) =>
    value === null ? [] : [html`<p>${label}: ${value}</p>`];
  return html`<div class="failure"><p><strong>${id}: ${failure.title}</strong></p>
${optional ? html`<p>${sentence(optionalSentence(id))}</p>` : []}
${line("Where", failure.where)}${line("Expected", failure.expected)}
${failure.details.length === 0 ? [] : html`<pre>${failure.details.join("\n")}</pre>`}
${failure.next.map((next) => html`<p>Next: ${next}</p>`)}</div>`;
}
