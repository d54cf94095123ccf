/**
 * Periods are integers, so that lags are subtraction. A month is year·12 + month−1. A quarter period is that month number,
 * counted from the fiscal year's first month, divided by 3.
 */
export type PeriodFrequency = "month" | "quarter";

export interface Calendar {
  readonly frequency: PeriodFrequency;
  /** Month (1..12) in which the fiscal year starts. Only the phase of quarters depends on it. */
  readonly fiscalYearStart: number;
}

/** Periods in one season: 12 months or 4 quarters. */
export const seasonLength = (frequency: PeriodFrequency): number => (frequency === "month" ? 12 : 4);

/** Periods in one quarter: 3 months or 1 quarter. */
export const periodsPerQuarter = (frequency: PeriodFrequency): number => (frequency === "month" ? 3 : 1);

const phase = (calendar: Calendar): number => (calendar.fiscalYearStart - 1) % 3;

/** Period that a month (year, 1..12) lies in. */
export function periodOf(year: number, month: number, calendar: Calendar): number {
  const index = year * 12 + month - 1;
  return calendar.frequency === "month" ? index : Math.floor((index - phase(calendar)) / 3);
}

/** First day of a period as an ISO day. */
export function periodStart(period: number, calendar: Calendar): string {
  return isoDay(firstMonth(period, calendar), 1);
}

/** Last day of a period as an ISO day. */
export function periodEnd(period: number, calendar: Calendar): string {
  const month = firstMonth(period, calendar) + (calendar.frequency === "month" ? 0 : 2);
  return isoDay(month, daysInMonth(month));
}

/** `2025-04` for months; `2025Q2` for quarters of the calendar year, the first month for shifted ones. */
export function periodLabel(period: number, calendar: Calendar): string {
  const start = periodStart(period, calendar);
  if (calendar.frequency === "month" || phase(calendar) !== 0) return start.slice(0, 7);
  return `${start.slice(0, 4)}Q${(Number(start.slice(5, 7)) + 2) / 3}`;
}

/** Period of an ISO day (`2025-04-01`, `2025-04`), or null when it is not a date. */
export function periodOfDay(day: string, calendar: Calendar): number | null {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(day);
  if (match === null) return null;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3] ?? "1")];
  if (month < 1 || month > 12 || date < 1 || date > daysInMonth(year * 12 + month - 1)) return null;
  return periodOf(year, month, calendar);
}

function firstMonth(period: number, calendar: Calendar): number {
  return calendar.frequency === "month" ? period : period * 3 + phase(calendar);
}

/** `month` counts months from year 0. */
export function isoDay(month: number, day: number): string {
  const year = Math.floor(month / 12);
  return `${String(year).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** `month` counts months from year 0. */
export function daysInMonth(month: number): number {
  return new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate();
}
