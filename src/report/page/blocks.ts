import { capital } from "../format.js";
import { type ColorKey, type Drawing, MIDDLE, NARROW, SMALL, WIDE } from "./drawing/drawing.js";
import { svg } from "./drawing/svg.js";
import { type Html, html, NOTHING } from "./markup.js";
import type { Block, Fact, FileLink, Finding, Inline, Multiple, Text, Tile } from "./model.js";
import { tableHtml } from "./table.js";

/**
 * Blocks of a page as HTML.
 * @param level of the headings between them
 */
export const blocks = (all: readonly Block[], level: 2 | 3 = 3): Html =>
  html`${all.map((one) => html`${block(one, level)}\n`)}`;

function block(one: Block, level: 2 | 3): Html {
  switch (one.kind) {
    case "text":
      return one.look === "plain"
        ? html`<p>${inline(one.text)}</p>`
        : html`<p class="${one.look}">${inline(one.text)}</p>`;
    case "heading":
      return level === 2 ? html`<h2>${one.text}</h2>` : html`<h3>${one.text}</h3>`;
    case "table":
      return tableHtml(one, inline);
    case "tiles":
      return tiles(one.tiles);
    case "figure":
      return figure(one.caption, one.drawing, one.keys);
    case "multiples":
      return multiples(one.caption, one.items, one.keys);
    case "fold":
      return html`<details><summary>${one.summary}</summary>${blocks(one.blocks, level)}</details>`;
    case "call":
      return html`<aside class="call ${one.tone}" aria-label="${one.label}">${blocks(one.blocks, level)}</aside>`;
    case "facts":
      return facts(one.facts);
    case "findings":
      return findings(one.findings);
    case "commands":
      return commands(one.commands);
    case "lines":
      return html`<pre>${one.lines.join("\n")}</pre>`;
    case "files":
      return html`<ul class="files">${one.files.map(file)}</ul>`;
  }
}

/** A line of text with what is in it. */
export const inline = (text: Text): Html => html`${[text].flat().map(part)}`;

function part(one: Inline): Html | string {
  if (typeof one === "string") return one;
  switch (one.kind) {
    case "break":
      return html`<br>`;
    case "strong":
      return html`<strong>${one.text}</strong>`;
    case "dim":
      return html`<span class="dim">${one.text}</span>`;
    case "toned":
      return html`<span class="toned ${one.tone}">${one.text}</span>`;
    case "pill":
      return html`<span class="pill ${one.tone}">${one.text}</span>`;
  }
}

const tiles = (items: readonly Tile[]): Html =>
  html`<dl class="tiles">${items.map(
    ({ label, value, note }) =>
      html`<div><dt>${label}</dt><dd><strong>${value}</strong><span>${note}</span></dd></div>`,
  )}</dl>`;

/** A drawing for each width of screen, of which one is shown. */
const figure = (caption: string, drawing: Drawing, keys: readonly ColorKey[]): Html =>
  html`<figure class="full"><figcaption>${caption}</figcaption>
<div class="wide">${svg(drawing, WIDE)}</div><div class="middle">${svg(drawing, MIDDLE)}</div><div class="narrow">${svg(drawing, NARROW)}</div>
${keyList(keys)}</figure>`;

const multiples = (caption: string, items: readonly Multiple[], keys: readonly ColorKey[]): Html =>
  html`<p class="caption">${caption}</p>${keyList(keys)}<div class="multiples">${items.map(
    ({ title, note, drawing }) =>
      html`<figure><figcaption><strong>${title}</strong> <span>${note}</span></figcaption>${svg(drawing, SMALL)}</figure>\n`,
  )}</div>`;

const keyList = (keys: readonly ColorKey[]): Html =>
  html`<ul class="keys">${keys.map(
    ({ label, color, shape }) => html`<li><i class="${shape}" style="--key:var(${color})"></i>${label}</li>`,
  )}</ul>`;

const facts = (all: readonly Fact[]): Html =>
  html`<dl class="said">${all.map(({ term, text }) => html`<dt>${term}</dt><dd>${inline(text)}</dd>`)}</dl>`;

const findings = (all: readonly Finding[]): Html =>
  html`<ol class="findings">${all.map(
    ({ title, note, tone, lines }) =>
      html`<li class="${tone}"><strong>${title}</strong> <span class="pill ${tone}">${note}</span>${
        lines.length === 0 ? NOTHING : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`
      }</li>\n`,
  )}</ol>`;

const commands = (all: readonly { readonly command: string; readonly purpose: string }[]): Html =>
  html`<div class="commands">${all.map(
    ({ command, purpose }) => html`<div><p>${capital(purpose)}</p><pre><code>${command}</code></pre></div>\n`,
  )}</div>`;

const file = ({ label, path, to }: FileLink): Html =>
  html`<li>${to === null ? label : html`<a href="${to}">${label}</a>`} <span class="dim">${path}</span></li>`;
