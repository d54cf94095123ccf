import { type Calendar, periodOf } from "../calendar/period.js";
import { parseQuarter } from "../calendar/quarter.js";
import { isInstant, localDay, otherMonth, type TimeCell } from "../calendar/time-cell.js";
import type { TimeText } from "../calendar/time-forms.js";
import { isUtc } from "../calendar/time-zone.js";

/** What a text in a time column comes to. */
export interface ReadTime {
  readonly period: number;
  /** Days since 1970-01-01; null for a month or a quarter. */
  readonly day: number | null;
  readonly cell: TimeCell | null;
}

/**
 * The period of what a time cell says; a quarter is one of the fiscal calendar. Null where the panel has no such periods.
 * @param timeZone the zone in which instants are read; without it what is written there
 */
export function periodOfTime(time: TimeText, calendar: Calendar, timeZone: string | null): ReadTime | null {
  if ("quarter" in time) {
    const quarter =
      calendar.frequency === "quarter" ? parseQuarter(time.quarter, calendar.fiscalYearStart) : null;
    if (quarter === null) return null;
    const [year, month] = quarter.start.split("-").map(Number);
    return { period: periodOf(year!, month!, calendar), day: null, cell: null };
  }
  const { year, month, day } = localDay(time.cell, timeZone);
  return {
    period: periodOf(year, month, calendar),
    day: day === null ? null : Math.round(Date.UTC(year, month - 1, day) / MILLISECONDS_A_DAY),
    cell: time.cell,
  };
}

const MILLISECONDS_A_DAY = 86_400_000;

/** What a time column takes without `data.timeFormat`, for messages. */
export const periodForms = (calendar: Calendar): string =>
  calendar.frequency === "quarter"
    ? "2025-04-01, 2025-04, Apr 2025 or 2025Q2"
    : "2025-04-01, 2025-04, Apr 2025 or 2025M04";

/** Times whose month depends on where their clock hung. */
export interface DoubtfulTimes {
  /** Index of one of them. */
  readonly example: number;
  readonly other: "next" | "previous";
  /** Whether a zone is written behind them. */
  readonly isInstant: boolean;
}

/**
 * Whether most times of day of one file are such that another zone puts them into another month: starts of months in Berlin, written in UTC, look
 * like the evening before.
 */
export function doubtfulTimes(
  cells: readonly (TimeCell | null)[],
  timeZone: string | null,
): DoubtfulTimes | null {
  if (timeZone !== null) return null;
  let timed = 0;
  const found = { next: [] as number[], previous: [] as number[] };
  for (const [index, cell] of cells.entries()) {
    if (cell === null || cell.time === null) continue;
    timed++;
    const isKnown = (cell.offset ?? 0) !== 0 || (cell.zone !== null && !isUtc(cell.zone));
    const other = isKnown ? null : otherMonth(cell);
    if (other !== null) found[other].push(index);
  }
  for (const other of ["next", "previous"] as const) {
    const [example] = found[other];
    if (example !== undefined && found[other].length * 2 > timed) {
      return { example, other, isInstant: isInstant(cells[example]!) };
    }
  }
  return null;
}
