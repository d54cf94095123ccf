import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";

/** What a learner may train on: the panel up to an origin, and nothing after it. */
export interface TrainingView {
  readonly season: number;
  /** Periods to forecast after the origin. */
  readonly horizon: number;
  /**
   * One row a series in the panel's order: from its first to its last number at or before the origin, NaN in
   * gaps, empty when there is none.
   */
  readonly series: readonly Float64Array[];
}

export function trainingView(panel: Panel, origin: number, horizon: number): TrainingView {
  return {
    season: seasonLength(panel.calendar.frequency),
    horizon,
    series: panel.series.map((_, index) => historyUpTo(panel, index, origin)),
  };
}

/** The clip at zero is allowed only where the trainer never saw a negative target. */
export const isNonNegative = (view: TrainingView): boolean =>
  view.series.every((history) => history.every((value) => !(value < 0)));

function historyUpTo(panel: Panel, index: number, origin: number): Float64Array {
  let first = -1;
  let last = -1;
  for (let row = panel.offsets[index]!; row < panel.offsets[index + 1]!; row++) {
    if (panel.period[row]! > origin) break;
    if (Number.isNaN(panel.target[row]!)) continue;
    if (first < 0) first = row;
    last = row;
  }
  if (first < 0) return new Float64Array(0);
  const start = panel.period[first]!;
  const history = new Float64Array(panel.period[last]! - start + 1).fill(Number.NaN);
  for (let row = first; row <= last; row++) history[panel.period[row]! - start] = panel.target[row]!;
  return history;
}
