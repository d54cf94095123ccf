import { capital } from "../format.js";
import { blocks, inline } from "./blocks.js";
import { type Html, html, NOTHING, trusted } from "./markup.js";
import type { Fact, Head, Page, Section, Top } from "./model.js";
import { STYLE } from "./style.js";

/** One file without scripts or other files. The same page gives the same bytes. */
export function pageHtml(page: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${top(page.top)}
<main>
${blocks(page.blocks)}
${page.hasContents ? contents(page.sections) : NOTHING}
${page.sections.map(section)}
</main>
<footer>${page.footer}</footer>
</body>
</html>
`.source;
}

const TOP_START = "<!-- top -->";
const TOP_END = "<!-- /top -->";

const top = ({ head: first, blocks: rest }: Top): Html =>
  html`${trusted(TOP_START)}${head(first)}${rest.length === 0 ? NOTHING : html`<div class="top">${blocks(rest, 2)}</div>`}${trusted(TOP_END)}`;

/**
 * A page with another first screen, and nothing else changed. Text of people has no `<`, so the marks are our own.
 * @returns null for a page of a program that did not mark it
 */
export function withTop(page: string, other: Top): string | null {
  const start = page.indexOf(TOP_START);
  const end = page.indexOf(TOP_END);
  if (start < 0 || end < start) return null;
  return page.slice(0, start) + top(other).source + page.slice(end + TOP_END.length);
}

function head({ eyebrow, question, word, tone, rest, lead, facts }: Head): Html {
  const asked = question === null ? NOTHING : html`<small>${question}</small> `;
  const detail = rest.replace(/^[\s:.]+/, "");
  return html`<header class="top ${question === null ? "" : "call"}"><div>
<p class="eyebrow">${eyebrow.map((part) => html`<span>${inline(part)}</span>`)}</p>
<h1>${asked}<span class="word ${tone}">${word}${question === null ? "" : "."}</span></h1>
${detail === "" ? NOTHING : html`<p class="lead">${capital(detail)}</p>`}
${lead.map((text) => html`<p class="lead">${inline(text)}</p>`)}
${factList(facts)}
</div></header>`;
}

const factList = (facts: readonly Fact[]): Html =>
  facts.length === 0
    ? NOTHING
    : html`<dl class="facts">${facts.map(({ term, text }) => html`<div><dt>${term}</dt><dd>${inline(text)}</dd></div>`)}</dl>`;

const contents = (sections: readonly Section[]): Html =>
  html`<nav aria-label="Contents"><ul>${sections.map(({ id, title, short = title }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>`;

const section = ({ id, title, blocks: content }: Section): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${blocks(content)}</section>\n`;
