import { periodLabel, periodsPerQuarter, seasonLength } from "../../calendar/period.js";
import type { Panel } from "../panel.js";
import { type Check, checkOf, type Finding } from "./check.js";

/** Series that had values up to a while ago and have none for the last period or periods of the quarter. */
export interface LateSeries {
  /** By series: the first period without a value. */
  readonly late: readonly { readonly series: string; readonly since: number }[];
  /** Series with a value in the quarter or the one before. */
  readonly active: number;
}

/**
 * Months that were not delivered: of a store that closed, too. A series that has a pause in the same period of last year, as one that closes for the
 * winter, is not late.
 */
export function lateSeries(panel: Panel): LateSeries {
  const size = periodsPerQuarter(panel.calendar.frequency);
  const season = seasonLength(panel.calendar.frequency);
  const { lastPeriod } = panel;
  const late: { series: string; since: number }[] = [];
  let active = 0;
  for (const [s, series] of panel.series.entries()) {
    const filled = new Set<number>();
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      if (!Number.isNaN(panel.target[row]!)) filled.add(panel.period[row]!);
    }
    const last = Math.max(Number.NEGATIVE_INFINITY, ...filled);
    if (last <= lastPeriod - 2 * size) continue;
    active++;
    if (last >= lastPeriod) continue;
    const pausedLastYear = !filled.has(lastPeriod - season) && filled.has(last - season);
    if (!pausedLastYear) late.push({ series, since: last + 1 });
  }
  return { late, active };
}

export function lateCheck(panel: Panel, { late, active }: LateSeries, column: string): Check {
  const { calendar, lastPeriod } = panel;
  const last = periodLabel(lastPeriod, calendar);
  const findings = late.map(({ series, since }): Finding => {
    const missing = lastPeriod - since;
    const value = missing === 0 ? "no value" : `no value, and none in ${missing} more after it`;
    return { file: null, record: null, series, period: since, column, value };
  });
  return checkOf(
    "series-late",
    `a value for ${last} in every series that had one in the last months`,
    findings,
    {
      broken: "warn",
      detail: `${late.length} of ${active} series have no value for ${last} though they had values before: not delivered yet, or they ended`,
    },
  );
}
