import { z } from "zod";
import { periodLabel } from "../src/calendar/period.js";
import { quarterOfDay } from "../src/calendar/quarter.js";
import { type GroupOf, groupByAssignment } from "../src/forecast/accuracy/groups.js";
import type { DatedForecasts, PeriodRange } from "../src/forecast/accuracy/pairs.js";
import { scoreSnapshots, UNASSIGNED } from "../src/forecast/accuracy/report.js";
import { revisionsBetween } from "../src/forecast/accuracy/revisions.js";
import { importParams } from "../src/history/import-params.js";
import {
  type LiveForecasts,
  liveForecasts,
  liveForecastsIdentity,
  nameOfForecasts,
} from "../src/history/live-forecasts.js";
import type { ArtifactReader } from "../src/kit/artifact.js";
import { AccuracyReport, type Scores } from "../src/kit/artifacts/accuracy.js";
import type { Checkpoints } from "../src/kit/artifacts/checkpoints.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import { defineStep, type Metric, type MetricMap, optional } from "../src/kit/step.js";
import { digitsToTell } from "../src/kit/told-apart.js";
import { loadPanel } from "../src/panel/artifact.js";
import { readArtifactTable } from "../src/panel/artifact-table.js";
import { lastPeriodOf } from "../src/panel/calendar.js";
import type { Panel } from "../src/panel/panel.js";

const params = z.strictObject({
  maxRevision: z
    .number()
    .gt(0)
    .optional()
    .describe("Months whose total moved by more than this share are named in the summary; the gate decides"),
  minShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe(
      "Segments that hold less than this share of the volume, before and after, are listed but left out of maxSegmentRevision",
    ),
  ...importParams,
});

export const compareCheckpoints = defineStep({
  type: "compare-checkpoints",
  version: 2,
  summary: "Compares the new outlook with last quarter's, month by month",
  params,
  inputs: {
    snapshot: "snapshot",
    panel: "panel",
    segments: optional("segments"),
    accuracy: optional("accuracy-report"),
  },
  outputs: { checkpoints: "checkpoints" },
  metrics: {
    maxRevision: "Largest |new total / old total − 1| of a month that both snapshots cover",
    maxSegmentRevision: "The same by segment, over segments with at least `minShare` of the volume",
    months: "Months that both snapshots cover",
    "wmape.worstMonth": "Largest WMAPE of a month of this quarter, by the live forecasts",
  },
  effect: "pure",

  external: (ctx) => liveForecastsIdentity({ scope: ctx, services: ctx.services, params: ctx.params }),

  async run(ctx) {
    const { quarter } = ctx;
    const panel = await loadPanel(ctx);
    const label = (period: number) => periodLabel(period, panel.calendar);
    const range = { first: lastPeriodOf(quarter.start, panel.calendar), last: panel.lastPeriod };
    const then = {
      first: lastPeriodOf(quarter.previous.start, panel.calendar),
      last: lastPeriodOf(quarter.previous.cutoff, panel.calendar),
    };
    const { forecasts: live } = await liveForecasts(
      { scope: ctx, services: ctx.services, params: ctx.params },
      { first: then.first, last: range.last },
      panel.calendar,
      ctx.outputs.checkpoints.path("snapshot.work"),
    );
    const before = live.find((snapshot) => snapshot.cutoff < range.first) ?? null;

    const after = await readNewSnapshot(ctx.inputs.snapshot, panel);
    const segments = (await ctx.inputs.segments?.readJson("segments.json", Segments)) ?? null;
    const segmentOf =
      segments === null ? after.segmentOf : groupByAssignment(Object.entries(segments.assignment));
    const revisions = revisionsBetween(
      before ?? NOTHING,
      after.forecasts,
      (series) => segmentOf(series) ?? UNASSIGNED,
      ctx.params.minShare,
    );

    const accuracy = (await ctx.inputs.accuracy?.readJson("accuracy.json", AccuracyReport)) ?? null;
    const checkpoints: Checkpoints = {
      previous:
        before === null
          ? null
          : {
              quarter: before.quarter ?? quarterOfDay(before.cutoffDay, ctx.fiscalYearStart).label,
              version: before.version,
              source: before.source,
              cutoff: before.cutoffDay,
            },
      months: revisions.totals.map((row) => ({ ...row, period: label(row.period) })),
      segments: revisions.segments.map((row) => ({ ...row, period: label(row.period) })),
      maxRevision: revisions.maxRevision,
      maxSegmentRevision: revisions.maxSegmentRevision,
      monthlyAccuracy: sideBySide(
        label,
        { range, scores: accuracy?.byPeriod ?? scoresByPeriod(panel, live, range) },
        { range: then, scores: scoresByPeriod(panel, live, then) },
      ),
    };
    await ctx.outputs.checkpoints.writeJson("checkpoints.json", checkpoints);
    return {
      summary: summarise(checkpoints, before, ctx.params.maxRevision ?? null),
      metrics: metricsOf(checkpoints),
    };
  },
});

/** What there is to compare with when no forecast was live. */
const NOTHING: DatedForecasts = { cutoff: 0, series: [], period: [], forecast: [], intervals: [] };

async function readNewSnapshot(
  artifact: ArtifactReader,
  panel: Panel,
): Promise<{ readonly forecasts: DatedForecasts; readonly segmentOf: GroupOf }> {
  const columns = await readArtifactTable(artifact, "snapshot.parquet", [
    { name: "series", type: "VARCHAR" },
    { name: "period", type: "DATE" },
    { name: "forecast", type: "DOUBLE" },
    { name: "segment", type: "VARCHAR" },
  ]);
  const [series, days, forecast, segments] = columns.map((column) => column.values) as [
    readonly string[],
    readonly string[],
    Float64Array,
    readonly (string | null)[],
  ];
  return {
    forecasts: {
      cutoff: panel.lastPeriod,
      series,
      period: Int32Array.from(days, (day) => lastPeriodOf(day, panel.calendar)),
      forecast,
      intervals: [],
    },
    segmentOf: groupByAssignment(
      series.flatMap((id, row) => (segments[row] ? [[id, segments[row]] as const] : [])),
    ),
  };
}

type PeriodScores = readonly (Scores & { readonly key: string })[];

const scoresByPeriod = (
  panel: Panel,
  snapshots: readonly LiveForecasts[],
  range: PeriodRange,
): PeriodScores =>
  scoreSnapshots({ panel, snapshots, range, segmentOf: () => null, worst: 0 }).report.byPeriod;

interface QuarterScores {
  readonly range: PeriodRange;
  readonly scores: PeriodScores;
}

/** The first month of this quarter beside the first of last quarter, and so on. */
function sideBySide(
  label: (period: number) => string,
  now: QuarterScores,
  then: QuarterScores,
): Checkpoints["monthlyAccuracy"] {
  const scoreOf = ({ scores }: QuarterScores, key: string) => scores.find((row) => row.key === key);
  return Array.from({ length: now.range.last - now.range.first + 1 }, (_, at) => {
    const period = label(now.range.first + at);
    const previousPeriod = label(then.range.first + at);
    const [score, previous] = [scoreOf(now, period), scoreOf(then, previousPeriod)];
    return {
      period,
      wmape: score?.wmape ?? null,
      n: score?.n ?? 0,
      previousPeriod,
      previousWmape: previous?.wmape ?? null,
      previousN: previous?.n ?? 0,
    };
  });
}

function metricsOf(checkpoints: Checkpoints): MetricMap {
  const { previous, months, segments, monthlyAccuracy } = checkpoints;
  const none = previous === null ? "no-live-snapshot" : months.length === 0 ? "no-overlap" : "zero-before";
  const largest = (value: number | null, rows: readonly { readonly revision: number | null }[]): Metric => {
    const n = rows.filter((row) => row.revision !== null).length;
    return value === null ? { value, n, why: n > 0 ? "below-min-share" : none } : { value, n };
  };
  const scored = monthlyAccuracy.flatMap(({ wmape }) => (wmape === null ? [] : [wmape]));
  const pairs = monthlyAccuracy.reduce((sum, month) => sum + month.n, 0);
  const unscored = pairs > 0 ? "zero-actuals" : "no-pairs";
  return {
    maxRevision: largest(checkpoints.maxRevision, months),
    maxSegmentRevision: largest(checkpoints.maxSegmentRevision, segments),
    months: { value: months.length },
    "wmape.worstMonth":
      scored.length === 0
        ? { value: null, n: pairs, why: unscored }
        : { value: Math.max(...scored), n: pairs },
  };
}

function summarise(
  { months, maxRevision }: Checkpoints,
  before: LiveForecasts | null,
  limit: number | null,
): string {
  if (before === null) return "no forecast was live before this quarter: nothing to compare";
  const name = nameOfForecasts(before);
  if (months.length === 0) return `no month in common with ${name}`;
  const worst = months.find((month) => month.revision !== null && Math.abs(month.revision) === maxRevision);
  const shared = `${months.length} ${months.length === 1 ? "period" : "periods"} in common with ${name}`;
  if (worst === undefined) return `${shared}, which has no volume in them`;
  const above =
    limit === null ? [] : months.filter(({ revision }) => revision !== null && Math.abs(revision) > limit);
  const revision = worst.revision!;
  const shown = [0, Math.abs(revision), ...(limit === null ? [] : [limit])];
  const digits = digitsToTell(shown, 1, percent);
  const sign = revision < 0 ? "-" : "+";
  const largest = `largest revision ${sign}${percent(Math.abs(revision), digits)} in ${worst.period}`;
  return above.length === 0 || limit === null
    ? `${shared}: ${largest}`
    : `${shared}: ${largest}; above ${percent(limit, digits)}: ${above.map(({ period }) => period).join(", ")}`;
}

const percent = (share: number, digits: number): string => `${(share * 100).toFixed(digits)}%`;
