import { createHash } from "node:crypto";
import { z } from "zod";
import { type GroupOf, groupByAssignment } from "../src/forecast/accuracy/groups.js";
import { type Scored, scoreSnapshots } from "../src/forecast/accuracy/report.js";
import { groupByAttributes } from "../src/forecast/segmentation/attributes.js";
import { importParams } from "../src/history/import-params.js";
import {
  type LiveForecasts,
  liveForecasts,
  liveForecastsIdentity,
  nameOfForecasts,
} from "../src/history/live-forecasts.js";
import { previousArtifact } from "../src/history/previous.js";
import type { AccuracyReport } from "../src/kit/artifacts/accuracy.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import { intervalColumns } from "../src/kit/artifacts/snapshot.js";
import { listed, unknownAttributes } from "../src/kit/column-names.js";
import { fail } from "../src/kit/failure.js";
import { defineStep, type Metric, type MetricMap, type RunScope, type Services } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import { lastPeriodOf } from "../src/panel/calendar.js";
import type { Panel } from "../src/panel/panel.js";

const SEGMENTS = "segments/segments.json";

const params = z.strictObject({
  ...importParams,
  worst: z.int().min(0).max(10_000).default(20).describe("Number of series in the table of worst series"),
  by: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      "Attributes whose labels, joined with `|`, make the groups of the segment table. Default: the segments of the previous quarter's run; without one, all attributes of the panel",
    ),
});

export const accuracyReport = defineStep({
  type: "accuracy-report",
  version: 4,
  summary: "Scores the forecasts that were live against the quarter's actuals",
  params,
  inputs: { panel: "panel" },
  outputs: { accuracy: "accuracy-report" },
  metrics: {
    wmape: "WMAPE of the latest live forecast of every series and period of the quarter",
    bias: "Bias on the same pairs; positive is over-forecast",
    mase: "MASE on the same pairs, mean over series",
    pairs: "Pairs of a series and a period with both an actual and a live forecast",
    "naive.wmape": "WMAPE of the seasonal naive forecast made at the same cutoffs, on the same pairs",
    "naive.mase": "MASE of that seasonal naive forecast",
    "allLeads.wmape": "WMAPE of all live snapshots that reach into the quarter, pooled over lead times",
    "coverage.*":
      "Share of actuals inside the interval of a level, named in percent as the columns are: `coverage.80`, `coverage.97_5`",
  },
  effect: "pure",
  check: ({ by = [] }, { columns }) => unknownAttributes(listed(by, ["by"]), columns),

  async external(ctx) {
    const segments = ctx.params.by === undefined ? await findSegments(ctx) : null;
    return {
      live: await liveForecastsIdentity({ scope: ctx, services: ctx.services, params: ctx.params }),
      segments: segments === null ? null : createHash("sha256").update(segments.bytes).digest("hex"),
    };
  },

  async run(ctx) {
    const panel = await loadPanel(ctx);
    const range = { first: lastPeriodOf(ctx.quarter.start, panel.calendar), last: panel.lastPeriod };
    const { forecasts: snapshots, unrecorded } = await liveForecasts(
      { scope: ctx, services: ctx.services, params: ctx.params },
      range,
      panel.calendar,
      ctx.outputs.accuracy.path("snapshot.work"),
    );
    const segmentOf = await groupsOf(ctx, panel);
    const scored = scoreSnapshots({ panel, snapshots, range, segmentOf, worst: ctx.params.worst });
    const report: AccuracyReport = {
      quarter: ctx.quarter.label,
      snapshots: scored.pairsOf.map(({ snapshot, all }) => ({
        source: snapshot.source,
        cutoff: snapshot.cutoffDay,
        version: snapshot.version,
        pairs: all,
        why: snapshot.why,
        ...(snapshot.insteadOf === undefined ? {} : { insteadOf: snapshot.insteadOf }),
      })),
      ...(unrecorded.length === 0 ? {} : { unrecorded: [...unrecorded] }),
      ...scored.report,
    };
    await ctx.outputs.accuracy.writeJson("accuracy.json", report);
    const why = snapshots.length === 0 ? "no-live-snapshot" : "no-pairs";
    return { summary: summarise(scored, why), metrics: metricsOf(scored, why) };
  },
});

interface SegmentScope extends Pick<RunScope, "model" | "quarter"> {
  readonly services: Services;
  readonly params: z.output<typeof params>;
}

/** This step runs before `refresh-segments`, so last quarter's segments are the ones there are. */
const findSegments = ({ services, model, quarter }: SegmentScope) =>
  previousArtifact(services.registry, { model: model.name, quarter: quarter.label }, SEGMENTS);

async function groupsOf(scope: SegmentScope, panel: Panel): Promise<GroupOf> {
  const { by } = scope.params;
  const found = by === undefined ? await findSegments(scope) : null;
  if (found !== null) return groupByAssignment(Object.entries(parseSegments(found).assignment));
  const names = by ?? panel.attributes.map((column) => column.name);
  if (names.length === 0) return () => "all";
  const { assignment } = groupByAttributes(panel, names);
  return groupByAssignment(panel.series.map((id, s) => [id, assignment[s]!]));
}

function parseSegments({ runId, bytes }: { runId: string; bytes: Uint8Array }): Segments {
  try {
    return Segments.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    const path = `run ${runId}: ${SEGMENTS}`;
    return fail({ code: "registry.corrupt", retryable: false, path, detail: String(error) }, error);
  }
}

function metricsOf({ report, allLeads }: Scored<LiveForecasts>, none: string): MetricMap {
  const { total, naive } = report;
  const score = (value: number | null, n: number, noDenominator: string, noPair = none): Metric =>
    value === null ? { value, n, why: n === 0 ? noPair : noDenominator } : { value, n };
  const noNaive = total.n === 0 ? none : "no-history";
  const coverage = report.coverage.map(({ level, observed, n }) => [
    `coverage.${intervalColumns(level).lo.slice("lo".length)}`,
    score(observed, n, none),
  ]);
  return {
    wmape: score(total.wmape, total.n, "zero-actuals"),
    bias: score(total.bias, total.n, "zero-actuals"),
    mase: score(total.mase, total.n, "no-scale"),
    pairs: { value: total.n },
    "naive.wmape": score(naive.wmape, naive.n, "zero-actuals", noNaive),
    "naive.mase": score(naive.mase, naive.n, "no-scale", noNaive),
    "allLeads.wmape": score(allLeads.wmape, allLeads.n, "zero-actuals"),
    ...Object.fromEntries(coverage),
  };
}

function summarise({ report, pairsOf }: Scored<LiveForecasts>, none: string): string {
  const { total } = report;
  if (total.n === 0) {
    return none === "no-live-snapshot"
      ? "no forecast was live for this quarter: nothing to score"
      : "no live forecast meets an actual of this quarter: nothing to score";
  }
  const sources = new Set(
    pairsOf.filter(({ latest }) => latest > 0).map(({ snapshot }) => nameOfForecasts(snapshot)),
  );
  const excluded = total.excluded === 0 ? "" : `, ${total.excluded} excluded`;
  return `${total.n} pairs from ${[...sources].join(" and ")}${excluded}: WMAPE ${percent(total.wmape)}, bias ${signed(total.bias)}`;
}

const percent = (value: number | null): string =>
  value === null ? "unknown" : `${(value * 100).toFixed(1)}%`;

const signed = (value: number | null): string =>
  value !== null && value >= 0 ? `+${percent(value)}` : percent(value);
