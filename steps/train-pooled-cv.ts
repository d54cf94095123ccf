import { hashFiles } from "../src/command/files.js";
import { programsOf } from "../src/command/programs.js";
import type { CvControl } from "../src/forecast/cv.js";
import type { CanaryVerdict } from "../src/forecast/external/canary.js";
import { panelCanary } from "../src/forecast/external/panel-canary.js";
import { holdoutColumns, holdoutForecasts } from "../src/forecast/holdout.js";
import { learnerId } from "../src/forecast/learners/index.js";
import { isCommand, type LearnerSpec } from "../src/forecast/learners/spec.js";
import { RECONCILIATION_FILE } from "../src/forecast/reconcile/model.js";
import { encodeSegments } from "../src/forecast/segment-codes.js";
import { trainForecaster } from "../src/forecast/train.js";
import { trainingParams, trainOptionsOf } from "../src/forecast/training-params.js";
import { learnerWarnings } from "../src/forecast/training-warnings.js";
import { workerExecutor } from "../src/forecast/worker-executor.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import { intervalColumns } from "../src/kit/artifacts/snapshot.js";
import type { TrainingReport } from "../src/kit/artifacts/training.js";
import { listed, unknownAttributes } from "../src/kit/column-names.js";
import type { Json } from "../src/kit/json.js";
import { narrowed } from "../src/kit/metric-names.js";
import { defineStep, type Metric, type MetricMap, optional } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import { calendarOf, lastPeriodOf } from "../src/panel/calendar.js";
import { seriesWords } from "../src/panel/panel.js";
import { writeParquet } from "../src/panel/table.js";

/** Of learners that are programs: hashes of the files that they are made of; null without any. */
export async function programFiles(learners: readonly LearnerSpec[] = []): Promise<Json> {
  const programs: Record<string, Record<string, string>> = {};
  for (const spec of learners) {
    if (isCommand(spec)) programs[learnerId(spec)] = await hashFiles(spec.files, spec.command, spec.cwd);
  }
  return Object.keys(programs).length === 0 ? null : { programs };
}

const metrics = {
  "cv.wmape": "CV WMAPE of the combined forecast, pooled over folds and series",
  "cv.mase": "CV MASE of the combined forecast, mean over series",
  "cv.bias": "CV bias of the combined forecast; positive is over-forecast",
  "naive.wmape": "WMAPE of the seasonal naive forecast on the same pairs",
  "naive.mase": "MASE of the seasonal naive forecast on the same pairs",
  "cv.coverage.*":
    "Share of CV actuals inside the interval of a level, named in percent (`cv.coverage.80`), with widths from the folds before",
  "cv.wql": "Weighted quantile loss of the interval bounds on the same pairs",
  "naive.wql": "The same of the seasonal naive with widths from its own residuals",
  folds: "CV folds that history allowed",
  series: "Series in the panel",
};

export const trainPooledCv = defineStep({
  type: "train-pooled-cv",
  version: 6,
  summary: "Trains pooled learners, combines them by rolling-origin CV, and calibrates intervals",
  params: trainingParams,
  inputs: { panel: "panel", segments: optional("segments") },
  outputs: { model: "trained-model" },
  metrics,
  reports: ({ levels }) =>
    narrowed(Object.keys(metrics), {
      "cv.coverage.*": levels.map((level) => intervalColumns(level).lo.slice("lo".length)),
    }),
  effect: "pure",
  external: ({ params }) => programFiles(params.learners),
  check({ reconcile, learners = [] }, { columns }) {
    if (reconcile === undefined) return [];
    const unknown = unknownAttributes(
      [
        ...listed(reconcile.by, ["reconcile", "by"]),
        ...(reconcile.cross ?? []).flatMap((level, i) => listed(level, ["reconcile", "cross", i])),
      ],
      columns,
    );
    const program = learners.find(isCommand);
    if (reconcile.method === "bottom-up" || program === undefined) return unknown;
    return [
      ...unknown,
      {
        path: ["reconcile", "method"],
        message: `${reconcile.method} needs CV forecasts of sums, which a program (${learnerId(program)}) does not make`,
        suggestion: "use `method: bottom-up`",
      },
    ];
  },
  async run(ctx) {
    const panel = await loadPanel(ctx);
    const grouping = await ctx.inputs.segments?.readJson("segments.json", Segments);
    const segments = encodeSegments(panel.series, grouping ?? null);
    const options = trainOptionsOf(ctx.params, ctx.model.horizon);
    const control = (what: string): CvControl => ({
      executor: workerExecutor(ctx.services.workers ?? 1),
      signal: ctx.signal,
      programs: programsOf(ctx.workspace, ctx.signal),
      onFold: (_fold, done, total) => ctx.progress(done, total, `${what} ${done} of ${total}`),
    });

    const canaries: CanaryVerdict[] = [];
    const { data, fiscalYearStart, workspace } = ctx;
    const { model, report, reconciliation } = await trainForecaster(
      panel,
      panel.lastPeriod,
      segments,
      options,
      (ctx.params.learners ?? []).some(isCommand)
        ? {
            ...control("fold"),
            canary: await panelCanary(data, fiscalYearStart, workspace.stateFolder, (verdict) =>
              canaries.push(verdict),
            ),
          }
        : control("fold"),
    );
    const previous = lastPeriodOf(ctx.quarter.previous.cutoff, calendarOf(ctx.data, ctx.fiscalYearStart));
    // The gate compares point forecasts of graphs, so what it is given of this recipe is not reconciled and has no intervals.
    const alone = { ...options, reconcile: undefined, levels: [], furtherLevels: [] };
    const holdout = await holdoutForecasts(panel, previous, segments, alone, control("holdout fold"));

    await ctx.outputs.model.writeJson("model.json", model);
    const told: TrainingReport = canaries.length === 0 ? report : { ...report, canaries };
    await ctx.outputs.model.writeJson("training.json", told);
    if (reconciliation !== null) {
      await ctx.outputs.model.writeText(RECONCILIATION_FILE, `${JSON.stringify(reconciliation)}\n`);
    }
    await writeParquet(ctx.outputs.model.path("holdout.parquet"), holdoutColumns(panel, holdout));

    warnOfGaps(ctx.params, report, ctx.warn);
    for (const warning of learnerWarnings(report, seriesWords(panel))) ctx.warn(warning);
    for (const { learner, why } of canaries) {
      if (why !== null)
        ctx.warn(`it is not proven that the learner ${learner} knows its folds alone: ${why}`);
    }
    return {
      summary: summaryOf(report),
      metrics: {
        "cv.wmape": measured(report.cv.wmape, report.cv.n, "actuals-all-zero"),
        "cv.mase": measured(report.cv.mase, report.cv.n, "no-series-varies"),
        "cv.bias": measured(report.cv.bias, report.cv.n, "actuals-all-zero"),
        "naive.wmape": measured(report.naive.wmape, report.naive.n, "actuals-all-zero"),
        "naive.mase": measured(report.naive.mase, report.naive.n, "no-series-varies"),
        ...intervalMetrics(report),
        folds: { value: report.folds.length },
        series: { value: report.series },
      },
    };
  },
});

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

function intervalMetrics({ intervals, conformal }: TrainingReport): MetricMap {
  const { levels, wql, naiveWql, n } = intervals;
  const nameOf = (level: number) => `cv.coverage.${intervalColumns(level).lo.slice("lo".length)}`;
  const coverages = levels.map(({ level, coverage, n }) => [nameOf(level), judged(coverage, n)] as const);
  const leftOut = (conformal.leftOut ?? []).map(({ level, have }): [string, Metric] => [
    nameOf(level),
    { value: null, n: have, why: "too-few-residuals" },
  ]);
  return {
    ...Object.fromEntries([...coverages, ...leftOut]),
    "cv.wql": judged(wql, n),
    "naive.wql": judged(naiveWql, n),
  };
}

/** The first fold has no earlier one to take interval widths from. */
const judged = (value: number | null, n: number): Metric =>
  value === null ? { value, n, why: n === 0 ? "no-earlier-fold" : "actuals-all-zero" } : { value, n };

function summaryOf(report: TrainingReport): string {
  const { cv, naive } = report;
  const folds = counted(report.folds.length, "fold");
  const scores = `CV WMAPE ${percent(cv.wmape)} (naive ${percent(naive.wmape)})`;
  return `${folds}, ${scores}, ${combinationOf(report)}`;
}

function combinationOf({ ensemble, segments }: TrainingReport): string {
  const used = ensemble.weights.filter(({ weight }) => weight !== 0).length;
  switch (ensemble.method) {
    case "four":
      return `mean of ${counted(used, "learner")}${(ensemble.dropped ?? []).map((one) => `, without ${one.learner}`).join("")}`;
    case "full":
      return `learned weights of ${counted(used, "learner")}`;
    case "single": {
      const favourite = mostFrequent(segments.map((segment) => segment.chosen));
      return `${favourite.value} chosen in ${favourite.count} of ${counted(segments.length, "segment")}`;
    }
  }
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
