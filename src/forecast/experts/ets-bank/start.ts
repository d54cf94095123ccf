import type { MemberGroup } from "./members.js";

/**
 * Start values of a row: of the classes without a season by regression over its first periods, of those with
 * one from its first two or three whole seasons. Differences are taken before means, so that what is constant
 * stays exactly so, however large it is beside the rest.
 */
export interface Start {
  /** Periods that `mean` and `slope` were taken from. */
  readonly window: number;
  readonly mean: number;
  /** A period. */
  readonly slope: number;
  /** Whole seasons that the next two were taken from: 2 or 3; 0 when the row has fewer. */
  readonly seasons: number;
  /** [s]: mean of each phase, phase 0 first in the row. */
  readonly profile: Float64Array;
  /** A period. */
  readonly seasonalSlope: number;
}

/** Periods at the start of a row that level and slope are taken from, if it has as many. */
export const startWindow = (season: number): number => Math.max(10, 3 * season);

export function startValues(row: Float64Array, season: number): Start {
  const window = Math.min(row.length, startWindow(season));
  const first = row[0] ?? 0;
  let sum = 0;
  for (let i = 0; i < window; i++) sum += row[i]! - first;
  const mean = sum / Math.max(1, window);
  let product = 0;
  for (let i = 0; i < window; i++) product += (i - (window - 1) / 2) * (row[i]! - first - mean);
  const seasons = row.length < 2 * season ? 0 : Math.min(3, Math.floor(row.length / season));
  const profile = new Float64Array(season);
  let rise = 0;
  for (let j = 0; seasons > 0 && j < season; j++) {
    const base = row[j]!;
    const second = row[j + season]! - base;
    const third = seasons === 3 ? row[j + 2 * season]! - base : 0;
    profile[j] = base + (second + third) / seasons;
    rise += seasons === 3 ? third : second;
  }
  return {
    window,
    mean: first + mean,
    slope: product / squaresAround(window),
    seasons,
    profile,
    seasonalSlope: rise / (season * season * Math.max(1, seasons - 1)),
  };
}

/** Σ (i − mean i)² over i = 0..n−1; 1 where it would be 0. */
const squaresAround = (n: number): number => Math.max(1, (n * (n * n - 1)) / 12);

/**
 * What the start values predict of the row's periods 0, 1, … when no error corrects them. Before the first
 * period, level and slope stand on the line of the regression there; without a trend the level is the mean.
 * Seasonal indices are the profile's deviations from that line.
 * @param carried `dampedSums` of the group's φ; empty without a trend
 * @param path as many periods as are asked for
 */
export function startPath(
  start: Start,
  group: Pick<MemberGroup, "seasonal" | "phi">,
  carried: Float64Array,
  path: Float64Array,
): void {
  const { window, mean, slope, seasons, profile, seasonalSlope } = start;
  const season = profile.length;
  for (let i = 0; i < path.length; i++) {
    const phase = i % season;
    if (!group.seasonal) {
      path[i] = group.phi === null ? mean : mean + slope * (carried[i + 1]! - (window + 1) / 2);
    } else if (group.phi === null) {
      path[i] = profile[phase]! - seasonalSlope * (phase - (season - 1) / 2);
    } else {
      path[i] =
        profile[phase]! + seasonalSlope * (carried[i + 1]! - phase - 1 - (season * (seasons - 1)) / 2);
    }
  }
}
