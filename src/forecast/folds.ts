import { seasonLength } from "../calendar/period.js";
import { fail } from "../kit/failure.js";
import type { Panel } from "../panel/panel.js";

/** A fold trains on periods up to and including `origin` and is scored on the `horizon` periods after it. */
export interface Fold {
  /** From 1, oldest first. */
  readonly number: number;
  readonly origin: number;
  /** First period that it trains on; −∞ for all. */
  readonly since: number;
  /** Periods before the origin whose targets it does not train on. */
  readonly gap: number;
  /** Number of the fold whose fit a learner that is slow to train forecasts this one with: this one, or an earlier one. */
  readonly slowFit: number;
}

export interface FoldOptions {
  readonly horizon: number;
  /** How many to make at most. */
  readonly count: number;
  /** Periods between two origins. */
  readonly step: number;
  /** Periods that a fold trains on, up to its origin: a sliding window. Null is all: an expanding one. */
  readonly window: number | null;
  /** Periods before the origin whose targets are not trained on, as where actuals are late. */
  readonly gap: number;
}

/**
 * Share of the series that report in the latest fold's window which a fold must be able to train and score.
 */
const MIN_ELIGIBLE_SHARE = 0.3;

/**
 * Rolling origins last − horizon − j·step, j = 0... A fold is kept when enough series are eligible: they have
 * more than a season of numbers up to the origin and a number in the window after it. The measure is the
 * series that report in the latest window, so that series which ended years ago do not forbid training.
 * Oldest first.
 * @param last rows after it are ignored
 * @throws FailureError forecast.too-short when no fold can be kept
 */
export function makeFolds(panel: Panel, last: number, options: FoldOptions): readonly Fold[] {
  const end = latestNumber(panel, last);
  const season = seasonLength(panel.calendar.frequency);
  const origins = Array.from({ length: options.count }, (_, j) => end - options.horizon - j * options.step);
  const counts = origins.map((origin) => coverage(panel, origin, options, season));
  const need = Math.max(1, Math.ceil(MIN_ELIGIBLE_SHARE * (counts[0]?.reporting ?? 0)));
  const kept = origins.filter((_, j) => counts[j]!.eligible >= need);
  if (kept.length === 0) {
    fail({
      code: "forecast.too-short",
      retryable: false,
      have: longestHistory(panel, end),
      need: season + 1 + options.horizon,
      horizon: options.horizon,
      eligibleSeries: counts[0]?.eligible ?? 0,
      needSeries: need,
    });
  }
  const { window, gap } = options;
  return kept.reverse().map((origin, index) => ({
    number: index + 1,
    origin,
    since: window === null ? Number.NEGATIVE_INFINITY : origin - gap - window + 1,
    gap,
    slowFit: index + 1,
  }));
}

interface Coverage {
  /** Series with a number in the window after the origin. */
  readonly reporting: number;
  readonly eligible: number;
}

function coverage(
  panel: Panel,
  origin: number,
  { horizon, window, gap }: FoldOptions,
  season: number,
): Coverage {
  const since = window === null ? Number.NEGATIVE_INFINITY : origin - gap - window + 1;
  let reporting = 0;
  let eligible = 0;
  for (let s = 0; s < panel.series.length; s++) {
    if (countNumbers(panel, s, origin + 1, origin + horizon) === 0) continue;
    reporting++;
    if (countNumbers(panel, s, since, origin - gap) > season) eligible++;
  }
  return { reporting, eligible };
}

function countNumbers(panel: Panel, series: number, first: number, last: number): number {
  let count = 0;
  for (let row = panel.offsets[series]!; row < panel.offsets[series + 1]!; row++) {
    const period = panel.period[row]!;
    if (period >= first && period <= last && !Number.isNaN(panel.target[row]!)) count++;
  }
  return count;
}

/** Last period up to `last` with a number in any series; `last` itself when there is none. */
function latestNumber(panel: Panel, last: number): number {
  let latest = Number.NEGATIVE_INFINITY;
  panel.period.forEach((period, row) => {
    if (period <= last && period > latest && !Number.isNaN(panel.target[row]!)) latest = period;
  });
  return Number.isFinite(latest) ? latest : last;
}

function longestHistory(panel: Panel, last: number): number {
  let longest = 0;
  for (let s = 0; s < panel.series.length; s++) {
    longest = Math.max(longest, countNumbers(panel, s, Number.NEGATIVE_INFINITY, last));
  }
  return longest;
}
