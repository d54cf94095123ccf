import { percent } from "../../format.js";
import { escapeHtml } from "../markup.js";
import { type Horizontal, textWidth } from "./axis.js";
import type { Mark, Size, Values } from "./drawing.js";
import { px, type Scale } from "./scale.js";

export interface Frame {
  readonly across: Horizontal;
  readonly scale: Scale;
  readonly size: Size;
  /** Pixels of the plot's edges. */
  readonly top: number;
  readonly bottom: number;
}

type MarkOf<K extends Mark["kind"]> = Extract<Mark, { readonly kind: K }>;

export function drawMark(mark: Mark, frame: Frame): string {
  switch (mark.kind) {
    case "line":
      return line(mark, frame);
    case "band":
      return band(mark, frame);
    case "bars":
      return bars(mark, frame);
    case "levels":
      return levels(mark, frame);
    case "dots":
      return dots(mark, frame);
    case "upright":
      return `<path d="M${px(frame.across.at(mark.at))} ${frame.top}V${px(frame.bottom)}" stroke="var(--muted)" stroke-dasharray="3 3"/>`;
  }
}

/** Indexes of neighbours that all have a number. */
function runs(...columns: readonly Values[]): number[][] {
  const found: number[][] = [];
  let run: number[] = [];
  for (let i = 0; i < columns[0]!.length; i++) {
    if (columns.every((values) => values[i] !== null && values[i] !== undefined)) {
      if (run.length === 0) found.push(run);
      run.push(i);
    } else run = [];
  }
  return found;
}

function line(
  { values, x, color, width, isDashed, hasDots = false }: MarkOf<"line">,
  { across, scale }: Frame,
) {
  const at = (i: number) => px(across.at(x === undefined ? i : x[i]!));
  const dash = isDashed === true ? ' stroke-dasharray="5 4"' : "";
  return runs(values)
    .flatMap((run) => [
      ...(run.length < 2
        ? []
        : [
            `<path d="M${run.map((i) => `${at(i)} ${px(scale.at(values[i]!))}`).join("L")}" fill="none" stroke="var(${color})" stroke-width="${width}" stroke-linejoin="round"${dash}/>`,
          ]),
      ...(hasDots || run.length === 1 ? run : []).map(
        (i) =>
          `<circle cx="${at(i)}" cy="${px(scale.at(values[i]!))}" r="${px(width * 1.2)}" fill="var(${color})"/>`,
      ),
    ])
    .join("");
}

function band({ lo, hi, color }: MarkOf<"band">, { across, scale }: Frame): string {
  const point = (i: number, values: Values) => `${px(across.at(i))} ${px(scale.at(values[i]!))}`;
  return runs(lo, hi)
    .map(
      (run) =>
        `<path d="M${run.map((i) => point(i, hi)).join("L")}L${[...run]
          .reverse()
          .map((i) => point(i, lo))
          .join("L")}Z" fill="var(${color})"/>`,
    )
    .join("");
}

/** Widest bar, in pixels. */
const WIDEST = 56;

const barWidth = (count: number, slot: number): number =>
  Math.min(WIDEST, (slot * 0.82) / Math.max(1, count));

function bars({ of, notes }: MarkOf<"bars">, { across, scale, size }: Frame): string {
  const width = barWidth(of.length, across.slot);
  const inner = Math.max(0.8, width - 2);
  const zero = scale.at(0);
  const left = (i: number, k: number) => across.at(i) + (k - of.length / 2) * width + (width - inner) / 2;
  const drawn = of.flatMap(({ values, color }, k) =>
    values.flatMap((value, i) => {
      if (value === null) return [];
      const y = scale.at(value);
      const rect = `<rect x="${px(left(i, k))}" y="${px(Math.min(y, zero))}" width="${px(inner)}" height="${px(Math.abs(zero - y))}" fill="var(${color})"/>`;
      if (notes !== "values") return [rect];
      const words = percent(value);
      const hasRoom = textWidth(words, size) < width && zero - y > size.font * 2;
      return [
        rect,
        hasRoom
          ? `<text x="${px(left(i, k) + inner / 2)}" y="${px(zero - 7)}" text-anchor="middle" fill="var(--bg)">${words}</text>`
          : "",
      ];
    }),
  );
  const above = (Array.isArray(notes) ? notes : []).map((words: string, i) => {
    if (textWidth(words, size) > across.slot) return "";
    const highest = Math.max(0, ...of.map(({ values }) => values[i] ?? 0));
    return `<text x="${px(across.at(i))}" y="${px(scale.at(highest) - 5)}" text-anchor="middle" fill="var(--fg)">${escapeHtml(words)}</text>`;
  });
  return [...drawn, ...above].join("");
}

/** Strokes as wide as the bars of a slot can be. */
function levels({ values, color }: MarkOf<"levels">, { across, scale }: Frame): string {
  const half = across.slot * 0.43;
  return values
    .map((value, i) => {
      if (value === null) return "";
      const y = px(scale.at(value));
      return `<path d="M${px(across.at(i) - half)} ${y}H${px(across.at(i) + half)}" stroke="var(${color})" stroke-width="2.5"/>`;
    })
    .join("");
}

function dots({ values, color, shape }: MarkOf<"dots">, { across, scale }: Frame): string {
  return values
    .map((value, i) => {
      if (value === null) return "";
      const [x, y] = [across.at(i), scale.at(value)];
      return shape === "circle"
        ? `<circle cx="${px(x)}" cy="${px(y)}" r="3.6" fill="var(${color})"/>`
        : `<path d="M${px(x)} ${px(y - 7)}l7 7l-7 7l-7 -7Z" fill="var(${color})"/>`;
    })
    .join("");
}
