import { count, levelText, percent, points } from "./format.js";
import { numberColumn, toned } from "./page/make.js";
import type { Cell, Column } from "./page/model.js";
import type { Tone } from "./verdict.js";

/** How scores read, alike on every page. */

export const BIAS_NOTE = "Bias: + is a forecast above the actual, − one below it.";

export const COVERAGE_COLUMNS: readonly Column[] = [
  numberColumn("Nominal"),
  numberColumn("Observed"),
  numberColumn("Difference"),
  numberColumn("n"),
];

export const COVERAGE_NOTE =
  "Coloured where it misses by more than two standard errors of a share of n: red is too seldom inside, so the intervals are too narrow; amber too often. Actuals of one quarter move together, so chance alone misses more often than that.";

export interface Coverage {
  readonly level: number;
  readonly observed: number | null;
  readonly n: number;
}

export function coverageCells({ level, observed, n }: Coverage): Cell[] {
  const tone = coverageTone({ level, observed, n });
  const paint = (text: string): Cell => (tone === null ? text : toned(tone, text));
  return [
    levelText(level),
    paint(percent(observed)),
    paint(points(observed === null ? null : observed - level)),
    count(n),
  ];
}

/** How a share of actuals inside stands to its level; null where it is near enough, or nothing was measured. */
export function coverageTone({ level, observed, n }: Coverage): Tone | null {
  if (observed === null || n === 0) return null;
  const distance = observed - level;
  if (Math.abs(distance) <= 2 * Math.sqrt((level * (1 - level)) / n)) return null;
  return distance < 0 ? "bad" : "warn";
}
