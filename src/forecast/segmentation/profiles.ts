import * as statistics from "simple-statistics";
import { seasonLength } from "../../calendar/period.js";
import { type Panel, targetWindow } from "../../panel/panel.js";

/** What one series looks like in its last three seasons before the cutoff. */
export interface SeriesProfile {
  /** Σ|y| over the last season, in units of the target. */
  readonly volume: number;
  /** Mean change from one season to the next as a share of mean |y|, clipped to −1..1; 0 below two seasons of values. */
  readonly trend: number;
  /** 1 − Var(remainder) / Var(detrended), 0..1 (Hyndman & Athanasopoulos, FPP3 section 4.3); 0 below two seasons of values. */
  readonly seasonalStrength: number;
  /** Standard deviation of the seasonally adjusted values by mean |y|; plain below two seasons. Infinity when there is no demand. */
  readonly variation: number;
  /** Share of values that are zero; 1 when there is no value. */
  readonly zeroShare: number;
}

const SEASONS = 3;

/** One profile a series, in panel order. */
export function seriesProfiles(panel: Panel): SeriesProfile[] {
  const season = seasonLength(panel.calendar.frequency);
  const length = SEASONS * season;
  const window = targetWindow(panel, panel.lastPeriod, length);
  return panel.series.map((_, s) => profile(window.subarray(s * length, (s + 1) * length), season));
}

function profile(values: Float64Array, season: number): SeriesProfile {
  const size = mean(present(values.map(Math.abs)));
  const volume = statistics.sum([...present(values.subarray(-season).map(Math.abs))]);
  const numbers = present(values);
  if (size === 0) return { volume, trend: 0, seasonalStrength: 0, variation: Infinity, zeroShare: 1 };
  const zeroShare = numbers.filter((value) => value === 0).length / numbers.length;
  if (numbers.length < 2 * season) {
    const variation = Math.sqrt(variance(numbers)) / size;
    return { volume, trend: 0, seasonalStrength: 0, variation, zeroShare };
  }

  const change = mean(present(values.subarray(season).map((value, t) => value - values[t]!)));
  const detrended = values.map((value, t) => value - (change * t) / season);
  const pattern = seasonalPattern(detrended, season);
  const remainder = present(detrended.map((value, t) => value - pattern[t % season]!));
  const adjusted = present(values.map((value, t) => value - pattern[t % season]!));
  const total = variance(present(detrended));
  return {
    volume,
    trend: Math.max(-1, Math.min(1, change / size)),
    seasonalStrength: total > 0 ? Math.max(0, 1 - variance(remainder) / total) : 0,
    variation: Math.sqrt(variance(adjusted)) / size,
    zeroShare,
  };
}

/** Mean of each position of the season, less their overall mean; 0 for a position without values. */
function seasonalPattern(values: Float64Array, season: number): Float64Array {
  const overall = mean(present(values));
  return Float64Array.from({ length: season }, (_, position) => {
    const same = present(values.filter((_, t) => t % season === position));
    return same.length > 0 ? mean(same) - overall : 0;
  });
}

const present = (values: Float64Array): Float64Array => values.filter((value) => !Number.isNaN(value));
/** 0 for no values. */
const mean = (values: Float64Array): number => (values.length > 0 ? statistics.mean([...values]) : 0);
/** Population variance; 0 for no values. */
const variance = (values: Float64Array): number => (values.length > 0 ? statistics.variance([...values]) : 0);
