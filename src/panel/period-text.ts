import { type Calendar, periodOfDay } from "../calendar/period.js";
import { parseQuarter } from "../calendar/quarter.js";

/**
 * Period of a time cell: an ISO day, `2025-04`, a day with a time of day, and for quarterly panels `2025Q2` (a quarter of the fiscal
 * calendar). Null when it is none of these.
 */
export function periodOfText(text: string, calendar: Calendar): number | null {
  if (calendar.frequency === "quarter") {
    const quarter = parseQuarter(text, calendar.fiscalYearStart);
    if (quarter !== null) return periodOfDay(quarter.start, calendar);
  }
  return periodOfDay(text, calendar);
}

/** What `periodOfText` takes, for messages. */
export const periodForms = (calendar: Calendar): string =>
  calendar.frequency === "quarter" ? "2025-04-01, 2025-04 or 2025Q2" : "2025-04-01 or 2025-04";
