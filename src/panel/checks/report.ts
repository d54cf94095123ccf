import { periodLabel } from "../../calendar/period.js";
import type { ValidationReport } from "../../kit/artifacts/validation.js";
import type { DataSpec } from "../../kit/specs.js";
import type { Metric } from "../../kit/step.js";
import { rowCount } from "../panel.js";
import type { SourcePanel } from "../source.js";
import { aheadMissing } from "./ahead.js";
import { type CellLimits, cellChecks } from "./cells.js";
import type { Check } from "./check.js";
import {
  type CoverageLimits,
  coverageChecks,
  periodProfile,
  periodRange,
  quarterCoverage,
} from "./coverage.js";
import { describeFinding, type LocatedFinding, locateFindings } from "./findings.js";
import { type LateSeries, lateCheck, lateSeries } from "./late.js";
import { type PreviousRun, restatedCheck } from "./restated.js";
import { idSpellings, labelSpellings } from "./spellings.js";
import { thousandsCheck } from "./thousands.js";
import { totalsCheck } from "./totals.js";

/** Findings of one check that the report quotes; failures.csv has all of them. */
const EXAMPLES = 3;

export interface Validation {
  readonly report: Omit<ValidationReport, "drift" | "driftTest" | "driftAhead" | "distributions" | "history">;
  readonly findings: readonly LocatedFinding[];
  readonly gapCount: number;
  readonly late: LateSeries;
  /** Findings in rows after the cutoff. */
  readonly aheadFailures: number;
  /** Largest share of cells ahead without a value, of a known feature. */
  readonly aheadMissing: Metric;
  /** Series with a row in the quarter before. */
  readonly seriesLastQuarter: number;
}

/**
 * Runs every check on the rows that were read.
 * @param previous what the run of an earlier quarter left behind, or null
 */
export async function validateSource(
  source: SourcePanel,
  spec: DataSpec,
  limits: CellLimits & CoverageLimits,
  previous: PreviousRun | null,
): Promise<Validation> {
  const { panel } = source;
  const coverage = quarterCoverage(panel);
  const profile = periodProfile(panel);
  const late = lateSeries(panel);
  const restated = previous === null ? null : restatedCheck(source, spec.columns.target, profile, previous);
  const checks = [
    ...cellChecks(source, spec, limits),
    idSpellings(source, spec.columns.series, spec.ids ?? {}),
    labelSpellings(source),
    ...coverageChecks(source, coverage, spec.columns.time, limits),
    lateCheck(panel, late, spec.columns.target),
    thousandsCheck(source, spec.columns.target),
    totalsCheck(source, spec.columns.series),
    ...(restated === null ? [] : [restated.check]),
  ];
  const findings = await locateFindings(
    source,
    checks.filter(({ status }) => status !== "pass"),
  );
  const range = periodRange(panel);
  const label = (period: number | undefined) =>
    period === undefined ? "" : periodLabel(period, panel.calendar);
  return {
    report: {
      rows: rowCount(panel),
      series: panel.series.length,
      firstPeriod: label(range?.first),
      lastPeriod: label(range?.last),
      futureRows: source.futureRows,
      checks: checks.map((check) => reportOf(check, source, findings)),
      lostSeries: [...coverage.lostSeries],
      newSeries: [...coverage.newSeries],
      rowsThisQuarter: coverage.rowsThisQuarter,
      rowsLastQuarter: coverage.rowsLastQuarter,
      restated: restated?.restated ?? null,
      profile,
    },
    findings,
    late,
    aheadFailures: findings.filter(({ period }) => period !== null && period > panel.lastPeriod).length,
    aheadMissing: largestMissing(source),
    gapCount: checks.find(({ id }) => id === "gaps")!.count,
    seriesLastQuarter: coverage.seriesLastQuarter,
  };
}

function largestMissing(source: SourcePanel): Metric {
  const shares = Object.keys(source.aheadCells?.known ?? {})
    .map((feature) => aheadMissing(source, feature))
    .filter(({ cells }) => cells > 0)
    .map(({ missing, cells }) => ({ value: missing / cells, n: cells }))
    .sort((a, b) => b.value - a.value);
  return shares[0] ?? { value: null, n: 0, why: "no-values" };
}

function reportOf(check: Check, source: SourcePanel, findings: readonly LocatedFinding[]) {
  const { findings: _, ...rest } = check;
  const own = findings.filter((finding) => finding.check === check.id).slice(0, EXAMPLES);
  const examples = check.examples ?? own.map((finding) => describeFinding(source, finding));
  return { ...rest, examples: [...examples] };
}
