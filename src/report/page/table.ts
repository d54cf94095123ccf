import { DASH } from "../format.js";
import { cellText, isPicture } from "./make.js";
import { type Html, html, NOTHING, trusted } from "./markup.js";
import type { Cell, Column, Picture, Table, Text } from "./model.js";

/**
 * Only the scrolling box is the region that a reader finds: the caption names it. A table whose rows become cards says what its parts are, since a
 * browser forgets that of table elements that are laid out as blocks.
 */
export function tableHtml({ caption, columns, rows, isCards }: Table, inline: (text: Text) => Html): Html {
  const role = (name: string) => (isCards ? trusted(` role="${name}"`) : NOTHING);
  const head = columns.map((column) =>
    // A column of pictures has no name: a header cell without text is a fault for screen readers.
    column.label === ""
      ? html`<td${role("cell")}></td>`
      : html`<th scope="col"${role("columnheader")} class="${column.kind}">${column.label}</th>`,
  );
  const body = rows.map(
    (row) =>
      html`<tr${role("row")}>${row.map((cell, c) => bodyCell(columns[c]!, cell, c === 0, isCards, inline))}</tr>\n`,
  );
  return html`<p class="caption">${caption}</p><div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table${
    isCards ? trusted(' class="cards"') : NOTHING
  }${role("table")}>
<thead${role("rowgroup")}><tr${role("row")}>${head}</tr></thead>
<tbody${role("rowgroup")}>${body}</tbody>
</table></div>`;
}

function bodyCell(
  { kind, label }: Column,
  cell: Cell,
  isHeader: boolean,
  isCards: boolean,
  inline: (text: Text) => Html,
): Html {
  const text = cellText(cell);
  // A period or a short name must not break at its hyphen on a phone; a long name may.
  const short = text.length <= SHORT ? " short" : "";
  const long = text.length > LONG ? " long" : "";
  const content = isPicture(cell) ? picture(cell) : inline(cell);
  if (isHeader)
    return html`<th scope="row"${isCards ? trusted(' role="rowheader"') : NOTHING} class="${kind}${short}">${content}</th>`;
  const dim = text === DASH ? " dim" : "";
  // What a card shows beside the value, for which the head of the table is out of sight.
  const named = isCards ? html` role="cell" data-label="${label}"` : NOTHING;
  const empty = isCards && text === "" && !isPicture(cell) ? " empty" : "";
  return html`<td${named} class="${kind}${dim}${long}${empty}">${content}</td>`;
}

/** Characters that a name may have to stay on one line, and from which a cell needs some width beside others. */
const SHORT = 18;
const LONG = 40;

function picture(one: Picture): Html {
  switch (one.kind) {
    case "bar": {
      const tick =
        one.mark === null ? NOTHING : html`<i class="tick" style="left:${percentOf(one.mark)}"></i>`;
      return html`<span class="meter ${one.tone}" aria-hidden="true"><i class="fill" style="width:${percentOf(one.share)}"></i>${tick}</span>`;
    }
    case "range":
      return rangeHtml(one);
    case "tint":
      return html`<span class="tint" style="--tint:var(${one.color});--share:${String(one.share)}">${one.text}</span>`;
  }
}

/** A bar from `lo` to `hi` with a dot at `value`, and marks, all on one scale. */
function rangeHtml({ tone, range, scale }: Extract<Picture, { readonly kind: "range" }>): Html {
  const { from, to, zero, limit } = scale;
  const at = (position: number) => percentOf((position - from) / (to - from));
  const mark = (name: string, position: number) => html`<i class="${name}" style="left:${at(position)}"></i>`;
  const span = html`<i class="span" style="left:${at(range.lo)};width:${percentOf((range.hi - range.lo) / (to - from))}"></i>`;
  return html`<span class="range ${tone}" aria-hidden="true">${mark("zero", zero)}${span}${mark("dot", range.value)}${limit === null ? NOTHING : mark("tick", limit)}</span>`;
}

const percentOf = (share: number): string =>
  `${Number.isFinite(share) ? Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10 : 0}%`;
