import { type Expectation, expectationOf } from "./expected.js";
import type { Finding } from "./finding.js";
import { at, clamp, type Grid, median, ordinaryMost } from "./grid.js";

/** Months late or early that are looked at. */
const SHIFTS = [1, -1, 2, -2] as const;
/** Residuals above this many times the series' level count as this many. */
const WORST = 1;
const FEWEST_SERIES = 5;
const FEWEST_QUARTERS = 2;

type SeasonFinding = Extract<Finding, { readonly cause: "season-shifted" }>;

/**
 * Whether the quarter's values fit the season of neighbouring months. With r what a value has too much, and d what the neighbouring month's season has
 * more than its own, the weight Σrd / Σd² is about 0 in an ordinary quarter, whatever the noise, and 1 where the season moved. A common level that
 * explains as much is the simpler cause. Only for months: a quarter period has no neighbour of the same quarter.
 */
export function seasonFindings(grid: Grid): SeasonFinding[] {
  if (grid.size < 2 || grid.earlier.length < FEWEST_QUARTERS) return [];
  const now = residualsOf(grid, expectationOf(grid, grid.start));
  if (now.series < FEWEST_SERIES) return [];
  const before = grid.earlier
    .map((start) => residualsOf(grid, expectationOf(grid, start)))
    .filter(({ series }) => series >= FEWEST_SERIES);
  if (before.length < FEWEST_QUARTERS) return [];
  const best = SHIFTS.map((months, k) => ({ months, ...fitOf(now, now.difference[k]!), k })).sort(
    (a, b) => a.error - b.error,
  )[0]!;
  const usualWeight = ordinaryMost(
    before.map((past) => Math.abs(fitOf(past, past.difference[best.k]!).weight)),
  );
  const usual = median(before.map(({ error }) => error));
  const gain = now.error - best.error;
  const gainOfLevel = now.error - now.errorLevelled;
  const fits = clamp(1 - Math.abs(1 - best.weight));
  const distinct = clamp(1 - usualWeight / best.weight);
  const explained = gain <= 0 ? 0 : clamp(gain / Math.max(gain, now.error - usual));
  const beyondLevel = gain <= 0 ? 0 : clamp(gain / Math.max(gain, gainOfLevel)) ** 2;
  const score = Math.sqrt(fits * distinct) * explained * beyondLevel;
  if (!(score > 0)) return [];
  return [
    {
      cause: "season-shifted",
      score: clamp(score),
      months: best.months,
      weight: best.weight,
      weightBefore: usualWeight,
      series: now.series,
      history: false,
    },
  ];
}

interface Residuals {
  /** What each value has too much, in units of its series' level. */
  readonly residual: readonly number[];
  /** By shift: what the season of that month has more. */
  readonly difference: readonly (readonly number[])[];
  /** Mean of squares, as they are and with one common level undone. */
  readonly error: number;
  readonly errorLevelled: number;
  readonly series: number;
}

function residualsOf(grid: Grid, { start, scale, of }: Expectation): Residuals {
  const pairs: { y: number; own: number; others: number[]; scale: number }[] = [];
  const series = new Set<number>();
  for (let s = 0; s < grid.panel.series.length; s++) {
    for (let column = start; column < start + grid.size; column++) {
      const y = at(grid, s, column);
      const past = [0, ...SHIFTS].map((shift) => at(grid, s, column - shift - grid.season));
      if (Number.isNaN(y) || Number.isNaN(scale[s]!) || past.some(Number.isNaN)) continue;
      const others = SHIFTS.map((months) => of(s, column - months));
      pairs.push({ y, own: of(s, column), others, scale: scale[s]! });
      series.add(s);
    }
  }
  const level = median(pairs.flatMap(({ y, own }) => (y > 0 && own > 0 ? [y / own] : []))) || 1;
  const residualAt = (factor: number) =>
    pairs.map(({ y, own, scale: size }) => bound((y / factor - own) / size));
  const residual = residualAt(1);
  return {
    residual,
    difference: SHIFTS.map((_, k) =>
      pairs.map(({ own, others, scale: size }) => bound((others[k]! - own) / size)),
    ),
    error: meanSquare(residual),
    errorLevelled: meanSquare(residualAt(level)),
    series: series.size,
  };
}

/** Of residuals on what another month's season has more. */
function fitOf({ residual }: Residuals, difference: readonly number[]): { weight: number; error: number } {
  let [product, square] = [0, 0];
  for (const [i, d] of difference.entries()) {
    product += residual[i]! * d;
    square += d * d;
  }
  return {
    weight: square > 0 ? product / square : 0,
    error: meanSquare(residual.map((r, i) => r - difference[i]!)),
  };
}

const bound = (value: number): number => Math.min(WORST, Math.max(-WORST, value));
const meanSquare = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;
