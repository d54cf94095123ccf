import { periodLabel } from "../../calendar/period.js";
import type { AccuracyReport } from "../../kit/artifacts/accuracy.js";
import type { Panel } from "../../panel/panel.js";
import { Actuals } from "./actuals.js";
import type { GroupOf } from "./groups.js";
import {
  type DatedForecasts,
  isComplete,
  latestPairs,
  type Pair,
  type PeriodRange,
  pairsByLead,
} from "./pairs.js";
import { scoresOf } from "./scores.js";
import { drawnSeries } from "./worst-drawn.js";

export interface ScoringRequest<F extends DatedForecasts> {
  readonly panel: Panel;
  /** One a cutoff, or the first of a tie wins. */
  readonly snapshots: readonly F[];
  /** The periods whose actuals have closed. */
  readonly range: PeriodRange;
  readonly segmentOf: GroupOf;
  /** Rows of the table of worst series. */
  readonly worst: number;
}

export interface Scored<F extends DatedForecasts> {
  readonly report: Omit<AccuracyReport, "quarter" | "snapshots">;
  /** All snapshots pooled over leads. */
  readonly allLeads: AccuracyReport["total"];
  /** Complete pairs of each snapshot, in the order of the largest cutoff first. Those without any are left out. */
  readonly pairsOf: readonly { readonly snapshot: F; readonly all: number; readonly latest: number }[];
}

/** Key of the segment table for series that the segments do not know. */
export const UNASSIGNED = "unassigned";

/** Scores snapshots against the actuals of a range of periods. Groups are sorted by key, periods and leads by number. */
export function scoreSnapshots<F extends DatedForecasts>(request: ScoringRequest<F>): Scored<F> {
  const { panel, snapshots, range, segmentOf } = request;
  const actuals = new Actuals(panel);
  const pairs = latestPairs(actuals, snapshots, range);
  const leads = pairsByLead(actuals, snapshots, range);
  const all = leads.flatMap((group) => group.pairs);
  const group = (keyOf: (pair: Pair) => string) => scoreGroups(pairs, keyOf, actuals);
  const worst = worstSeries(
    group((pair) => pair.series),
    segmentOf,
    request.worst,
  );
  return {
    report: {
      total: scoresOf(pairs, actuals),
      naive: scoresOf(
        pairs.map((pair) => naivePair(pair, actuals)),
        actuals,
      ),
      bySegment: group((pair) => segmentOf(pair.series) ?? UNASSIGNED),
      byPeriod: group((pair) => periodLabel(pair.period, panel.calendar)),
      byLead: leads.map(({ lead, pairs }) => ({ key: String(lead), ...scoresOf(pairs, actuals) })),
      worstSeries: worst,
      drawn: drawnSeries(
        worst.map(({ key }) => key),
        { pairs, actuals, range, calendar: panel.calendar },
      ),
      coverage: coverage(pairs),
    },
    allLeads: scoresOf(all, actuals),
    pairsOf: countPairs(snapshots, all, pairs),
  };
}

type Group = AccuracyReport["bySegment"][number];

function scoreGroups(pairs: readonly Pair[], keyOf: (pair: Pair) => string, actuals: Actuals): Group[] {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const key = keyOf(pair);
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [pair]);
    else members.push(pair);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, members]) => ({ key, ...scoresOf(members, actuals) }));
}

/** The same pair by the seasonal naive forecast of the same cutoff. */
function naivePair(pair: Pair, actuals: Actuals): Pair {
  if (pair.from === null) return pair;
  return { ...pair, forecast: actuals.seasonalNaive(pair.series, pair.from.forecasts.cutoff, pair.period) };
}

/** Series with at least one complete pair, by falling absolute error; ties by id. */
function worstSeries(
  bySeries: readonly Group[],
  segmentOf: GroupOf,
  count: number,
): AccuracyReport["worstSeries"] {
  const total = bySeries.reduce((sum, series) => sum + series.absoluteError, 0);
  return bySeries
    .filter((series) => series.n > 0)
    .sort((a, b) => b.absoluteError - a.absoluteError)
    .slice(0, count)
    .map((series) => ({
      ...series,
      segment: segmentOf(series.key),
      share: total === 0 ? 0 : series.absoluteError / total,
    }));
}

/** Share of complete pairs with lo ≤ y ≤ hi, by rising level, over the pairs whose snapshot has that interval. */
function coverage(pairs: readonly Pair[]): AccuracyReport["coverage"] {
  const counts = new Map<number, { n: number; inside: number }>();
  for (const pair of pairs) {
    if (pair.from === null) continue;
    const { forecasts, row } = pair.from;
    for (const { level, lo, hi } of forecasts.intervals) {
      const count = counts.get(level) ?? { n: 0, inside: 0 };
      counts.set(level, count);
      if (!isComplete(pair) || Number.isNaN(lo[row]!) || Number.isNaN(hi[row]!)) continue;
      count.n++;
      if (lo[row]! <= pair.actual && pair.actual <= hi[row]!) count.inside++;
    }
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([level, { n, inside }]) => ({ level, observed: n === 0 ? null : inside / n, n }));
}

function countPairs<F extends DatedForecasts>(
  snapshots: readonly F[],
  all: readonly Pair<F>[],
  latest: readonly Pair<F>[],
): Scored<F>["pairsOf"] {
  const count = (pairs: readonly Pair<F>[]) => {
    const counts = new Map<F, number>();
    for (const pair of pairs) {
      if (pair.from === null || !isComplete(pair)) continue;
      counts.set(pair.from.forecasts, (counts.get(pair.from.forecasts) ?? 0) + 1);
    }
    return counts;
  };
  const [allCounts, latestCounts] = [count(all), count(latest)];
  return [...snapshots]
    .sort((a, b) => b.cutoff - a.cutoff)
    .filter((snapshot) => allCounts.has(snapshot))
    .map((snapshot) => ({
      snapshot,
      all: allCounts.get(snapshot)!,
      latest: latestCounts.get(snapshot) ?? 0,
    }));
}
