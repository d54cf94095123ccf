import type { BacktestDocument } from "../../kit/backtest.js";
import { type Draw, drawChart } from "../html/charts/svg.js";
import { html, trusted } from "../html/markup.js";
import { contents } from "../html/parts.js";
import { STYLE } from "../html/style.js";
import { groupsSection } from "./groups.js";
import { keyFigures, summaryHeader } from "./header.js";
import { limitsSection } from "./limits.js";
import { quartersSection } from "./quarters.js";
import { rulesSection } from "./rules.js";

/**
 * backtest.html: one file without scripts or links to other files. The same document gives the same bytes, but for the times in it.
 * @param version of this program
 */
export async function renderBacktest(
  document: BacktestDocument,
  version: string,
  draw: Draw = drawChart,
): Promise<string> {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${`${document.model.name}: backtest`}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${summaryHeader(document)}
<main>
${keyFigures(document)}
${contents(SECTIONS)}
${await quartersSection(document, draw)}
${rulesSection(document)}
${await limitsSection(document, draw)}
${await groupsSection(document, draw)}
</main>
<footer>Written by retrain ${version}.</footer>
</body>
</html>
`;
  return page.source;
}

const SECTIONS = [
  ["quarters", "Quarters"],
  ["rules", "Rules"],
  ["limits", "Limits"],
  ["groups", "Leads and segments"],
] as const;
