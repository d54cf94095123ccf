import type { TrainingView } from "../training-view.js";
import type { PoolFeatures } from "./features.js";
import type { Grouping } from "./groups.js";
import { LagMoments } from "./moments.js";

/** What a regression on one number of lags needs to know of a pool of series. */
export interface PoolMoments {
  /** Of successive stretches of time: their sum is the whole pool. One without features. */
  readonly blocks: readonly LagMoments[];
  /** Of each group. */
  readonly groups: readonly LagMoments[];
}

/** Stretches of time to choose the features' ridge on. */
const BLOCKS = 5;

/**
 * One pass over the series, for the pool and all groups.
 * @param series in units of their scales; null takes no part
 */
export function poolMoments(
  view: TrainingView,
  series: readonly (Float64Array | null)[],
  features: PoolFeatures,
  grouping: Grouping,
  lags: number,
): PoolMoments {
  const width = features.known.length + features.observed.length;
  const make = () => new LagMoments(lags, width);
  const bounds = width === 0 ? [view.origin + 1] : blockEnds(view, series, lags);
  const blocks = bounds.map(make);
  const groups = grouping.groups.map(make);
  const own = make();
  series.forEach((values, s) => {
    if (values === null || values.length <= lags) return;
    const start = view.start[s]!;
    const rows = features.rows[s]!;
    let first = 0;
    bounds.forEach((bound, b) => {
      const end = Math.min(values.length, bound - start);
      if (end <= first) return;
      own.clear();
      own.addSeries(values, rows, first, end);
      first = end;
      blocks[b]!.add(own);
      for (const group of grouping.ofSeries[s]!) groups[group]!.add(own);
    });
  });
  return { blocks, groups };
}

/** The period after the last one of each block: equal parts of the time that has targets. */
function blockEnds(view: TrainingView, series: readonly (Float64Array | null)[], lags: number): number[] {
  let first = view.origin;
  series.forEach((values, s) => {
    if (values !== null && values.length > lags) first = Math.min(first, view.start[s]! + lags);
  });
  const length = view.origin + 1 - first;
  return Array.from({ length: BLOCKS }, (_, b) => first + Math.ceil((length * (b + 1)) / BLOCKS));
}
