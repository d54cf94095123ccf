import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";

export interface Freshness {
  /** Months between the newest target value and the cutoff; null without any value. */
  readonly age: number | null;
  /** Series with a value in the year to the cutoff, and those of them whose newest is older than allowed. */
  readonly series: number;
  readonly stale: number;
}

/** @param allowed months that the newest value of a series may be old */
export function dataFreshness(panel: Panel, allowed: number): Freshness {
  const season = seasonLength(panel.calendar.frequency);
  const months = 12 / season;
  const ages = panel.series.flatMap((_, s) => {
    for (let row = panel.offsets[s + 1]! - 1; row >= panel.offsets[s]!; row--) {
      if (!Number.isNaN(panel.target[row]!)) return [panel.lastPeriod - panel.period[row]!];
    }
    return [];
  });
  const active = ages.filter((age) => age < season);
  return {
    age: ages.length === 0 ? null : ages.reduce((least, age) => Math.min(least, age)) * months,
    series: active.length,
    stale: active.filter((age) => age * months > allowed).length,
  };
}
