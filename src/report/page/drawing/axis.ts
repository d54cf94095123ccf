import type { Axis, Mark, Size } from "./drawing.js";
import { tickLabels, ticksOf } from "./scale.js";

export interface Label {
  readonly x: number;
  readonly text: string;
  readonly anchor: "start" | "middle" | "end";
}

/** Where things are from left to right, in pixels. */
export interface Horizontal {
  /** Of an index of the axis, or of a number where it is one of numbers. */
  at(position: number): number;
  /** Width that belongs to one index. */
  readonly slot: number;
  readonly labels: readonly Label[];
}

/** Pixels between two labels. */
const GAP = 8;

/** @param left where the plot begins, and `right` where it ends */
export function horizontal(
  axis: Axis,
  marks: readonly Mark[],
  { left, right, size }: { readonly left: number; readonly right: number; readonly size: Size },
): Horizontal {
  const width = right - left;
  const place = (x: number, text: string) => inside({ x, text, anchor: "middle" }, left, size);
  switch (axis.kind) {
    case "points": {
      const last = axis.labels.length - 1;
      const at = (index: number) => left + width * (last < 1 ? 0.5 : index / last);
      const slot = width / Math.max(1, last);
      const wanted = [0, last, ...axis.named, ...(size.isFull ? axis.labels.keys() : [])];
      return {
        at,
        slot,
        labels: apart(evenly(wanted, axis.labels, slot, size), axis.labels, at, place, size),
      };
    }
    case "slots": {
      const slot = width / Math.max(1, axis.labels.length);
      const at = (index: number) => left + slot * (index + 0.5);
      return { at, slot, labels: apart([...axis.labels.keys()], axis.labels, at, place, size) };
    }
    case "numbers": {
      const ticks = ticksOf(
        marks.flatMap((mark) => (mark.kind === "line" ? (mark.x ?? []) : [])),
        3,
      );
      const [low, high] = [ticks[0]!, ticks.at(-1)!];
      const at = (value: number) => left + (width * (value - low)) / (high - low);
      const texts = tickLabels(ticks);
      const labels = apart([...ticks.keys()], texts, (i) => at(ticks[i]!), place, size);
      return { at, slot: width, labels };
    }
  }
}

/** The ends and the named ones, then every so many as fit. */
function evenly(wanted: readonly number[], labels: readonly string[], slot: number, size: Size): number[] {
  const widest = Math.max(0, ...labels.map((label) => textWidth(label, size)));
  const every = Math.max(1, Math.ceil((widest + 2 * GAP) / slot));
  const first = wanted.filter((index, i) => i < 2 || !size.isFull || index % every === 0);
  return [...new Set(first.filter((index) => index >= 0 && index < labels.length))];
}

/** Labels that do not touch; what comes first stays. */
function apart(
  indexes: readonly number[],
  labels: readonly string[],
  at: (index: number) => number,
  place: (x: number, text: string) => Label,
  size: Size,
): Label[] {
  const kept: Label[] = [];
  for (const index of indexes) {
    const label = place(at(index), labels[index]!);
    const [from, to] = spanOf(label, size);
    const isFree = kept.every((other) => {
      const [start, end] = spanOf(other, size);
      return from > end + GAP || to < start - GAP;
    });
    if (isFree) kept.push(label);
  }
  return kept;
}

/** Centred, or pushed inwards where it would be cut off. */
function inside(label: Label, left: number, size: Size): Label {
  const half = textWidth(label.text, size) / 2;
  if (label.x - half < 2) return { ...label, x: Math.min(left, label.x), anchor: "start" };
  if (label.x + half > size.width - 2) return { ...label, x: size.width - 2, anchor: "end" };
  return label;
}

/** Columns that a text covers, about: characters of the axis font are of one width in the mean. */
export const textWidth = (text: string, { font }: Size): number => text.length * font * 0.58;

function spanOf({ x, text, anchor }: Label, size: Size): [number, number] {
  const width = textWidth(text, size);
  if (anchor === "start") return [x, x + width];
  return anchor === "end" ? [x - width, x] : [x - width / 2, x + width / 2];
}
