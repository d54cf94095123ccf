import { trainPooledCv } from "../../../steps/train-pooled-cv.js";
import { periodEnd, seasonLength } from "../../calendar/period.js";
import { type ParsedQuarter, quarterOfDay } from "../../calendar/quarter.js";
import { type LevelSupport, levelSupport } from "../../forecast/intervals/further.js";
import { trainOptionsOf } from "../../forecast/training-params.js";
import { planFolds, type TrainOptions } from "../../forecast/training-plan.js";
import { FailureError } from "../../kit/failure.js";
import { lastPeriodOf } from "../../panel/calendar.js";
import { numberColumns, type Panel } from "../../panel/panel.js";

/** Parameters that fit what a panel holds. */
export interface Recipe {
  readonly quarter: string;
  readonly horizon: number;
  readonly folds: number;
  readonly levels: readonly number[];
  /** Attribute whose labels are segments; `abc-xyz`: by size and variation; null: too few series for any. */
  readonly segments: { readonly by: string } | "abc-xyz" | null;
  /** Features whose drift can be measured; null where none can. */
  readonly drift: readonly string[] | null;
  /** Largest share of empty cells by column, where there are any. */
  readonly nulls: Readonly<Record<string, number>>;
  readonly isNonNegative: boolean;
  /** Known features without values up to the horizon, which are observed ones then. */
  readonly demoted: readonly string[];
  readonly series: number;
  readonly shortSeries: number;
}

/** Periods ahead that people plan with, and what is tried where history does not carry them. */
const HORIZONS = { month: [6, 3, 2, 1], quarter: [4, 2, 1] } as const;
const LEVELS = [0.8, 0.95];
const FOLDS = 3;
/** Values on each side that a drift rule needs, and quarters of history for its guard. */
const DRIFT = { values: 30, quarters: 16 };
const SEGMENTS = { fewestSeries: 20, most: 12, smallest: 5 };

/**
 * The latest quarter whose last period at least half of the series report that report lately; null where the data ends within its first quarter.
 * @param panel all rows, whatever the cutoff
 */
export function latestQuarter({ calendar, period, target }: Panel): ParsedQuarter | null {
  const counts = new Map<number, number>();
  period.forEach((one, row) => {
    if (Number.isFinite(target[row]!)) counts.set(one, (counts.get(one) ?? 0) + 1);
  });
  const periods = [...counts.keys()].sort((a, b) => b - a);
  const most = Math.max(
    0,
    ...periods.slice(0, seasonLength(calendar.frequency)).map((one) => counts.get(one)!),
  );
  const last = periods.find((one) => counts.get(one)! * 2 >= most);
  if (last === undefined) return null;
  const end = periodEnd(last, calendar);
  const quarter = quarterOfDay(end, calendar.fiscalYearStart);
  const whole =
    quarter.cutoff === end ? quarter : quarterOfDay(quarter.previous.cutoff, calendar.fiscalYearStart);
  return lastPeriodOf(whole.cutoff, calendar) < periods.at(-1)! ? null : whole;
}

/**
 * @param panel rows up to the quarter's end
 * @param horizon what was asked for
 * @throws FailureError `forecast.too-short` where no horizon can be cross-validated
 */
export function recipeFor(panel: Panel, quarter: string, horizon: number | undefined): Recipe {
  const { frequency } = panel.calendar;
  const tried = horizon === undefined ? HORIZONS[frequency] : [horizon];
  const { options, support } = firstThatFits(panel, tried);
  const levels = support
    .filter(({ level, basis }) => LEVELS.includes(level) && basis !== null)
    .map(({ level }) => level);
  const ahead = panel.ahead?.periods ?? 0;
  return {
    quarter,
    horizon: options.horizon,
    folds: planFolds(panel, panel.lastPeriod, options).folds.length,
    levels: levels.length > 0 ? levels : LEVELS.slice(0, 1),
    segments: segmentsOf(panel),
    drift: driftOf(panel),
    nulls: nullsOf(panel),
    isNonNegative: panel.target.every((value) => !(value < 0)),
    demoted: ahead >= options.horizon ? [] : Object.keys(panel.known),
    series: panel.series.length,
    shortSeries: panel.series.filter((_, s) => numbersOf(panel, s) <= seasonLength(frequency)).length,
  };
}

function firstThatFits(
  panel: Panel,
  horizons: readonly number[],
): { readonly options: TrainOptions; readonly support: readonly LevelSupport[] } {
  let first: FailureError | null = null;
  for (const horizon of horizons) {
    const options = trainOptionsOf(trainPooledCv.params.parse({ folds: FOLDS }) as never, horizon);
    try {
      return { options, support: levelSupport(panel, panel.lastPeriod, options) };
    } catch (error) {
      if (!(error instanceof FailureError) || error.failure.code !== "forecast.too-short") throw error;
      first ??= error;
    }
  }
  throw first!;
}

/** The attribute with the fewest labels of those that group the series well. */
function segmentsOf({ attributes, series }: Panel): Recipe["segments"] {
  const found = attributes
    .filter(({ levels, codes }) => {
      const sizes = levels.map((_, level) => codes.filter((code) => code === level).length);
      return levels.length >= 2 && levels.length <= SEGMENTS.most && Math.max(...sizes) >= SEGMENTS.smallest;
    })
    .sort((a, b) => a.levels.length - b.levels.length);
  if (found[0] !== undefined) return { by: found[0].name };
  return series.length >= SEGMENTS.fewestSeries ? "abc-xyz" : null;
}

/** The target and the observed features, where a quarter and the years before it hold enough values. */
function driftOf(panel: Panel): readonly string[] | null {
  const { calendar, period, lastPeriod, target } = panel;
  const length = calendar.frequency === "month" ? 3 : 1;
  const within = (from: number, to: number) => {
    let count = 0;
    period.forEach((one, row) => {
      if (one > from && one <= to && Number.isFinite(target[row]!)) count++;
    });
    return count;
  };
  const season = seasonLength(calendar.frequency);
  const isLong = within(Number.NEGATIVE_INFINITY, lastPeriod - DRIFT.quarters * length) > 0;
  const isWide = [0, season].every(
    (back) => within(lastPeriod - back - length, lastPeriod - back) >= DRIFT.values,
  );
  return isLong && isWide ? ["target"] : null;
}

/** Shares that are there, rounded up, so that a few more are no surprise. */
function nullsOf(panel: Panel): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [name, values] of numberColumns(panel, panel.targetName ?? "target")) {
    const empty = values.filter((value) => Number.isNaN(value)).length;
    if (empty > 0) found[name] = Math.min(1, Math.ceil((empty / values.length) * 100 + 1) / 100);
  }
  return found;
}

function numbersOf({ offsets, target }: Panel, s: number): number {
  let count = 0;
  for (let row = offsets[s]!; row < offsets[s + 1]!; row++) if (Number.isFinite(target[row]!)) count++;
  return count;
}
