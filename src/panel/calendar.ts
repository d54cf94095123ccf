import { type Calendar, periodOfDay } from "../calendar/period.js";
import type { DataSpec } from "../kit/specs.js";

export const calendarOf = (data: Pick<DataSpec, "frequency">, fiscalYearStart: number): Calendar => ({
  frequency: data.frequency,
  fiscalYearStart,
});

/** Period that the cutoff (an ISO day) lies in. */
export function lastPeriodOf(cutoff: string, calendar: Calendar): number {
  const period = periodOfDay(cutoff, calendar);
  if (period === null) throw new RangeError(`cutoff ${cutoff} is not an ISO day`);
  return period;
}
