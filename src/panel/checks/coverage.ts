import { periodLabel, periodsPerQuarter } from "../../calendar/period.js";
import type { ValidationReport } from "../../kit/artifacts/validation.js";
import { type Panel, rowCount } from "../panel.js";
import type { SourcePanel } from "../source.js";
import { type Check, checkOf, type Finding } from "./check.js";

export interface CoverageLimits {
  readonly gaps: "fail" | "warn" | "allow";
  readonly minRows: number;
  /** Largest share of last quarter's rows that may be missing this quarter, 0..1. */
  readonly maxRowsDrop: number;
  /** Largest share of last quarter's series without rows this quarter, 0..1. */
  readonly maxSeriesLost: number;
}

/** What the quarter holds beside the one before it. */
export interface QuarterCoverage {
  readonly rowsThisQuarter: number;
  readonly rowsLastQuarter: number;
  readonly seriesLastQuarter: number;
  readonly lostSeries: readonly string[];
  readonly newSeries: readonly string[];
}

export type ProfileRow = ValidationReport["profile"][number];

/** Counts rows and series of the quarter that ends with `panel.lastPeriod` and of the one before. */
export function quarterCoverage(panel: Panel): QuarterCoverage {
  const size = periodsPerQuarter(panel.calendar.frequency);
  const thisFirst = panel.lastPeriod - size + 1;
  const lostSeries: string[] = [];
  const newSeries: string[] = [];
  let [rowsThisQuarter, rowsLastQuarter, seriesLastQuarter] = [0, 0, 0];
  for (const [s, id] of panel.series.entries()) {
    let [now, before] = [0, 0];
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      if (panel.period[row]! >= thisFirst) now++;
      else if (panel.period[row]! >= thisFirst - size) before++;
    }
    rowsThisQuarter += now;
    rowsLastQuarter += before;
    if (before > 0) seriesLastQuarter++;
    if (before > 0 && now === 0) lostSeries.push(id);
    if (before === 0 && now > 0) newSeries.push(id);
  }
  return { rowsThisQuarter, rowsLastQuarter, seriesLastQuarter, lostSeries, newSeries };
}

/** Rows, empty targets and sum of the target of every period from the first row to the last, oldest first. */
export function periodProfile(panel: Panel): ProfileRow[] {
  const range = periodRange(panel);
  if (range === null) return [];
  const length = range.last - range.first + 1;
  const rows = new Int32Array(length);
  const nulls = new Int32Array(length);
  const total = new Float64Array(length);
  for (const [row, period] of panel.period.entries()) {
    const at = period - range.first;
    const value = panel.target[row]!;
    rows[at]!++;
    if (Number.isNaN(value)) nulls[at]!++;
    else if (Number.isFinite(value)) total[at]! += value;
  }
  return Array.from(rows, (count, at) => ({
    period: periodLabel(range.first + at, panel.calendar),
    rows: count,
    nulls: nulls[at]!,
    total: total[at]!,
  }));
}

/** First and last period with a row, or null for a panel without rows. */
export function periodRange(panel: Panel): { readonly first: number; readonly last: number } | null {
  if (panel.period.length === 0) return null;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const period of panel.period) {
    if (period < first) first = period;
    if (period > last) last = period;
  }
  return { first, last };
}

/** Checks of what is there and what is not: the quarter's periods, row counts, series, gaps, rows after the cutoff. */
export function coverageChecks(
  source: SourcePanel,
  coverage: QuarterCoverage,
  timeColumn: string,
  limits: CoverageLimits,
): Check[] {
  const { panel } = source;
  const gaps = findGaps(panel, timeColumn);
  return [
    quarterData(panel, timeColumn),
    checkOf(
      "gaps",
      `no missing ${panel.calendar.frequency} inside a series`,
      limits.gaps === "allow" ? [] : gaps.findings,
      {
        count: gaps.periods,
        broken: limits.gaps === "allow" ? "pass" : limits.gaps,
        detail: `${gaps.periods} missing periods in ${gaps.series} series`,
      },
    ),
    atLeast("rows", rowCount(panel), limits.minRows, "rows up to the cutoff"),
    rowsDrop(coverage, limits.maxRowsDrop),
    seriesLost(coverage, limits.maxSeriesLost, timeColumn),
    {
      ...checkOf("future-rows", "rows after the cutoff are left out", [], {
        count: source.futureRows,
        detail: `${source.futureRows} rows left out`,
      }),
      status: "pass",
    },
  ];
}

function quarterData(panel: Panel, column: string): Check {
  const { calendar, lastPeriod } = panel;
  const present = new Set(panel.period);
  const size = periodsPerQuarter(calendar.frequency);
  const wanted = Array.from({ length: size }, (_, at) => lastPeriod - size + 1 + at);
  const missing = wanted.filter((period) => !present.has(period));
  const range = periodRange(panel);
  const check = checkOf(
    "quarter-data",
    `rows for ${wanted.map((period) => periodLabel(period, calendar)).join(", ")}`,
    missing.map((period) => ({ file: null, record: null, series: null, period, column, value: "no row" })),
    { detail: range === null ? "no rows" : `the last rows are for ${periodLabel(range.last, calendar)}` },
  );
  if (range === null || range.last >= lastPeriod) return check;
  const advice = `the data ends in ${periodLabel(range.last, calendar)}: take a quarter up to there, or load the missing ${calendar.frequency}s`;
  return { ...check, advice };
}

function atLeast(id: string, value: number, limit: number, what: string): Check {
  return checkOf(id, `at least ${limit} ${what}`, [], {
    count: Math.max(0, limit - value),
    detail: `${value} ${what}`,
  });
}

function rowsDrop({ rowsThisQuarter, rowsLastQuarter }: QuarterCoverage, limit: number): Check {
  const missing = Math.max(0, rowsLastQuarter - rowsThisQuarter);
  return checkOf("rows-drop", `at most ${limit * 100}% fewer rows than last quarter`, [], {
    count: missing,
    broken: missing > limit * rowsLastQuarter ? "fail" : "pass",
    detail: `${rowsThisQuarter} rows this quarter, ${rowsLastQuarter} last quarter`,
  });
}

function seriesLost(coverage: QuarterCoverage, limit: number, column: string): Check {
  const { lostSeries, newSeries, seriesLastQuarter } = coverage;
  const findings = lostSeries.map((series) => ({
    file: null,
    record: null,
    series,
    period: null,
    column,
    value: "no row this quarter",
  }));
  return checkOf(
    "series-lost",
    `at most ${limit * 100}% of last quarter's series have no rows now`,
    findings,
    {
      broken: lostSeries.length > limit * seriesLastQuarter ? "fail" : "warn",
      detail: `${lostSeries.length} of ${seriesLastQuarter} series lost, ${newSeries.length} new`,
    },
  );
}

/** One finding a run of missing periods between two rows of a series. */
function findGaps(panel: Panel, column: string): { findings: Finding[]; periods: number; series: number } {
  const findings: Finding[] = [];
  const touched = new Set<string>();
  let periods = 0;
  for (const [s, series] of panel.series.entries()) {
    for (let row = panel.offsets[s]! + 1; row < panel.offsets[s + 1]!; row++) {
      const missing = panel.period[row]! - panel.period[row - 1]! - 1;
      if (missing <= 0) continue;
      periods += missing;
      touched.add(series);
      const period = panel.period[row - 1]! + 1;
      const value = missing === 1 ? "missing" : `missing, and ${missing - 1} more after it`;
      findings.push({ file: null, record: null, series, period, column, value });
    }
  }
  return { findings, periods, series: touched.size };
}
