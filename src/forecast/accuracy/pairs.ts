import type { Actuals } from "./actuals.js";

/** Forecasts that were made at one cutoff, one row a (series, period), as columns of one length. */
export interface DatedForecasts {
  /** Last period that the forecaster had seen. */
  readonly cutoff: number;
  readonly series: readonly string[];
  readonly period: ArrayLike<number>;
  /** NaN is no forecast. */
  readonly forecast: ArrayLike<number>;
  readonly intervals: readonly {
    readonly level: number;
    readonly lo: ArrayLike<number>;
    readonly hi: ArrayLike<number>;
  }[];
}

/** One (series, period). Where a side is missing its number is NaN, and the pair counts as excluded. */
export interface Pair<F extends DatedForecasts = DatedForecasts> {
  readonly series: string;
  readonly period: number;
  readonly actual: number;
  readonly forecast: number;
  /** Where the forecast stands, or null for an actual that nobody forecast. */
  readonly from: { readonly forecasts: F; readonly row: number } | null;
}

export const isComplete = (pair: Pair): boolean =>
  Number.isFinite(pair.actual) && Number.isFinite(pair.forecast);

/** Periods first..last, both inclusive. */
export interface PeriodRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Every (series, period) of the range once, by the forecasts with the largest cutoff before the period that have a number
 * for it. Sorted by series of the panel, then by series that only the forecasts know, each by period.
 */
export function latestPairs<F extends DatedForecasts>(
  actuals: Actuals,
  snapshots: readonly F[],
  range: PeriodRange,
): Pair<F>[] {
  const chosen = new Map<string, Map<number, NonNullable<Pair<F>["from"]>>>();
  for (const forecasts of latestFirst(snapshots)) {
    for (const row of rowsIn(forecasts, range)) {
      const periods = entryOf(chosen, forecasts.series[row]!, () => new Map());
      const period = forecasts.period[row]!;
      if (!periods.has(period)) periods.set(period, { forecasts, row });
    }
  }
  const ids = [...actuals.series, ...strangers(chosen.keys(), actuals)];
  return ids.flatMap((series) => {
    const pairs: Pair<F>[] = [];
    for (let period = range.first; period <= range.last; period++) {
      const pair = pairOf(actuals, series, period, chosen.get(series)?.get(period) ?? null);
      if (!Number.isNaN(pair.actual) || pair.from !== null) pairs.push(pair);
    }
    return pairs;
  });
}

/**
 * Every forecast of the range against its actual, grouped by lead (1 = first period after the cutoff), rising. An actual
 * without a forecast counts as excluded at a lead only where that snapshot forecast the period for some other series.
 */
export function pairsByLead<F extends DatedForecasts>(
  actuals: Actuals,
  snapshots: readonly F[],
  range: PeriodRange,
): { readonly lead: number; readonly pairs: readonly Pair<F>[] }[] {
  const leads = new Map<number, Pair<F>[]>();
  for (const forecasts of latestFirst(snapshots)) {
    const covered = new Map<number, Set<string>>();
    for (const row of rowsIn(forecasts, range)) {
      const [series, period] = [forecasts.series[row]!, forecasts.period[row]!];
      entryOf(covered, period, () => new Set()).add(series);
      const pairs = entryOf(leads, period - forecasts.cutoff, () => []);
      pairs.push(pairOf(actuals, series, period, { forecasts, row }));
    }
    for (const [period, series] of covered) {
      const pairs = leads.get(period - forecasts.cutoff)!;
      for (const id of actuals.series) {
        if (series.has(id)) continue;
        const pair = pairOf<F>(actuals, id, period, null);
        if (!Number.isNaN(pair.actual)) pairs.push(pair);
      }
    }
  }
  return [...leads].sort(([a], [b]) => a - b).map(([lead, pairs]) => ({ lead, pairs }));
}

/** Rows with a number, of a period in the range that was still ahead at the cutoff. */
function* rowsIn(forecasts: DatedForecasts, range: PeriodRange): Generator<number> {
  for (let row = 0; row < forecasts.series.length; row++) {
    const period = forecasts.period[row]!;
    if (period < range.first || period > range.last || period <= forecasts.cutoff) continue;
    if (Number.isFinite(forecasts.forecast[row]!)) yield row;
  }
}

function pairOf<F extends DatedForecasts>(
  actuals: Actuals,
  series: string,
  period: number,
  from: Pair<F>["from"],
): Pair<F> {
  const forecast = from === null ? Number.NaN : from.forecasts.forecast[from.row]!;
  return { series, period, actual: actuals.at(series, period), forecast, from };
}

/** Ties keep their order: whoever comes first in the list wins. */
const latestFirst = <F extends DatedForecasts>(snapshots: readonly F[]): F[] =>
  [...snapshots].sort((a, b) => b.cutoff - a.cutoff);

function strangers(ids: Iterable<string>, actuals: Actuals): string[] {
  const known = new Set(actuals.series);
  return [...ids].filter((id) => !known.has(id)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
