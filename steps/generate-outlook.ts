import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { championOutlook, type NoChampionOutlook } from "../src/forecast/champion/outlook.js";
import { ForecasterDescriptor } from "../src/forecast/forecaster/descriptor.js";
import { DESCRIPTOR_FILE, GRAPH_FILE } from "../src/forecast/forecaster/directory.js";
import { type Outlook, outlookOf } from "../src/forecast/forecaster/outlook.js";
import {
  furtherText,
  leftOutText,
  type OutlookLevels,
  outlookLevels,
  rising,
} from "../src/forecast/forecaster/outlook-levels.js";
import {
  readSeriesSegments,
  SERIES_STATE_FILE,
  type SeriesSegment,
} from "../src/forecast/forecaster/series-state.js";
import { readReconciliation } from "../src/forecast/reconcile/model.js";
import { championOfRun } from "../src/history/judged-champion.js";
import type { ArtifactWriter } from "../src/kit/artifact.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import type { NoSnapshot, SnapshotMeta } from "../src/kit/artifacts/snapshot.js";
import { damageLine } from "../src/kit/soundness.js";
import { defineStep, type StepContext } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import { readingArtifact } from "../src/panel/artifact-table.js";
import { type Panel, seriesWords } from "../src/panel/panel.js";
import { writeCsv, writeParquet } from "../src/panel/table.js";

/** Series that a warning names; `outlook.json` has them all. */
const NAMED = 5;

const params = z.strictObject({
  levels: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .default([0.8, 0.95])
    .describe(
      "Interval levels, each one that `train-pooled-cv` calibrated, e.g. 0.8 → lo80 and hi80. " +
        "A level that history has too few residuals for is left out, with a warning",
    ),
  inactiveAfter: z
    .int()
    .min(1)
    .optional()
    .describe(
      "Periods without a value at the end of a series after which it counts as ended and gets no forecast. Default: one season (12 months, 4 quarters)",
    ),
});
type Params = z.output<typeof params>;

const inputs = { panel: "panel", forecaster: "forecaster", version: "registered-version" } as const;
type Inputs = typeof inputs;
const outputs = { outlook: "outlook", snapshot: "snapshot", champion: "champion-snapshot" } as const;
type Context = StepContext<Params, Inputs, typeof outputs>;

export const generateOutlook = defineStep({
  type: "generate-outlook",
  version: 2,
  summary:
    "Runs the forecaster's graph on every series: the outlook with intervals, its snapshot, and the champion's snapshot from the same cutoff",
  params,
  inputs,
  outputs,
  metrics: {
    rows: "Rows of the outlook: series × leads",
    series: "Series with a forecast",
    total: "Sum of all forecasts",
    inactive: "Series without a value in the last `inactiveAfter` periods, which get no forecast",
    levelsLeftOut: "Interval levels that were asked for and that history has too few residuals for",
    levelsFurther: "Interval levels that come from further origins, since CV has too few residuals for them",
  },
  effect: "pure",
  check({ levels }, { steps }) {
    const training = steps.findLast(({ type }) => type === "train-pooled-cv");
    if (training === undefined) return [];
    const { levels: calibrated } = training.params as { readonly levels: readonly number[] };
    return levels.flatMap((level, index) =>
      calibrated.includes(level)
        ? []
        : [
            {
              path: ["levels", index],
              message: `${training.id} does not calibrate the level ${level}: its levels are ${calibrated.join(", ")}`,
              suggestion: `add ${level} to \`levels\` of \`${training.id}\`, or take one of these`,
            },
          ],
    );
  },

  async external(ctx) {
    const champion = await championOfRun(ctx);
    if (champion.kind === "missing") return { champion: null, missing: true };
    if (champion.kind === "none") return { champion: null };
    if (champion.kind === "damaged")
      return { champion: champion.version, digest: champion.digest, damaged: damageLine(champion.damage) };
    return { champion: champion.model.version, digest: champion.model.digest };
  },

  async run(ctx) {
    const { forecaster } = ctx.inputs;
    const descriptor = await forecaster.readJson(DESCRIPTOR_FILE, ForecasterDescriptor);
    const levels = outlookLevels(ctx.params.levels, descriptor);
    const panel = await loadPanel(ctx);
    const state = forecaster.file(SERIES_STATE_FILE);
    const segments = await readingArtifact(forecaster, SERIES_STATE_FILE, () => readSeriesSegments(state));
    const outlook = await outlookOf(forecaster.file(GRAPH_FILE), panel, segments, {
      available: descriptor.levels,
      wanted: levels.written,
      inactiveAfter: ctx.params.inactiveAfter ?? null,
      reconciliation: await readReconciliation(forecaster),
    });

    const { version } = await ctx.inputs.version.readJson("registered.json", Registered);
    const meta = {
      ...snapshotMeta(ctx, version, outlook, levels.written),
      ...(levels.further === null ? {} : { further: levels.further }),
    };
    await writeCsv(ctx.outputs.outlook.path("outlook.csv"), outlook.columns, ctx.csv?.formulas);
    await writeParquet(ctx.outputs.outlook.path("outlook.parquet"), outlook.columns);
    if (outlook.levels !== null) {
      await writeCsv(ctx.outputs.outlook.path("outlook-levels.csv"), outlook.levels, ctx.csv?.formulas);
      await writeParquet(ctx.outputs.outlook.path("outlook-levels.parquet"), outlook.levels);
    }
    await ctx.outputs.outlook.writeJson("outlook.json", {
      ...meta,
      total: outlook.total,
      inactive: outlook.inactive,
      ...(levels.leftOut.length === 0 ? {} : { leftOut: levels.leftOut }),
    });
    await writeSnapshot(ctx.outputs.snapshot, outlook, meta);
    await writeChampion(ctx, panel, segments, rising(ctx.params.levels));

    for (const level of levels.leftOut) ctx.warn(leftOutText(level));
    warnOfInactive(outlook, seriesWords(panel), (message) => ctx.warn(message));
    warnOfMissingAhead(outlook, (message) => ctx.warn(message));
    return {
      summary: `${outlook.series} series × ${outlook.horizon} periods, total ${Math.round(outlook.total)}${marked(levels)}`,
      metrics: {
        rows: { value: outlook.rows },
        series: { value: outlook.series },
        total: { value: outlook.total, n: outlook.rows },
        inactive: { value: outlook.inactive.length, n: panel.series.length },
        levelsLeftOut: { value: levels.leftOut.length },
        levelsFurther: { value: levels.further?.levels.length ?? 0 },
      },
    };
  },
});

/** Should this candidate not be promoted, the champion goes on and its forecast from here is the one that was live. */
async function writeChampion(
  ctx: Context,
  panel: Panel,
  segments: ReadonlyMap<string, SeriesSegment>,
  levels: readonly number[],
): Promise<void> {
  const { champion: writer } = ctx.outputs;
  const found = await championOfRun(ctx);
  const champion = found.kind === "sound" ? found.model : null;
  const none = (reason: NoSnapshot["reason"], version = champion?.version ?? null) => {
    const { label: quarter, cutoff } = ctx.quarter;
    return writer.writeJson("none.json", { quarter, cutoff, version, reason } satisfies NoSnapshot);
  };
  if (found.kind === "damaged") {
    ctx.warn(`no snapshot of the champion: ${damageLine(found.damage)}`);
    return none("champion-damaged", found.version);
  }
  if (champion === null) return none(found.kind === "missing" ? "champion-missing" : "no-champion");
  const { name, version, digest } = champion;
  if (digest === null) return none("champion-has-no-model");
  const made = await championOutlook({
    read: (path) => ctx.services.registry.readModelFile(name, version, path),
    panel,
    cutoff: ctx.quarter.cutoff,
    segments,
    levels,
    inactiveAfter: ctx.params.inactiveAfter ?? null,
    workFile: writer.path("series-state.work"),
  });
  if (!made.ok) {
    ctx.warn(`no snapshot of the champion, version ${version}: ${WORDS[made.error]}`);
    return none(made.error);
  }
  const { outlook } = made.value;
  await writeSnapshot(writer, outlook, snapshotMeta(ctx, version, outlook, made.value.levels));
}

const WORDS: Readonly<Record<NoChampionOutlook, string>> = {
  "champion-frequency": "it forecasts other periods than this panel has",
  "champion-attributes": "its outlook adds up over attributes that this panel does not have",
  "champion-is-later": "it was trained on rows after this quarter's cutoff",
};

type Description = Omit<SnapshotMeta, "sha256">;

const snapshotMeta = (
  { quarter, model }: Context,
  version: string,
  { horizon, rows, series }: Outlook,
  levels: readonly number[],
): Description => ({
  quarter: quarter.label,
  cutoff: quarter.cutoff,
  model: model.name,
  version,
  horizon,
  levels: [...levels],
  rows,
  series,
});

async function writeSnapshot(
  writer: ArtifactWriter,
  { columns }: Outlook,
  description: Description,
): Promise<void> {
  const table = writer.path("snapshot.parquet");
  await writeParquet(table, columns);
  const sha256 = createHash("sha256")
    .update(await readFile(table))
    .digest("hex");
  await writer.writeJson("snapshot.json", { ...description, sha256 } satisfies SnapshotMeta);
}

const marked = ({ further }: OutlookLevels): string =>
  further === null ? "" : `; ${furtherText(further.levels)}`;

function warnOfMissingAhead(
  { missingAhead, horizon, series: all }: Outlook,
  warn: (message: string) => void,
): void {
  for (const { feature, periods, series } of missingAhead) {
    const where = series === all ? "" : ` for ${series} of ${all} series`;
    warn(
      `known feature ${feature} has no value in ${periods} of the ${horizon} periods ahead${where}: its average effect is assumed there`,
    );
  }
}

function warnOfInactive(
  { inactive, inactiveAfter }: Outlook,
  words: (series: string) => string,
  warn: (message: string) => void,
): void {
  if (inactive.length === 0) return;
  const named = inactive.slice(0, NAMED).map(({ series }) => words(series));
  const rest = inactive.length > NAMED ? `, and ${inactive.length - NAMED} more in outlook.json` : "";
  const periods = inactiveAfter === 1 ? "period" : `${inactiveAfter} periods`;
  warn(`no forecast for series without a value in the last ${periods}: ${named.join(", ")}${rest}`);
}
