import { rm } from "node:fs/promises";
import { z } from "zod";
import { periodStart } from "../src/calendar/period.js";
import type { ForecasterDescriptor } from "../src/forecast/forecaster/descriptor.js";
import { GRAPH_FILE, writeModelDirectory } from "../src/forecast/forecaster/directory.js";
import { type Golden, goldenOf } from "../src/forecast/forecaster/golden.js";
import { inputExample } from "../src/forecast/forecaster/input-example.js";
import { checkParity } from "../src/forecast/forecaster/parity.js";
import { seriesInputs } from "../src/forecast/forecaster/series-inputs.js";
import { seriesState } from "../src/forecast/forecaster/series-state.js";
import { openForecaster } from "../src/forecast/forecaster/session.js";
import { ForecastModel, quantileProbabilities } from "../src/forecast/model.js";
import { panelBatch } from "../src/forecast/panel-batch.js";
import { type Reconciliation, readReconciliation } from "../src/forecast/reconcile/model.js";
import type { Batch } from "../src/forecast/rows.js";
import { encodeSegments, type SegmentCodes } from "../src/forecast/segment-codes.js";
import type { ArtifactWriter } from "../src/kit/artifact.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import { TrainingReport } from "../src/kit/artifacts/training.js";
import { FailureError, fail } from "../src/kit/failure.js";
import { directoryDigest, MANIFEST_FILE, ModelManifest } from "../src/kit/model-directory.js";
import type { ModelRegistry, ModelVersion } from "../src/kit/registry.js";
import { damageLine, damageOf, inThatRole, valueOrDamage } from "../src/kit/soundness.js";
import type { RunScope, StepResult } from "../src/kit/step.js";
import { defineStep, optional } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import type { Panel } from "../src/panel/panel.js";

export const buildArtifacts = defineStep({
  type: "build-artifacts",
  version: 5,
  summary:
    "Builds the model directory with one ONNX graph, checks it against the trainer, attaches it to the version",
  params: z.strictObject({}),
  inputs: {
    panel: "panel",
    model: "trained-model",
    segments: optional("segments"),
    version: "registered-version",
  },
  outputs: { forecaster: "forecaster" },
  metrics: {
    "parity.maxRelative":
      "Largest difference between graph and trainer over all series, relative to the forecast (at least 1% of the series' scale)",
    "model.bytes": "Size of model.onnx",
  },
  effect: "external",

  async holds(ctx, outputs) {
    const { name, version } = await ctx.inputs.version.readJson("registered.json", Registered);
    const manifest = outputs.forecaster.files.find(({ path }) => path === MANIFEST_FILE);
    const registered = await valueOrDamage(ctx.services.registry.getVersion(name, version));
    if (registered !== null && "code" in registered) return damageLine(registered);
    if (registered === null) return `version ${version} of ${name} is not in the registry`;
    if (registered.status !== "ready") return `version ${version} of ${name} has no model attached`;
    if (manifest === undefined || registered.digest !== directoryDigest(manifest.sha256)) {
      return `version ${version} of ${name} has another model attached`;
    }
    const damage = await damageOf(ctx.services.registry, registered);
    return damage === null ? null : damageLine(inThatRole(damage, "candidate"));
  },

  async run(ctx) {
    const panel = await loadPanel(ctx);
    const model = await ctx.inputs.model.readJson("model.json", ForecastModel);
    const training = await ctx.inputs.model.readJson("training.json", TrainingReport);
    const reconciliation = await readReconciliation(ctx.inputs.model);
    const segments = segmentsOfModel(
      model,
      encodeSegments(panel.series, (await ctx.inputs.segments?.readJson("segments.json", Segments)) ?? null),
    );
    const batch = panelBatch(panel, panel.lastPeriod, model, segments.codes);

    ctx.progress(0, 3, "graph");
    // Loaded only here: a reused step should not pay for the protobuf package.
    const { emitOnnx } = await import("../src/forecast/onnx/emit.js");
    const graph = emitOnnx(model, ctx.lineage.code.retrain);
    ctx.progress(1, 3, "parity");
    const forecaster = await openForecaster(graph);
    let maxRelative: number;
    let golden: Golden;
    try {
      maxRelative = await checkParity(model, forecaster, panel.series, batch);
      golden = await goldenOf(forecaster, panel.series, batch);
    } finally {
      await forecaster.close();
    }

    ctx.progress(2, 3, "model directory");
    const { files, digest } = await writeModelDirectory(ctx.outputs.forecaster, {
      graph,
      descriptor: describe(ctx, panel, model, training, {
        reconciliation,
        data: ctx.inputs.panel.hash,
        retrain: ctx.lineage.code.retrain,
      }),
      state: seriesState(panel, segments, model.context),
      inputs: seriesInputs(panel.series, batch, model),
      example: inputExample(batch, model.horizon, forecaster.inputs),
      golden,
      reconciliation,
    });
    const { name, version, identity } = await ctx.inputs.version.readJson("registered.json", Registered);
    const { registry } = ctx.services;
    const sources = files.map((path) => ({ path, source: ctx.outputs.forecaster.path(path) }));
    const attach = () => registry.attachModel(name, version, sources, digest);
    const stored = identity === null ? null : await registry.getVersion(name, version);
    if (stored?.status === "ready" && stored.digest !== digest) {
      const taken = await valueOrDamage(takeDirectory(registry, stored, files, ctx.outputs.forecaster));
      if (!("code" in taken)) {
        const same = await parityOf(taken, model, panel, batch);
        return resultOf(panel, taken, same, `as ${name} version ${version} has it`);
      }
      // It does not have its own digest. If that is what was changed, the directory is this one; else what is damaged is said.
      if (!(await isAttached(attach))) return fail(taken);
      return resultOf(panel, graph, maxRelative, `its digest put right in ${name} version ${version}`);
    }
    await attach();
    return resultOf(panel, graph, maxRelative, `attached to ${name} version ${version}`);
  },
});

/** False where the registry has another directory there. */
async function isAttached(attach: () => Promise<ModelVersion>): Promise<boolean> {
  try {
    await attach();
    return true;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === "registry.model-immutable") return false;
    throw error;
  }
}

/**
 * The version holds this model already, in a directory that tells other things about it: of another program, of CV with other folds. Versions never
 * change, so that directory is this run's too.
 * @param written paths that stand in its place
 * @returns its graph
 */
async function takeDirectory(
  registry: ModelRegistry,
  { name, version }: ModelVersion,
  written: readonly string[],
  writer: ArtifactWriter,
): Promise<Uint8Array> {
  const read = (path: string) => registry.readModelFile(name, version, path);
  const manifest = await read(MANIFEST_FILE);
  for (const path of written) await rm(writer.path(path));
  await writer.writeBytes(MANIFEST_FILE, manifest);
  const { files } = ModelManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
  for (const { path } of files) await writer.writeBytes(path, await read(path));
  return read(GRAPH_FILE);
}

async function parityOf(
  graph: Uint8Array,
  model: ForecastModel,
  panel: Panel,
  batch: Batch,
): Promise<number> {
  const forecaster = await openForecaster(graph);
  try {
    return await checkParity(model, forecaster, panel.series, batch);
  } finally {
    await forecaster.close();
  }
}

const resultOf = ({ series }: Panel, graph: Uint8Array, maxRelative: number, where: string): StepResult => ({
  summary: `${GRAPH_FILE} of ${graph.length} bytes agrees with the trainer on ${series.length} series to ${maxRelative.toExponential(1)}, ${where}`,
  metrics: {
    "parity.maxRelative": { value: maxRelative, n: series.length },
    "model.bytes": { value: graph.length },
  },
});

/** The model's codes must be the codes that its series get now. */
function segmentsOfModel(model: ForecastModel, segments: SegmentCodes): SegmentCodes {
  if (model.segments.join("\n") !== segments.ids.join("\n")) {
    fail({
      code: "forecast.model-invalid",
      retryable: false,
      file: "model.json",
      detail: `it was trained on the segments ${model.segments.join(", ")}, this step is wired to ${segments.ids.join(", ")}`,
    });
  }
  return segments;
}

/** The fewest residuals behind a lead in any group: what a level is refused for. */
const residualsByLead = ({ conformal, horizon }: ForecastModel): number[] =>
  Array.from({ length: horizon }, (_, lead) => Math.min(...conformal.residuals.map((group) => group[lead]!)));

/** The only expert of a group, or the method where there are several. */
function leaderOf({ experts, combination }: ForecastModel, group: number): string {
  const used = experts.filter((_, k) => combination.weights[group]![k] !== 0);
  return used.length === 1 && combination.residual === null ? used[0]!.id : combination.method;
}

function describe(
  scope: RunScope,
  panel: Panel,
  model: ForecastModel,
  training: TrainingReport,
  made: {
    readonly reconciliation: Reconciliation | null;
    readonly data: string;
    readonly retrain: string;
  },
): ForecasterDescriptor {
  const { columns } = scope.data;
  const { further, leftOut } = training.conformal;
  const first = panel.lastPeriod + 1;
  return {
    format: 2,
    model: scope.model.name,
    quarter: scope.quarter.label,
    cutoff: scope.quarter.cutoff,
    frequency: model.frequency,
    fiscalYearStart: scope.fiscalYearStart,
    season: model.season,
    horizon: model.horizon,
    context: model.context,
    first: { period: first, start: periodStart(first, panel.calendar) },
    levels: model.conformal.levels,
    residuals: residualsByLead(model),
    ...(further === undefined ? {} : { further }),
    ...(leftOut === undefined ? {} : { leftOut }),
    inputs: { attributes: model.attributes, known: model.known, observed: model.observed },
    method: model.combination.method,
    experts: model.experts.map(({ id }, k) => ({ id, weight: model.combination.weights.at(-1)![k]! })),
    reconciliation:
      made.reconciliation === null
        ? null
        : { by: made.reconciliation.by, method: made.reconciliation.method },
    quantileProbabilities: quantileProbabilities(model.conformal.levels),
    segments: model.segments.map((segment, code) => ({
      code,
      segment,
      learner: leaderOf(model, code),
    })),
    fallback: leaderOf(model, model.segments.length),
    columns: {
      series: columns.series,
      time: columns.time,
      target: columns.target,
      attributes: [...columns.attributes],
      known: [...columns.known],
      observed: [...columns.observed],
    },
    cv: training.cv,
    naive: training.naive,
    series: panel.series.length,
    data: made.data,
    retrain: made.retrain,
  };
}
