import { compact, figure, percent } from "../../format.js";

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

/** 0.325 → 32.5%: as many digits as show every tick as it is. */
export function shareLabels(ticks: readonly number[]): string[] {
  const isExact = (value: number, digits: number) =>
    Math.abs(Number(value.toFixed(digits + 2)) - value) < 1e-12;
  let digits = 0;
  while (digits < MOST_DIGITS && !ticks.every((value) => isExact(value, digits))) digits++;
  return ticks.map((value) => percent(value, digits));
}

const MOST_DIGITS = 10;

/**
 * The vertical axis, rising upwards.
 * @param top pixels of the highest tick
 * @param bottom pixels of the lowest one
 */
export function verticalScale(
  values: readonly number[],
  { top, bottom, unit }: { readonly top: number; readonly bottom: number; readonly unit: "number" | "share" },
): Scale {
  const ticks = ticksOf(values);
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  return {
    ticks,
    labels: unit === "share" ? shareLabels(ticks) : tickLabels(ticks),
    at: (value) => top + (bottom - top) * (1 - (value - low) / (high - low)),
  };
}

/** A tenth of a pixel is enough. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);
