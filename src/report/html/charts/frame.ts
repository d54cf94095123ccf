import { compact, figure } from "../../format.js";
import { escapeHtml, type Html, trusted } from "../markup.js";

/** A small drawing by hand: one size fits phone and desktop, since a grid of them fills the width there is. */
export const WIDTH = 320;
export const HEIGHT = 150;
const TOP = 8;
const BOTTOM = 24;
const RIGHT = 8;
/** Pixels of a character of the axis font. */
const CHARACTER = 6.3;

/** A range of numbers with round ticks, on an axis of pixels. */
export interface Scale {
  readonly ticks: readonly number[];
  readonly labels: readonly string[];
  /** Pixels of a value. */
  at(value: number): number;
}

/** Round ticks that span the values: 1, 2 or 5 times a power of ten apart. */
export function ticksOf(values: readonly number[], most = 4): number[] {
  const [low, high] = rangeOf(values);
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const [first, last] = [Math.floor(low / step), Math.ceil(high / step)];
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Steps between smaller numbers would be zero. */
const TINY = 1e-290;

/** Lowest and highest value, apart from each other; from zero where the lowest is near it. */
function rangeOf(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  if (low > 0 && low < high * 0.4) low = 0;
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(size * 1e-9, TINY)) return [low, high];
  const spread = size > TINY ? size * 0.1 : 1;
  return [low - spread, high + spread];
}

/** 20.0k → 20k: ticks stand alone and need no digits to line up. In full where short ones would be equal. */
export function tickLabels(ticks: readonly number[]): string[] {
  const short = ticks.map((value) =>
    compact(value)
      .replace(/(\.\d*?)0+(?=\D|$)/, "$1")
      .replace(/\.(?=\D|$)/, ""),
  );
  return new Set(short).size === ticks.length ? short : ticks.map(figure);
}

/** The vertical axis, rising upwards. */
export function verticalScale(values: readonly number[]): Scale {
  const ticks = ticksOf(values);
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const height = HEIGHT - TOP - BOTTOM;
  return {
    ticks,
    labels: tickLabels(ticks),
    at: (value) => TOP + height * (1 - (value - low) / (high - low)),
  };
}

/** Where the plot begins: beside the widest label. */
export const leftOf = ({ labels }: Scale): number =>
  Math.ceil(Math.max(...labels.map(({ length }) => length)) * CHARACTER) + 10;

/** A share 0..1 of the plot's width in pixels. */
export const across = (left: number, share: number): number => left + (WIDTH - RIGHT - left) * share;

export interface AxisText {
  readonly x: number;
  readonly text: string;
  readonly anchor: "start" | "middle" | "end";
}

/** Grid and labels, and whatever is drawn into them. */
export function framed(
  label: string,
  scale: Scale,
  bottom: readonly AxisText[],
  content: readonly string[],
): Html {
  const left = leftOf(scale);
  const grid = scale.ticks.map((value, i) => {
    const y = px(scale.at(value));
    return `<path d="M${left} ${y}H${WIDTH - RIGHT}" stroke="var(--line)"/><text x="${left - 6}" y="${px(scale.at(value) + 4)}" text-anchor="end">${escapeHtml(scale.labels[i]!)}</text>`;
  });
  const texts = bottom.map(
    ({ x, text, anchor }) =>
      `<text x="${px(x)}" y="${HEIGHT - 6}" text-anchor="${anchor}">${escapeHtml(text)}</text>`,
  );
  return trusted(
    `<svg class="small" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><g fill="var(--muted)" font-size="11">${grid.join("")}${texts.join("")}</g>${content.join("")}</svg>`,
  );
}

/** Text centred at `x`, or pushed inwards where it would be cut off. */
export function axisText(x: number, text: string, left: number): AxisText {
  const half = (text.length * CHARACTER) / 2;
  if (x - half < left - 4) return { x: left, text, anchor: "start" };
  if (x + half > WIDTH - 2) return { x: WIDTH - 2, text, anchor: "end" };
  return { x, text, anchor: "middle" };
}

/** Columns that a text covers, to keep labels apart. */
export function spanOf({ x, text, anchor }: AxisText): [number, number] {
  const width = text.length * CHARACTER;
  if (anchor === "start") return [x, x + width];
  return anchor === "end" ? [x - width, x] : [x - width / 2, x + width / 2];
}

/** A tenth of a pixel is enough. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);
