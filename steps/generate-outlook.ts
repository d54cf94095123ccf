import { z } from "zod";
import { ForecasterDescriptor } from "../src/forecast/forecaster/descriptor.js";
import { DESCRIPTOR_FILE, GRAPH_FILE } from "../src/forecast/forecaster/directory.js";
import { makeOutlook, type Outlook } from "../src/forecast/forecaster/outlook.js";
import { readSeriesSegments, SERIES_STATE_FILE } from "../src/forecast/forecaster/series-state.js";
import { openForecaster } from "../src/forecast/forecaster/session.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import type { SnapshotMeta } from "../src/kit/artifacts/snapshot.js";
import { fail } from "../src/kit/failure.js";
import { defineStep } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import { writeCsv, writeParquet } from "../src/panel/table.js";
import { residualsNeeded } from "../src/stats/conformal.js";

/** Series that a warning names; `outlook.json` has them all. */
const NAMED = 5;

export const generateOutlook = defineStep({
  type: "generate-outlook",
  version: 1,
  summary: "Runs the forecaster's graph on every series: the outlook with intervals, and its snapshot",
  params: z.strictObject({
    levels: z
      .array(z.number().gt(0).lt(1))
      .min(1)
      .default([0.8, 0.95])
      .describe("Interval levels, each one that `train-pooled-cv` calibrated, e.g. 0.8 → lo80 and hi80"),
  }),
  inputs: { panel: "panel", forecaster: "forecaster", version: "registered-version" },
  outputs: { outlook: "outlook", snapshot: "snapshot" },
  metrics: {
    rows: "Rows of the outlook: series × leads",
    series: "Series with a forecast",
    total: "Sum of all forecasts",
    inactive: "Series without a value in the season before the cutoff, which get no forecast",
  },
  effect: "pure",

  async run(ctx) {
    const { forecaster: artifact } = ctx.inputs;
    const descriptor = await artifact.readJson(DESCRIPTOR_FILE, ForecasterDescriptor);
    const levels = [...new Set(ctx.params.levels)].sort((a, b) => a - b);
    checkLevels(levels, descriptor);
    const panel = await loadPanel(ctx);
    const segments = await readSeriesSegments(artifact.file(SERIES_STATE_FILE));
    const forecaster = await openForecaster(artifact.file(GRAPH_FILE));
    let outlook: Outlook;
    try {
      outlook = await makeOutlook(forecaster, panel, segments, {
        available: descriptor.levels,
        wanted: levels,
      });
    } finally {
      await forecaster.close();
    }

    const { name, version } = await ctx.inputs.version.readJson("registered.json", Registered);
    const meta: SnapshotMeta = {
      quarter: ctx.quarter.label,
      cutoff: ctx.quarter.cutoff,
      model: name,
      version,
      horizon: descriptor.horizon,
      levels,
      rows: outlook.rows,
      series: outlook.series,
    };
    await writeCsv(ctx.outputs.outlook.path("outlook.csv"), outlook.columns);
    await writeParquet(ctx.outputs.outlook.path("outlook.parquet"), outlook.columns);
    await ctx.outputs.outlook.writeJson("outlook.json", {
      ...meta,
      total: outlook.total,
      inactive: outlook.inactive,
    });
    await writeParquet(ctx.outputs.snapshot.path("snapshot.parquet"), outlook.columns);
    await ctx.outputs.snapshot.writeJson("snapshot.json", meta);

    warnOfInactive(outlook.inactive, descriptor.season, (message) => ctx.warn(message));
    return {
      summary: `${outlook.series} series × ${descriptor.horizon} periods, total ${Math.round(outlook.total)}`,
      metrics: {
        rows: { value: outlook.rows },
        series: { value: outlook.series },
        total: { value: outlook.total, n: outlook.rows },
        inactive: { value: outlook.inactive.length, n: panel.series.length },
      },
    };
  },
});

function checkLevels(
  levels: readonly number[],
  { levels: available, residuals }: ForecasterDescriptor,
): void {
  const level = levels.find((candidate) => !available.includes(candidate));
  if (level === undefined) return;
  fail({
    code: "forecast.level-unsupported",
    retryable: false,
    level,
    available,
    residuals: Math.min(...residuals),
    need: residualsNeeded(level),
  });
}

function warnOfInactive(
  inactive: Outlook["inactive"],
  season: number,
  warn: (message: string) => void,
): void {
  if (inactive.length === 0) return;
  const named = inactive.slice(0, NAMED).map(({ series }) => series);
  const rest = inactive.length > NAMED ? `, and ${inactive.length - NAMED} more in outlook.json` : "";
  warn(`no forecast for series without a value in the last ${season} periods: ${named.join(", ")}${rest}`);
}
