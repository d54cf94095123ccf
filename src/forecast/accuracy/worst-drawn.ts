import { type Calendar, periodLabel, seasonLength } from "../../calendar/period.js";
import type { AccuracyReport, DrawnSeries } from "../../kit/artifacts/accuracy.js";
import type { Actuals } from "./actuals.js";
import type { Pair, PeriodRange } from "./pairs.js";

/** Series that are drawn, and seasons of actuals before the scored periods: enough to see whether the season shifted. */
const DRAWN = 8;
const SEASONS = 2;

/** The interval that planners look at first; another one where the snapshots lack it. */
const WANTED_LEVEL = 0.8;

interface Scoring {
  /** Every (series, period) of the range once. */
  readonly pairs: readonly Pair[];
  readonly actuals: Actuals;
  readonly range: PeriodRange;
  readonly calendar: Calendar;
}

/** What happened and what was forecast, for the first few of `keys`, in that order. */
export function drawnSeries(keys: readonly string[], scoring: Scoring): AccuracyReport["drawn"] {
  const shown = keys.slice(0, DRAWN);
  const own = new Map<string, Pair[]>(shown.map((key) => [key, []]));
  for (const pair of scoring.pairs) own.get(pair.series)?.push(pair);
  const level = levelOf([...own.values()].flat());
  return { level, series: shown.map((key) => drawn(key, own.get(key)!, level, scoring)) };
}

/** The level nearest to the wanted one, the lower of two. */
function levelOf(pairs: readonly Pair[]): number | null {
  const levels = pairs.flatMap(({ from }) => from?.forecasts.intervals.map(({ level }) => level) ?? []);
  const distance = (level: number) => Math.abs(level - WANTED_LEVEL);
  return levels.sort((a, b) => distance(a) - distance(b) || a - b)[0] ?? null;
}

function drawn(
  key: string,
  pairs: readonly Pair[],
  level: number | null,
  { actuals, range, calendar }: Scoring,
): DrawnSeries {
  const first = range.first - SEASONS * seasonLength(calendar.frequency);
  const periods = Array.from({ length: range.last - first + 1 }, (_, i) => first + i);
  return {
    key,
    actuals: periods.map((period) => ({
      period: periodLabel(period, calendar),
      actual: orNull(actuals.at(key, period)),
    })),
    forecasts: pairs
      .filter(({ forecast }) => Number.isFinite(forecast))
      .map((pair) => ({
        period: periodLabel(pair.period, calendar),
        forecast: pair.forecast,
        ...bounds(pair, level),
      })),
  };
}

function bounds({ from }: Pair, level: number | null): { lo: number | null; hi: number | null } {
  const interval = from?.forecasts.intervals.find((candidate) => candidate.level === level);
  if (from === null || interval === undefined) return { lo: null, hi: null };
  return { lo: orNull(interval.lo[from.row]), hi: orNull(interval.hi[from.row]) };
}

const orNull = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
