import { type Calendar, periodEnd, periodLabel, periodStart } from "../../calendar/period.js";
import { quarterOfDay } from "../../calendar/quarter.js";
import { Actuals } from "../../forecast/accuracy/actuals.js";
import { fail } from "../../kit/failure.js";
import type { QuarterWindow } from "../../kit/quarter.js";
import { calendarOf, lastPeriodOf } from "../../panel/calendar.js";
import { readSource } from "../../panel/source.js";
import type { Runbook } from "../../runbook/runbook.js";

/** What really happened, for scoring only: no run sees it. */
export interface Outcomes {
  readonly actuals: Actuals;
  readonly calendar: Calendar;
}

/**
 * Reads the source as far as the last quarter's outlook reaches.
 * @param quarters oldest first, not empty
 * @throws FailureError `backtest.before-data`, and what `readSource` throws
 */
export async function readOutcomes(runbook: Runbook, quarters: readonly QuarterWindow[]): Promise<Outcomes> {
  const { data, fiscalYearStart, model } = runbook;
  const calendar = calendarOf(data, fiscalYearStart);
  const last = lastPeriodOf(quarters.at(-1)!.cutoff, calendar) + model.horizon;
  const { panel } = await readSource(data, { cutoff: periodEnd(last, calendar), fiscalYearStart });
  const first = panel.period.reduce((least, period) => Math.min(least, period), last);
  const newest = panel.period.reduce((most, period) => Math.max(most, period), first);
  const quarterOf = (period: number) => quarterOfDay(periodStart(period, calendar), fiscalYearStart).label;
  const early = quarters.find(({ cutoff }) => lastPeriodOf(cutoff, calendar) < first);
  if (early !== undefined) {
    fail({
      code: "backtest.before-data",
      retryable: false,
      quarter: early.label,
      first: periodLabel(first, calendar),
      firstQuarter: quarterOf(first),
      lastQuarter: quarterOf(newest),
    });
  }
  return { actuals: new Actuals(panel), calendar };
}
