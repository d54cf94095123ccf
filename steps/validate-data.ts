import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { periodOfDay } from "../src/calendar/period.js";
import { aheadPanel } from "../src/drift/ahead.js";
import { featureDistributions } from "../src/drift/distributions.js";
import { guardedKs } from "../src/drift/guarded-ks.js";
import type { PeriodRange } from "../src/drift/reference.js";
import { ksTest } from "../src/gate/rule-params.js";
import { previousValidation, readPreviousValidation } from "../src/history/previous-validation.js";
import type { ValidationReport } from "../src/kit/artifacts/validation.js";
import { keysOf, listed, unknownColumns, unknownFeatures } from "../src/kit/column-names.js";
import { fail } from "../src/kit/failure.js";
import { narrowed } from "../src/kit/metric-names.js";
import { defineStep, type Metric, type MetricMap, type RunScope } from "../src/kit/step.js";
import { wholeRecord } from "../src/kit/whole-record.js";
import { writePanelArtifact } from "../src/panel/artifact.js";
import { nullShare } from "../src/panel/checks/cells.js";
import { failureColumns } from "../src/panel/checks/findings.js";
import { type Validation, validateSource } from "../src/panel/checks/report.js";
import { HISTORY_FILE, writeHistory } from "../src/panel/history.js";
import type { Panel } from "../src/panel/panel.js";
import { readSource } from "../src/panel/source.js";
import { sourceFingerprint } from "../src/panel/source-files.js";
import { writeCsv } from "../src/panel/table.js";

const share = z.number().min(0).max(1);

const params = z.strictObject({
  ranges: wholeRecord(z.string(), z.strictObject({ min: z.number().optional(), max: z.number().optional() }))
    .default({})
    .describe("Allowed values by column, e.g. `{ target: { min: 0 } }`; a row outside fails the step"),
  nulls: wholeRecord(z.string(), share)
    .default({})
    .describe("Largest share of empty cells by column, 0..1. The target's is 0 unless it is given"),
  values: wholeRecord(z.string(), z.array(z.union([z.number(), z.string()])).min(1))
    .default({})
    .describe("Accepted values by column, labels of an attribute: any other fails the step"),
  gaps: z
    .enum(["fail", "warn", "allow"])
    .default("warn")
    .describe("What missing periods between the first and the last row of a series do"),
  minRows: z.number().int().min(1).default(1).describe("Rows up to the cutoff that there must be"),
  maxRowsDrop: share
    .default(0.5)
    .describe("Largest share of last quarter's number of rows that this quarter may lack"),
  maxSeriesLost: share
    .default(0.5)
    .describe("Largest share of last quarter's series that may have no row this quarter"),
  drift: z
    .strictObject(ksTest)
    .optional()
    .describe(
      "Two-sample KS test of features, that of the gate's `ks` rules; it warns here, a rule may block on it",
    ),
});

const metrics = {
  rows: "Rows up to the cutoff",
  series: "Series with a row up to the cutoff",
  futureRows: "Rows after the cutoff, which were left out but for their known features",
  failures: "Lines of failures.csv: cells and rows that broke a check or a warning",
  warnings: "Checks that warn",
  nullShare: "Share of empty cells in target, known and observed columns, 0..1",
  gapCount: "Missing periods between first and last row of the series",
  seriesLost: "Series with rows last quarter and none in this one",
  seriesLostShare: "Share of last quarter's series that have no row in this one, 0..1",
  seriesNew: "Series with rows in this quarter and none last quarter",
  rowsThisQuarter: "Rows in the quarter",
  seriesLate: "Series with values in the quarter or the one before, and none for the last period",
  seriesLateShare: "Share of the series with values in the quarter or the one before, 0..1",
  restatedShare:
    "Share of the rows that last quarter's run saw and that have another value or none now, 0..1",
  "drift.*.statistic": "KS statistic D of the feature, 0..1",
  "drift.*.pAdjusted": "Corrected p of the feature's KS test",
  "driftAhead.*.statistic": "KS statistic D of a known feature in the periods ahead, 0..1",
  "driftAhead.*.pAdjusted": "Corrected p of that test",
  aheadFailures: "Cells and rows of known features ahead that broke a check or a warning",
  aheadMissingShare:
    "Largest share of cells ahead without a value, of a known feature, 0..1; of series with a row in the quarter",
};

export const validateData = defineStep({
  type: "validate-data",
  version: 6,
  summary: "Reads the panel up to the cutoff and checks it before anything is trained on it",
  params,
  inputs: {},
  outputs: { panel: "panel", validation: "validation" },
  metrics,
  reports({ drift }) {
    const features = drift?.features ?? [];
    const patterns = Object.keys(metrics).filter((name) => /^drift(Ahead)?\./.test(name));
    return narrowed(Object.keys(metrics), Object.fromEntries(patterns.map((pattern) => [pattern, features])));
  },
  effect: "pure",
  check: ({ ranges, nulls, values, drift }, { columns }) => [
    ...unknownFeatures([...keysOf(ranges, ["ranges"]), ...keysOf(nulls, ["nulls"])], columns),
    ...unknownColumns(keysOf(values, ["values"]), columns),
    ...unknownFeatures(listed(drift?.features ?? [], ["drift", "features"]), columns),
  ],
  async external(ctx) {
    const previous = await previousValidation(ctx.services.registry, scopeOf(ctx));
    return {
      sources: await sourceFingerprint(ctx.data),
      previous: previous && createHash("sha256").update(previous.bytes).digest("hex"),
    };
  },
  async run(ctx) {
    const source = await readSource(ctx.data, {
      cutoff: ctx.quarter.cutoff,
      fiscalYearStart: ctx.fiscalYearStart,
      ahead: ctx.model.horizon,
    });
    const { panel } = source;
    const validation = await validateSource(
      source,
      ctx.data,
      ctx.params,
      await readPreviousValidation(ctx.services.registry, scopeOf(ctx), {
        panel,
        ids: ctx.data.ids,
        workFile: ctx.outputs.validation.path("history.work"),
      }),
    );
    const blocking = validation.report.checks.filter(({ status }) => status === "fail");
    let history: string | null = null;
    if (blocking.length === 0) {
      const path = ctx.outputs.validation.path(HISTORY_FILE);
      await writeHistory(panel, path);
      history = createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
    }
    const report: ValidationReport = {
      ...validation.report,
      history,
      // Unreadable cells have no distribution.
      drift: blocking.length > 0 ? [] : driftOf(panel, ctx, quarterPeriods(panel, ctx)),
      driftTest: driftTestOf(ctx.params.drift),
      driftAhead: blocking.length > 0 ? [] : driftAheadOf(panel, ctx),
      distributions:
        blocking.length > 0
          ? []
          : featureDistributions(panel, {
              reference: ctx.params.drift?.reference ?? "same-quarter-last-year",
              quarterPeriods: quarterPeriods(panel, ctx),
            }),
    };
    const failures = ctx.outputs.validation.path("failures.csv");
    await writeCsv(failures, failureColumns(source, validation.findings), ctx.csv?.formulas);
    await ctx.outputs.validation.writeJson("validation.json", report);
    if (blocking.length > 0) {
      fail({
        code: "data.invalid",
        retryable: false,
        checks: blocking.map(({ id, count, expected, detail, examples, advice }) => ({
          check: id,
          count,
          expected,
          examples: examples.length > 0 ? examples : [detail],
          ...(advice === undefined ? {} : { advice }),
        })),
        failures: validation.findings.length > 0 ? failures : null,
      });
    }
    for (const check of report.checks) {
      if (check.status === "warn") ctx.warn(`${check.id}: ${check.detail}; expected ${check.expected}`);
    }
    for (const [when, rows] of [["", report.drift] as const, [" ahead", report.driftAhead] as const]) {
      for (const { feature, statistic, verdict, why } of rows) {
        if (verdict === "PASS") continue;
        const reason = why === null ? "" : ` (${why.replaceAll("-", " ")})`;
        ctx.warn(
          `drift of ${feature}${when}: ${verdict}${reason}, D is ${statistic?.toFixed(3) ?? "unknown"}`,
        );
      }
    }
    await writePanelArtifact(panel, ctx.outputs.panel);
    return { summary: summarise(report), metrics: metricsOf(panel, validation, report) };
  },
});

interface DriftScope extends Pick<RunScope, "quarter"> {
  readonly params: z.output<typeof params>;
}

function driftOf(
  panel: Panel,
  { params: { drift } }: DriftScope,
  periods: PeriodRange,
  features = drift?.features ?? [],
): ValidationReport["drift"] {
  if (drift === undefined || features.length === 0) return [];
  return guardedKs(panel, { ...drift, features, quarterPeriods: periods, segments: null }).map(
    ({ segment: _, ...row }) => ({ ...row, reference: drift.reference }),
  );
}

const driftTestOf = (drift: DriftScope["params"]["drift"]): ValidationReport["driftTest"] =>
  drift === undefined || drift.features.length === 0
    ? null
    : { statistic: drift.statistic, alpha: drift.alpha, guard: drift.guard };

/** The same test of known features in the periods ahead, where the source has values of them. */
function driftAheadOf(panel: Panel, ctx: DriftScope): ValidationReport["drift"] {
  const ahead = aheadPanel(panel, quarterPeriods(panel, ctx));
  const features = (ctx.params.drift?.features ?? []).filter((feature) => ahead?.features.has(feature));
  return ahead === null ? [] : driftOf(ahead.panel, ctx, ahead.periods, features);
}

const quarterPeriods = (panel: Panel, { quarter }: Pick<RunScope, "quarter">) => ({
  first: periodOfDay(quarter.start, panel.calendar)!,
  last: panel.lastPeriod,
});

const scopeOf = ({ model, quarter }: Pick<RunScope, "model" | "quarter">) => ({
  model: model.name,
  quarter: quarter.label,
});

function summarise(report: ValidationReport): string {
  const warnings = report.checks.filter(({ status }) => status === "warn").length;
  const future = report.futureRows > 0 ? `, ${report.futureRows} rows after the cutoff left out` : "";
  const drifted = report.drift.filter(({ verdict }) => verdict === "FAIL").length;
  return [
    `${report.rows} rows, ${report.series} series, ${report.firstPeriod} to ${report.lastPeriod}${future}`,
    ...(warnings > 0 ? [`${warnings} warning${warnings === 1 ? "" : "s"}`] : []),
    ...(drifted > 0 ? [`${drifted} feature${drifted === 1 ? "" : "s"} drifted`] : []),
  ].join("; ");
}

function metricsOf(panel: Panel, validation: Validation, report: ValidationReport): MetricMap {
  const { findings, gapCount, seriesLastQuarter, late } = validation;
  const nulls = nullShare(panel);
  return {
    rows: { value: report.rows },
    series: { value: report.series },
    futureRows: { value: report.futureRows },
    failures: { value: findings.length },
    warnings: { value: report.checks.filter(({ status }) => status === "warn").length },
    nullShare: { value: nulls.share, n: nulls.cells },
    gapCount: { value: gapCount },
    seriesLost: { value: report.lostSeries.length },
    seriesLostShare:
      seriesLastQuarter === 0
        ? { value: null, n: 0, why: "no-values" }
        : { value: report.lostSeries.length / seriesLastQuarter, n: seriesLastQuarter },
    seriesNew: { value: report.newSeries.length },
    rowsThisQuarter: { value: report.rowsThisQuarter },
    seriesLate: { value: late.late.length, n: late.active },
    seriesLateShare:
      late.active === 0
        ? { value: null, n: 0, why: "no-values" }
        : { value: late.late.length / late.active, n: late.active },
    restatedShare: restatedShare(report.restated),
    aheadFailures: { value: validation.aheadFailures },
    aheadMissingShare: validation.aheadMissing,
    ...driftMetrics("drift", report.drift),
    ...driftMetrics("driftAhead", report.driftAhead),
  };
}

function restatedShare(restated: ValidationReport["restated"]): Metric {
  if (restated === null) return { value: null, n: 0, why: "no-previous-run" };
  const { rows, ofRows } = restated;
  if (rows === null || ofRows === null || ofRows === 0) return { value: null, n: 0, why: "no-rows-kept" };
  return { value: rows / ofRows, n: ofRows };
}

const driftMetrics = (name: string, rows: ValidationReport["drift"]): MetricMap =>
  Object.fromEntries(
    rows.flatMap(({ feature, statistic, pAdjusted, n, why }) => {
      const metric = (value: number | null) =>
        value === null ? { value, n, why: why ?? "no-values" } : { value, n };
      return [
        [`${name}.${feature}.statistic`, metric(statistic)],
        [`${name}.${feature}.pAdjusted`, metric(pAdjusted)],
      ];
    }),
  );
