import { daysInMonth, isoDay } from "./period.js";

interface QuarterSpan {
  readonly label: string;
  /** ISO days, both inclusive. */
  readonly start: string;
  readonly cutoff: string;
}

/** Same shape as the kit's QuarterWindow; this layer imports nothing of ours. */
export interface ParsedQuarter extends QuarterSpan {
  readonly previous: QuarterSpan;
}

/**
 * `2025Q2` → its first and last day. A fiscal year that does not start in January is named after the calendar
 * year in which it ends (the convention of pandas' `Q-MAR` and its kin): with a start in April, 2025Q1 is April to June 2024.
 * @returns null when the text is not a quarter
 */
export function parseQuarter(text: string, fiscalYearStart = 1): ParsedQuarter | null {
  const match = /^(\d{4})-?[Qq]([1-4])$/.exec(text.trim());
  if (match === null) return null;
  const year = Number(match[1]);
  if (year < 1) return null;
  const index = year * 4 + Number(match[2]) - 1;
  return { ...span(index, fiscalYearStart), previous: span(index - 1, fiscalYearStart) };
}

/** The quarter that an ISO day lies in. */
export function quarterOfDay(day: string, fiscalYearStart = 1): ParsedQuarter {
  const month = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
  const index = Math.floor((month - yearShift(fiscalYearStart)) / 3);
  return { ...span(index, fiscalYearStart), previous: span(index - 1, fiscalYearStart) };
}

/** Orders quarter labels of one fiscal calendar. */
export const compareQuarters = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Months between January of year Y and the first month of fiscal year Y. */
const yearShift = (fiscalYearStart: number): number => (fiscalYearStart === 1 ? 0 : fiscalYearStart - 13);

function span(index: number, fiscalYearStart: number): QuarterSpan {
  const first = index * 3 + yearShift(fiscalYearStart);
  const last = first + 2;
  return {
    label: `${String(Math.floor(index / 4)).padStart(4, "0")}Q${(index % 4) + 1}`,
    start: isoDay(first, 1),
    cutoff: isoDay(last, daysInMonth(last)),
  };
}
