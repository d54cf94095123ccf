import { daysInMonth } from "./period.js";
import { isTimeZone, offsetOf, wallClock } from "./time-zone.js";

/** What a cell of a time column says: a month, a day, or a day with a time of day. */
export interface TimeCell {
  readonly year: number;
  /** 1..12 */
  readonly month: number;
  /** Null for a month. */
  readonly day: number | null;
  /** Milliseconds since midnight; null without a time of day. */
  readonly time: number | null;
  /** Minutes east of UTC that are written behind the time (0 for `Z`); null where nothing is. */
  readonly offset: number | null;
  /** Zone in brackets behind it, as in `2025-04-30T22:00:00Z[Europe/Berlin]`. */
  readonly zone: string | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DATE = String.raw`(\d{4})-(\d{2})(?:-(\d{2})`;
const TIME = String.raw`(?:(?:[Tt]|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s?([AaPp])\.?[Mm]\.?)?)?`;
const ZONE = String.raw`(?:\s?(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?(?:\[([^\][]+)\])?`;
const CELL = new RegExp(`^${DATE}${TIME}${ZONE})?$`);

/**
 * ISO 8601 months, days and days with a time of day, and an offset or a zone in brackets behind it. Null for anything else: what stands behind the
 * month has a meaning or the cell is no time.
 */
export function parseTimeCell(text: string): TimeCell | null {
  const match = CELL.exec(text.trim());
  if (match === null) return null;
  const [, yearText, monthText, dayText, hourText, minute, second, fraction, half, offset, zone] = match;
  const [year, month] = [Number(yearText), Number(monthText)];
  if (year < 1 || month < 1 || month > 12) return null;
  const day = dayText === undefined ? null : Number(dayText);
  if (day !== null && (day < 1 || day > daysInMonth(year * 12 + month - 1))) return null;
  if (zone !== undefined && !isTimeZone(zone)) return null;
  const minutesEast = offset === undefined ? null : offsetOf(offset);
  if (offset !== undefined && minutesEast === null) return null;
  const cell = { year, month, day, offset: minutesEast, zone: zone ?? null };
  if (hourText === undefined) return { ...cell, time: null };
  const hour = hourOf(Number(hourText), half);
  const [m, s] = [Number(minute), Number(second ?? "0")];
  if (hour === null || m > 59 || s > 59) return null;
  const milliseconds = Math.floor(Number(`0.${fraction ?? "0"}`) * 1000);
  return { ...cell, time: hour * HOUR + m * MINUTE + s * 1000 + milliseconds };
}

function hourOf(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour <= 23 ? hour : null;
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
}

/** Whether a cell says when it was everywhere, and not only what the clock said. */
export const isInstant = ({ time, offset }: TimeCell): boolean => time !== null && offset !== null;

/** Year, month and day that a cell means: of an instant those of the zone, where one is given or written. */
export function localDay(
  cell: TimeCell,
  timeZone: string | null,
): { readonly year: number; readonly month: number; readonly day: number | null } {
  const zone = timeZone ?? cell.zone;
  if (!isInstant(cell) || zone === null) return cell;
  const written = new Date(0);
  written.setUTCFullYear(cell.year, cell.month - 1, cell.day!);
  const instant = written.getTime() + cell.time! - cell.offset! * MINUTE;
  const local = new Date(wallClock(instant, zone));
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() };
}

/** Hours that clocks are ahead of UTC, or behind it, at most. */
const MOST_EAST = 14 * HOUR;
const MOST_WEST = 12 * HOUR;

/**
 * Which month other than the written one a time of day suggests. The start of a month east of UTC, written in UTC, lies in the last hours of the
 * month before; the end of a month (a minute or less before midnight) west of it lies in the first hours of the month after. Ends of months
 * east of it, and starts west of it, stay in their month.
 */
export function otherMonth({ year, month, day, time }: TimeCell): "next" | "previous" | null {
  if (day === null || time === null) return null;
  // The end of a day somewhere: clocks differ by halves of an hour.
  const isEnd = time % (30 * MINUTE) >= 29 * MINUTE;
  const isLastDay = day === daysInMonth(year * 12 + month - 1);
  if (isLastDay && time >= DAY - MOST_EAST && !isEnd) return "next";
  return day === 1 && time < MOST_WEST && isEnd ? "previous" : null;
}
