import { headline } from "../live.js";
import { VERDICT_WORDS } from "../verdict.js";
import { type Draw, drawChart } from "./charts/svg.js";
import type { ReportInput } from "./input.js";
import { html, trusted } from "./markup.js";
import { contents } from "./parts.js";
import { accuracySection } from "./sections/accuracy.js";
import { championSection } from "./sections/champion.js";
import { checkpointsSection } from "./sections/checkpoints.js";
import { escalationBox } from "./sections/escalation.js";
import { lineageSection } from "./sections/lineage.js";
import { outlookSection } from "./sections/outlook.js";
import { rulesSection } from "./sections/rules.js";
import { segmentsSection } from "./sections/segments.js";
import { stepsSection } from "./sections/steps.js";
import { keyFigures, summaryHeader } from "./sections/summary.js";
import { trainingSection } from "./sections/training.js";
import { validationSection } from "./sections/validation.js";
import { STYLE } from "./style.js";

/**
 * report.html: one file without scripts or links to other files. The same input gives the same bytes.
 * Async because the chart library is loaded only when a report is written.
 */
export async function renderReport(input: ReportInput, draw: Draw = drawChart): Promise<string> {
  const { document } = input;
  const both = headline(document);
  const title = `${document.model.name} ${document.quarter}: ${VERDICT_WORDS[document.verdict].title}${both === null ? "" : `; ${both}`}`;
  const failed = document.steps.some(({ failure }) => failure !== null);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${summaryHeader(input)}
<main>
${escalationBox(input.escalation)}
${keyFigures(input)}
${contents(SECTIONS)}
${failed ? stepsSection(document) : []}
${rulesSection(input)}
${championSection(input)}
${await outlookSection(input, draw)}
${accuracySection(input)}
${checkpointsSection(input)}
${await trainingSection(input, draw)}
${segmentsSection(input)}
${validationSection(input)}
${failed ? [] : stepsSection(document)}
${lineageSection(input)}
</main>
<footer>Run ${document.run}. Written by retrain ${input.lineage.retrain}.</footer>
</body>
</html>
`;
  return page.source;
}

const SECTIONS = [
  ["rules", "Rules"],
  ["champion", "Champion"],
  ["outlook", "Outlook"],
  ["accuracy", "Accuracy"],
  ["checkpoints", "Checkpoints"],
  ["training", "Cross-validation"],
  ["segments", "Segments"],
  ["data", "Data"],
  ["steps", "Steps"],
  ["lineage", "Lineage"],
] as const;
