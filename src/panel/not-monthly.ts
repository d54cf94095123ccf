import type { PeriodFrequency } from "../calendar/period.js";
import type { DateShape } from "../kit/failures/data.js";

/** Days between neighbouring dates of a series → how often. */
export type Gaps = ReadonlyMap<number, number>;

export interface DayCounts {
  readonly gaps: Gaps;
  /** Periods of series that have a date, and those that have several. */
  readonly periods: number;
  readonly doubled: number;
}

/** Share of gaps that make a shape. */
const MOST = 0.8;
/** Share of periods with several dates from which on the dates are no slip. */
const MANY = 0.25;

/**
 * The shape of dates of which several fall into one period; null when that is a slip and no habit: then rows stand twice. Accounting months of
 * 4, 4 and 5 weeks are told by their gaps of 28 and 35 days, and fall twice into a calendar month now and then.
 */
export function shapeOfDays(counts: DayCounts, frequency: PeriodFrequency): DateShape | null {
  const { gaps, periods, doubled } = counts;
  if (doubled === 0) return null;
  const total = [...gaps.values()].reduce((sum, count) => sum + count, 0);
  const share = (...days: number[]) => days.reduce((sum, gap) => sum + (gaps.get(gap) ?? 0), 0) / total;
  if (share(28, 35) >= MOST) return share(35) > 0.05 ? "4-4-5" : "four-week";
  if (share(91, 98) >= MOST && frequency === "quarter") return "13-week";
  if (doubled / periods < MANY) return null;
  const middle = medianOf(gaps, total);
  if (middle === 7) return "weekly";
  if (middle === 14) return "two-weekly";
  if (middle <= 3) return "daily";
  return middle >= 28 && middle <= 31 && frequency === "quarter" ? "monthly" : "irregular";
}

function medianOf(gaps: Gaps, total: number): number {
  let seen = 0;
  for (const [gap, count] of [...gaps].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen * 2 >= total) return gap;
  }
  return 0;
}

/** Fewer distinct periods are too few to call their distance a rhythm. */
const FEWEST = 4;

/**
 * The shape of periods of which the panel only ever has every third, sixth or twelfth month (every second or fourth quarter); null where neighbours
 * stand.
 * @param periods distinct, rising
 */
export function shapeOfPeriods(periods: readonly number[], frequency: PeriodFrequency): DateShape | null {
  if (periods.length < FEWEST) return null;
  const step = periods.slice(1).reduce((divisor, period, at) => gcd(divisor, period - periods[at]!), 0);
  const months = step * (frequency === "month" ? 1 : 3);
  if (step <= 1) return null;
  if (months % 12 === 0) return "yearly";
  if (months % 6 === 0) return "half-yearly";
  return months % 3 === 0 && frequency === "month" ? "quarterly" : null;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
