import { type HistoryRow, meanMagnitude } from "./context.js";

/** Periods in a year, and ahead. */
interface Spans {
  readonly season: number;
  readonly horizon: number;
}

/** A row is steady when its largest size is more than this many times what a season changes. */
export const STEADY = 100;

/** The unit of the intervals of a row that never moved, as a share of its level. */
export const STILL_UNIT = 1e-3;

export interface Steadiness {
  /** Null: the scale. */
  readonly unit: number | null;
  readonly low: number;
  readonly high: number;
}

/** Seasonal naive errors beyond the last season that a steady row may be forecast: what a straight line gains over the horizon, and half of one. */
export const reachOf = ({ horizon, season }: Spans): number => 0.5 + horizon / season;

/**
 * A pooled regression is off by some per cent of a level: nothing for most series, and everything for one whose seasons differ by less than a hundredth of it.
 * Such a row is forecast within what it was in the last season, and as far beyond as its own errors reach. One that never moved goes on so.
 * @param row what is known, NaN where missing
 * @param filled the same without holes
 * @returns null for a row that is not steady
 */
export function steadiness(row: HistoryRow, filled: Float64Array, shape: Spans): Steadiness | null {
  const { season } = shape;
  let [sum, pairs, size] = [0, 0, 0];
  for (let t = 0; t < row.length; t++) {
    if (Number.isNaN(row[t]!)) continue;
    size = Math.max(size, Math.abs(row[t]!));
    const change = t < season ? Number.NaN : Math.abs(row[t]! - row[t - season]!);
    if (Number.isNaN(change)) continue;
    sum += change;
    pairs++;
  }
  if (2 * pairs < season || size === 0) return null;
  const error = sum / pairs;
  if (!(size > STEADY * error)) return null;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of row) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const last = filled.subarray(filled.length - season);
  const reach = reachOf(shape) * error;
  return {
    unit: least === most ? STILL_UNIT * meanMagnitude(row) : null,
    low: Math.min(...last) - reach,
    high: Math.max(...last) + reach,
  };
}
