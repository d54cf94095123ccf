import { createHash } from "node:crypto";
import { z } from "zod";
import { groupByAbcXyz } from "../src/forecast/segmentation/abc-xyz.js";
import { groupByAttributes } from "../src/forecast/segmentation/attributes.js";
import {
  type Grouping,
  mergeSmallGroups,
  type SegmentMethod,
} from "../src/forecast/segmentation/grouping.js";
import type { SeriesProfile } from "../src/forecast/segmentation/profiles.js";
import { describeSegments, type PreviousSegments } from "../src/forecast/segmentation/segments.js";
import { previousArtifact } from "../src/history/previous.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import { listed, unknownAttributes } from "../src/kit/column-names.js";
import { fail } from "../src/kit/failure.js";
import { defineStep, type MetricMap, type RunScope, type Services } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import type { Panel } from "../src/panel/panel.js";

const PATH = "segments/segments.json";

const rising = (pair: readonly number[]): boolean => pair[0]! < pair[1]!;

const params = z
  .strictObject({
    method: z
      .enum(["attributes", "abc-xyz", "k-means"])
      .optional()
      .describe(
        "How series are grouped. Default: `attributes` with `by`, `k-means` with `k`, else `abc-xyz`",
      ),
    by: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("attributes: the columns whose labels make the segment id, e.g. `north|gold`"),
    volumeShares: z
      .tuple([z.number().gt(0).lt(1), z.number().gt(0).lte(1)])
      .refine(rising, "must rise")
      .optional()
      .describe("abc-xyz: cumulative volume shares at which A and B end. Default [0.8, 0.95]"),
    variation: z
      .tuple([z.number().gt(0), z.number().gt(0)])
      .refine(rising, "must rise")
      .optional()
      .describe(
        "abc-xyz: largest coefficient of variation, after seasonal adjustment, of X and of Y. Default [0.5, 1]",
      ),
    k: z.number().int().min(2).max(100).optional().describe("k-means: number of clusters. Default 4"),
    seed: z.number().int().nonnegative().optional().describe("k-means: seed of the first start. Default 1"),
    minSeries: z
      .number()
      .int()
      .min(1)
      .default(1)
      .describe("Segments with fewer series are merged into the segment `other`"),
  })
  .superRefine((given, context) => {
    const method = methodOf(given);
    for (const [key, owner] of Object.entries(OWNERS)) {
      if (given[key as keyof typeof OWNERS] === undefined || owner === method) continue;
      const message = `\`${key}\` belongs to method ${owner}, but the method is ${method}`;
      context.addIssue({ code: "custom", path: [key], message });
    }
    if (method === "attributes" && given.by === undefined) {
      context.addIssue({ code: "custom", path: ["method"], message: "method attributes needs `by`" });
    }
  });

type Params = z.output<typeof params>;

/** The method that a parameter belongs to. */
const OWNERS = {
  by: "attributes",
  volumeShares: "abc-xyz",
  variation: "abc-xyz",
  k: "k-means",
  seed: "k-means",
} as const satisfies Partial<Record<keyof Params, SegmentMethod>>;

const methodOf = ({ method, by, k }: Pick<Params, "method" | "by" | "k">): SegmentMethod =>
  method ?? (by !== undefined ? "attributes" : k !== undefined ? "k-means" : "abc-xyz");

export const refreshSegments = defineStep({
  type: "refresh-segments",
  version: 1,
  summary: "Groups the series into segments with ids that last from quarter to quarter",
  params,
  inputs: { panel: "panel" },
  outputs: { segments: "segments" },
  metrics: {
    segments: "Number of segments",
    moved: "Series that are in another segment than last quarter",
    movedShare: "Moved series as a share of those that both quarters have, 0..1",
  },
  effect: "pure",
  check: ({ by = [] }, { columns }) => unknownAttributes(listed(by, ["by"]), columns),
  async external(ctx) {
    const found = await findPrevious(ctx);
    if (found === null) return { previous: null };
    return {
      previous: { runId: found.runId, sha256: createHash("sha256").update(found.bytes).digest("hex") },
    };
  },
  async run(ctx) {
    const method = methodOf(ctx.params);
    const panel = await loadPanel(ctx);
    const previous = await readPrevious(ctx);
    // Loaded only here: the statistics and clustering packages are hundreds of modules that a reused step does not need.
    const { seriesProfiles } = await import("../src/forecast/segmentation/profiles.js");
    const profiles = seriesProfiles(panel);
    const grouping = await group(method, ctx.params, panel, profiles, previous);
    const segments = describeSegments(
      method,
      panel.series,
      profiles,
      mergeSmallGroups(grouping, ctx.params.minSeries),
      previous,
    );
    const before = previous?.segments.method;
    if (before !== undefined && before !== method) {
      ctx.warn(`the method changed from ${before} to ${method}: no series is counted as moved`);
    }
    await ctx.outputs.segments.writeJson("segments.json", segments);
    return { summary: summarise(segments), metrics: metricsOf(segments, before) };
  },
});

async function group(
  method: SegmentMethod,
  { by = [], volumeShares = [0.8, 0.95], variation = [0.5, 1], k = 4, seed = 1 }: Params,
  panel: Panel,
  profiles: readonly SeriesProfile[],
  previous: PreviousSegments | null,
): Promise<Grouping> {
  switch (method) {
    case "attributes":
      return groupByAttributes(panel, by);
    case "abc-xyz":
      return groupByAbcXyz(profiles, { volume: volumeShares, variation });
    case "k-means": {
      const { groupByKMeans } = await import("../src/forecast/segmentation/k-means.js");
      const clusters = previous?.segments.method === method ? previous.segments : null;
      return groupByKMeans(panel.series, profiles, { k, seed }, clusters);
    }
  }
}

type HistoryScope = Pick<RunScope, "model" | "quarter"> & { readonly services: Services };

const findPrevious = ({ services, model, quarter }: HistoryScope) =>
  previousArtifact(services.registry, { model: model.name, quarter: quarter.label }, PATH);

async function readPrevious(scope: HistoryScope): Promise<PreviousSegments | null> {
  const found = await findPrevious(scope);
  if (found === null) return null;
  try {
    const segments = Segments.parse(JSON.parse(new TextDecoder().decode(found.bytes)));
    return { quarter: found.quarter, segments };
  } catch (error) {
    const path = `run ${found.runId}: ${PATH}`;
    fail({ code: "registry.corrupt", retryable: false, path, detail: String(error) }, error);
  }
}

function summarise({ segments, moved, newSeries, lostSeries, previous }: Segments): string {
  const counts = `${segments.length} segments`;
  if (previous === null) return counts;
  return `${counts}; since ${previous}: ${moved.length} moved, ${newSeries.length} new, ${lostSeries.length} lost`;
}

function metricsOf(result: Segments, before: SegmentMethod | undefined): MetricMap {
  const segments = { value: result.segments.length, n: Object.keys(result.assignment).length };
  const unknown =
    before === undefined ? "no-previous-segments" : before !== result.method ? "method-changed" : null;
  if (unknown !== null) {
    const none = { value: null, why: unknown };
    return { segments, moved: none, movedShare: none };
  }
  const n = Object.keys(result.assignment).length - result.newSeries.length;
  const moved = { value: result.moved.length, n };
  const movedShare =
    n > 0 ? { value: result.moved.length / n, n } : { value: null, why: "no-series-in-common" };
  return { segments, moved, movedShare };
}
