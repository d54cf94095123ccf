import { escapeHtml, type Html, trusted } from "../markup.js";
import { horizontal, textWidth } from "./axis.js";
import type { Drawing, Mark, Size } from "./drawing.js";
import { drawMark } from "./marks.js";
import { px, verticalScale } from "./scale.js";

const RIGHT = 10;
/** Above the highest tick; more where a text stands above the bars. */
const TOP = 8;

/** The drawing as SVG of a size. */
export function svg({ label, axis, marks, unit, hasZero }: Drawing, size: Size): Html {
  const noted = marks.some((mark) => mark.kind === "bars" && Array.isArray(mark.notes));
  const top = TOP + (noted ? size.font + 2 : 0);
  const bottom = size.height - size.font * 2;
  const bars = marks.some(({ kind }) => kind === "bars");
  const scale = verticalScale([...marks.flatMap(valuesOf), ...(hasZero || bars ? [0] : [])], {
    top,
    bottom,
    unit,
  });
  const left = Math.ceil(Math.max(...scale.labels.map((text) => textWidth(text, size)))) + 10;
  const right = size.width - RIGHT;
  const across = horizontal(axis, marks, { left, right, size });
  const grid = scale.ticks.map((value, i) => {
    const y = scale.at(value);
    return `<path d="M${left} ${px(y)}H${right}" stroke="var(--line)"/>${text(left - 6, y + size.font * 0.35, "end", scale.labels[i]!)}`;
  });
  const labels = across.labels.map((one) => text(one.x, size.height - size.font * 0.5, one.anchor, one.text));
  const frame = { across, scale, size, top, bottom };
  return trusted(
    `<svg role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${size.width} ${size.height}" font-size="${size.font}"><g fill="var(--muted)">${grid.join("")}${labels.join("")}</g>${marks.map((mark) => drawMark(mark, frame)).join("")}</svg>`,
  );
}

const text = (x: number, y: number, anchor: string, words: string): string =>
  `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}">${escapeHtml(words)}</text>`;

/** What the vertical axis has to span. */
function valuesOf(mark: Mark): number[] {
  const isThere = (value: number | null): value is number => value !== null;
  switch (mark.kind) {
    case "band":
      return [...mark.lo, ...mark.hi].filter(isThere);
    case "bars":
      return mark.of.flatMap(({ values }) => values.filter(isThere));
    case "upright":
      return [];
    default:
      return mark.values.filter(isThere);
  }
}
