import { DASH } from "../format.js";
import type { Tone } from "../verdict.js";
import { type Child, Html, html, NOTHING } from "./markup.js";

/** The few building blocks that every section is made of. */

export const section = (id: string, title: string, ...body: readonly Child[]): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`;

/** Links to sections, by id and title. */
export const contents = (sections: readonly (readonly [id: string, title: string])[]): Html =>
  html`<nav aria-label="Contents"><ul>${sections.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;

/** One line instead of a section's content: why there is none. */
export const absent = (reason: string): Html => html`<p class="absent">${reason}</p>`;

export const pill = (tone: Tone, word: string): Html => html`<span class="pill ${tone}">${word}</span>`;

export interface Column {
  readonly label: string;
  readonly kind?: "text" | "number" | "code";
}

export const textColumn = (label: string): Column => ({ label });
export const numberColumn = (label: string): Column => ({ label, kind: "number" });
export const codeColumn = (label: string): Column => ({ label, kind: "code" });

/** The first cell of a row is its header. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Child[])[],
): Html {
  const className = ({ kind = "text" }: Column) => kind;
  return html`<p class="caption">${caption}</p><div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<thead><tr>${columns.map((column) =>
    // A column of pictures has no name: a header cell without text is a fault for screen readers.
    column.label === ""
      ? html`<td></td>`
      : html`<th scope="col" class="${className(column)}">${column.label}</th>`,
  )}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, c) => bodyCell(columns[c]!, cell, c === 0))}</tr>\n`)}</tbody>
</table></div>`;
}

function bodyCell(column: Column, cell: Child, header: boolean): Html {
  const kind = column.kind ?? "text";
  const dim = cell === DASH ? " dim" : "";
  const length = textLength(cell);
  // A period or a short name must not break at its hyphen on a phone; a long name may.
  const short = length <= SHORT ? " short" : "";
  const long = length > LONG ? " long" : "";
  return header
    ? html`<th scope="row" class="${kind}${short}">${cell}</th>`
    : html`<td class="${kind}${dim}${long}">${cell}</td>`;
}

/** Characters that a name may have to stay on one line, and from which a cell needs some width beside others. */
const SHORT = 18;
const LONG = 40;

const textLength = (cell: Child): number =>
  (cell instanceof Html ? cell.source : html`${cell}`.source).replace(/<[^>]*>/g, "").length;

/** A bar inside a cell: `share` of the full width, 0..1, with an optional mark at `mark`. */
export function barCell(tone: Tone | "plain", share: number, mark: number | null = null): Html {
  const tick = mark === null ? NOTHING : html`<i class="tick" style="left:${cssPercent(mark)}"></i>`;
  return html`<span class="meter ${tone}" aria-hidden="true"><i class="fill" style="width:${cssPercent(share)}"></i>${tick}</span>`;
}

const cssPercent = (share: number): string =>
  `${Number.isFinite(share) ? Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10 : 0}%`;

/** A bar from `lo` to `hi` with a dot at `value`, and marks, all on the scale `from`..`to`. */
export function intervalCell(
  tone: Tone | "plain",
  { lo, hi, value }: { readonly lo: number; readonly hi: number; readonly value: number },
  {
    from,
    to,
    zero,
    limit,
  }: { readonly from: number; readonly to: number; readonly zero: number; readonly limit: number | null },
): Html {
  const at = (position: number) => cssPercent((position - from) / (to - from));
  const mark = (name: string, position: number) => html`<i class="${name}" style="left:${at(position)}"></i>`;
  const bar = html`<i class="span" style="left:${at(lo)};width:${cssPercent((hi - lo) / (to - from))}"></i>`;
  return html`<span class="range ${tone}" aria-hidden="true">${mark("zero", zero)}${bar}${mark("dot", value)}${limit === null ? NOTHING : mark("tick", limit)}</span>`;
}

export interface Multiple {
  readonly title: string;
  readonly note: string;
  readonly drawing: Html;
}

/** Small drawings of one kind in a grid. */
export const multiples = (caption: string, items: readonly Multiple[], keys: Html): Html =>
  html`<p class="caption">${caption}</p>${keys}<div class="multiples">${items.map(
    ({ title, note, drawing }) =>
      html`<figure><figcaption><strong>${title}</strong> <span>${note}</span></figcaption>${drawing}</figure>\n`,
  )}</div>`;

export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

export const tiles = (items: readonly Tile[]): Html =>
  items.length === 0
    ? NOTHING
    : html`<dl class="tiles">${items.map(
        ({ label, value, note }) =>
          html`<div><dt>${label}</dt><dd><strong>${value}</strong><span>${note}</span></dd></div>`,
      )}</dl>`;

export const more = (summary: string, body: Child): Html =>
  html`<details><summary>${summary}</summary>${body}</details>`;
