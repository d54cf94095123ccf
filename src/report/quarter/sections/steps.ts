import { DASH, minus, seconds } from "../../format.js";
import { optionalSentence, sentence } from "../../live.js";
import { numberColumn, paragraph, pill, section, strong, table, textColumn } from "../../page/make.js";
import type { Block, Section } from "../../page/model.js";
import type { RunDocument, RunDocumentStep } from "../../run-document.js";
import { STATUS_WORDS } from "../../verdict.js";

export const stepsSection = ({ steps }: RunDocument): Section =>
  section(
    "steps",
    "Steps",
    steps.flatMap(failureBox),
    table(
      "What ran, in order",
      [textColumn("Step"), textColumn("Status"), textColumn("Result"), numberColumn("Time")],
      steps.map((step) => [
        step.id,
        pill(STATUS_WORDS[step.status].tone, step.status),
        step.summary === "" ? DASH : minus(step.summary),
        step.status === "skipped" ? DASH : seconds(step.seconds),
      ]),
    ),
  );

/** Of a step that failed: what, where, what was expected, and what to do. */
function failureBox({ id, failure, optional }: RunDocumentStep): Block[] {
  if (failure === null) return [];
  const line = (label: string, value: string | null) =>
    value === null ? [] : [paragraph(`${label}: ${value}`)];
  return [
    {
      kind: "call",
      label: `Failure of ${id}`,
      tone: optional === true ? "warn" : "bad",
      blocks: [
        paragraph(strong(`${id}: ${failure.title}`)),
        ...(optional === true ? [paragraph(sentence(optionalSentence(id)))] : []),
        ...line("Where", failure.where),
        ...line("Expected", failure.expected),
        ...(failure.details.length === 0 ? [] : [{ kind: "lines" as const, lines: failure.details }]),
        ...failure.next.map((next) => paragraph(`Next: ${next}`)),
      ],
    },
  ];
}
