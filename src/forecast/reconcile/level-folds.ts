import type { Panel } from "../../panel/panel.js";
import { seasonalNaiveScale } from "../../stats/metrics.js";
import { combine } from "../combine/combine.js";
import type { Combination } from "../combine/model.js";
import { contextWindow } from "../context.js";
import type { FoldOutcome } from "../cv.js";
import { blankEmpty, clipRows } from "../interpret.js";
import { errorScales, sumMembers } from "./coherent.js";
import type { Group } from "./hierarchy.js";
import { alive, sumHistory } from "./sums.js";

/** One side of a fold: the series, or the groups. Matrices are [rows × H]. */
export interface Side {
  readonly forecast: Float64Array;
  /** NaN where there is none. */
  readonly actual: Float64Array;
  /** MASE denominators up to the origin. */
  readonly maseScale: readonly (number | null)[];
}

/** What a fold forecast of all series that were alive at its origin, and of their sums. */
export interface LevelFold {
  readonly origin: number;
  readonly horizon: number;
  readonly living: Uint8Array;
  readonly series: Side;
  /** Forecasts are NaN where a learner forecasts no sums. */
  readonly groups: Side;
  /** [series + groups] of `errorScales`. */
  readonly scale: Float64Array;
  /** Of the targets that were known at its origin. */
  readonly nonNegative: boolean;
}

/** How one fold's forecasts came about. */
export interface FoldForecast {
  readonly outcome: FoldOutcome;
  /** Of the combination, [series × H]. */
  readonly forecast: Float64Array;
  /** The combination that made it. */
  readonly combination: Combination;
}

/**
 * A sum whose members have no actual counts all the same while these are at most this share of its forecast: their
 * own forecasts stand in. Else one late series would leave no total to score.
 */
const MAX_MISSING_SHARE = 0.1;

export function levelFold(
  panel: Panel,
  { outcome, forecast, combination }: FoldForecast,
  groups: readonly Group[],
): LevelFold {
  const { rows, fold } = outcome;
  const { horizon, season, count } = rows;
  const living = alive(rows.history, count, season);
  const scale = errorScales(rows.history, count, season);
  const summed = sumHistory(rows.history, living, groups, season);
  return {
    origin: fold.origin,
    horizon,
    living,
    series: { forecast, actual: outcome.actual, maseScale: outcome.maseScale },
    groups: {
      forecast:
        forecastSums(outcome, combination) ?? new Float64Array(groups.length * horizon).fill(Number.NaN),
      actual: actualSums({ horizon, living, series: forecast, groups }, outcome.actual),
      maseScale: maseScales(panel, fold.origin, living, groups, season),
    },
    nonNegative: outcome.clip.nonNegative,
    scale: Float64Array.of(...[scale, errorScales(summed, groups.length, season)].flatMap((own) => [...own])),
  };
}

function forecastSums({ sums, clip }: FoldOutcome, combination: Combination): Float64Array | null {
  if (sums === null) return null;
  // The seasonal naive may follow the experts, and is none.
  const experts = sums.forecasts.slice(0, combination.weights[0]!.length);
  const forecast = combine(combination, experts, sums.rows);
  clipRows(forecast, sums.rows, clip);
  blankEmpty(forecast, sums.rows);
  return forecast;
}

function actualSums(base: Parameters<typeof sumMembers>[0], actual: Float64Array): Float64Array {
  const { series } = base;
  const isMissing = actual.map((value, cell) => Number(Number.isNaN(value) && !Number.isNaN(series[cell]!)));
  const standIn = sumMembers({
    ...base,
    series: actual.map((value, cell) => (isMissing[cell] ? series[cell]! : value)),
  });
  const missing = sumMembers({
    ...base,
    series: isMissing.map((flag, cell) => (flag ? Math.abs(series[cell]!) : 0)),
  });
  const all = sumMembers({ ...base, series: series.map(Math.abs) });
  return standIn.map((value, cell) =>
    missing[cell]! <= MAX_MISSING_SHARE * all[cell]! ? value : Number.NaN,
  );
}

function maseScales(
  panel: Panel,
  origin: number,
  living: Uint8Array,
  groups: readonly Group[],
  season: number,
): (number | null)[] {
  const first = panel.period.reduce((least, period) => Math.min(least, period), origin);
  const length = origin - first + 1;
  const sums = sumHistory(contextWindow(panel, origin, length), living, groups, season);
  return groups.map((_, g) => {
    const scale = seasonalNaiveScale(sums.subarray(g * length, (g + 1) * length), season);
    return scale === 0 ? null : scale;
  });
}
