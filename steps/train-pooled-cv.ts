import { z } from "zod";
import { periodStart } from "../src/calendar/period.js";
import type { CvControl } from "../src/forecast/cv.js";
import { inlineExecutor } from "../src/forecast/executor.js";
import { type HoldoutRow, holdoutForecasts } from "../src/forecast/holdout.js";
import { LearnerSpec, learnerId } from "../src/forecast/learners/index.js";
import { encodeSegments } from "../src/forecast/segment-codes.js";
import { type TrainOptions, trainForecaster } from "../src/forecast/train.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import type { TrainingReport } from "../src/kit/artifacts/training.js";
import { defineStep, type Metric, optional } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import { calendarOf, lastPeriodOf } from "../src/panel/calendar.js";
import type { Panel } from "../src/panel/panel.js";
import { type Column, writeParquet } from "../src/panel/table.js";

const params = z.strictObject({
  folds: z.int().min(1).max(52).default(3).describe("Rolling-origin CV folds, fewer where history is short."),
  step: z
    .int()
    .min(1)
    .max(240)
    .optional()
    .describe("Periods between the origins of two folds. Default: the model's horizon."),
  learners: z
    .array(LearnerSpec)
    .min(1)
    .refine((specs) => new Set(specs.map(learnerId)).size === specs.length, {
      message: "the same learner is listed twice",
    })
    .default(["seasonal-naive", "pooled-ridge"])
    .describe("Learners to choose from, per segment, by CV WMAPE. The first one wins a tie."),
  context: z
    .int()
    .min(1)
    .max(1200)
    .optional()
    .describe(
      "Periods of history that the forecaster sees, rounded up to whole seasons and to the widest learner. " +
        "Default: 96 months or 40 quarters.",
    ),
  levels: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .default([0.5, 0.8, 0.9, 0.95, 0.98, 0.99])
    .describe(
      "Interval levels to calibrate from CV residuals; those that the data cannot support are left out.",
    ),
  minSegmentSeries: z
    .int()
    .min(1)
    .default(5)
    .describe("A segment with fewer series takes the learner that is best over all series."),
});

export const trainPooledCv = defineStep({
  type: "train-pooled-cv",
  version: 1,
  summary: "Trains pooled learners, chooses one per segment by rolling-origin CV, and calibrates intervals",
  params,
  inputs: { panel: "panel", segments: optional("segments") },
  outputs: { model: "trained-model" },
  metrics: {
    "cv.wmape": "CV WMAPE of the chosen learners, pooled over folds and series",
    "cv.mase": "CV MASE of the chosen learners, mean over series",
    "cv.bias": "CV bias of the chosen learners; positive is over-forecast",
    "naive.wmape": "WMAPE of the seasonal naive forecast on the same pairs",
    "naive.mase": "MASE of the seasonal naive forecast on the same pairs",
    folds: "CV folds that history allowed",
    series: "Series in the panel",
  },
  effect: "pure",
  async run(ctx) {
    const panel = await loadPanel(ctx);
    const grouping = await ctx.inputs.segments?.readJson("segments.json", Segments);
    const segments = encodeSegments(panel.series, grouping ?? null);
    const options: TrainOptions = {
      ...ctx.params,
      horizon: ctx.model.horizon,
      step: ctx.params.step ?? null,
      context: ctx.params.context ?? null,
    };
    const control = (what: string): CvControl => ({
      executor: inlineExecutor,
      signal: ctx.signal,
      onFold: (_fold, done, total) => ctx.progress(done, total, `${what} ${done} of ${total}`),
    });

    const { model, report } = await trainForecaster(
      panel,
      panel.lastPeriod,
      segments,
      options,
      control("fold"),
    );
    const previous = lastPeriodOf(ctx.quarter.previous.cutoff, calendarOf(ctx.data, ctx.fiscalYearStart));
    const holdout = await holdoutForecasts(panel, previous, segments, options, control("holdout fold"));

    await ctx.outputs.model.writeJson("model.json", model);
    await ctx.outputs.model.writeJson("training.json", report);
    await writeParquet(ctx.outputs.model.path("holdout.parquet"), holdoutColumns(panel, holdout));

    warnOfGaps(ctx.params, report, ctx.warn);
    return {
      summary: summaryOf(report),
      metrics: {
        "cv.wmape": measured(report.cv.wmape, report.cv.n, "actuals-all-zero"),
        "cv.mase": measured(report.cv.mase, report.cv.n, "no-series-varies"),
        "cv.bias": measured(report.cv.bias, report.cv.n, "actuals-all-zero"),
        "naive.wmape": measured(report.naive.wmape, report.naive.n, "actuals-all-zero"),
        "naive.mase": measured(report.naive.mase, report.naive.n, "no-series-varies"),
        folds: { value: report.folds.length },
        series: { value: report.series },
      },
    };
  },
});

function holdoutColumns(panel: Panel, rows: readonly HoldoutRow[]): Column[] {
  const doubles = (of: (row: HoldoutRow) => number) => Float64Array.from(rows, of);
  return [
    { name: "series", type: "VARCHAR", values: rows.map((row) => row.series) },
    { name: "period", type: "DATE", values: rows.map((row) => periodStart(row.period, panel.calendar)) },
    { name: "lead", type: "INTEGER", values: Int32Array.from(rows, (row) => row.lead) },
    { name: "forecast", type: "DOUBLE", values: doubles((row) => row.forecast) },
    { name: "actual", type: "DOUBLE", values: doubles((row) => row.actual) },
    { name: "scale", type: "DOUBLE", values: doubles((row) => row.scale ?? Number.NaN) },
  ];
}

function warnOfGaps(
  params: {
    readonly folds: number;
    readonly levels: readonly number[];
    readonly context?: number | undefined;
  },
  report: TrainingReport,
  warn: (message: string) => void,
): void {
  if (report.folds.length < params.folds) {
    warn(`history allows ${report.folds.length} of ${params.folds} folds`);
  }
  if (params.context !== undefined && params.context !== report.context) {
    warn(
      `the context is ${report.context} periods, not ${params.context}: whole seasons that hold every lag`,
    );
  }
}

function summaryOf(report: TrainingReport): string {
  const { cv, naive, segments } = report;
  const favourite = mostFrequent(segments.map((segment) => segment.chosen));
  const folds = counted(report.folds.length, "fold");
  const scores = `CV WMAPE ${percent(cv.wmape)} (naive ${percent(naive.wmape)})`;
  const share = `${favourite.count} of ${counted(segments.length, "segment")}`;
  return `${folds}, ${scores}, ${favourite.value} chosen in ${share}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const percent = (value: number | null): string =>
  value === null ? "unknown" : `${(value * 100).toFixed(1)}%`;

/** The first one wins a tie. */
function mostFrequent(values: readonly string[]): { value: string; count: number } {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [value, count] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  return { value, count };
}

const measured = (value: number | null, n: number, whyNull: string): Metric =>
  value === null ? { value, n, why: n === 0 ? "no-cv-pairs" : whyNull } : { value, n };
