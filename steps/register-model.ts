import { z } from "zod";
import { RUN_TAGS } from "../src/history/run-tags.js";
import { panelInput } from "../src/history/tracking/panel-input.js";
import { trackParts, trainingParts } from "../src/history/tracking/parts.js";
import { quarterMetrics, quarterParams, quarterPoints } from "../src/history/tracking/quarter-values.js";
import { AccuracyReport } from "../src/kit/artifacts/accuracy.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import { TrainingReport } from "../src/kit/artifacts/training.js";
import { fail } from "../src/kit/failure.js";
import { defineStep, optional } from "../src/kit/step.js";

const params = z.strictObject({
  alias: z
    .string()
    .min(1)
    .default("candidate")
    .describe("Alias that is moved to the new version without a gate. It cannot be the alias that is live."),
});

export const registerModel = defineStep({
  type: "register-model",
  version: 2,
  summary: "Registers the trained model as a new version, with the run, parameters and metrics behind it",
  params,
  inputs: {
    // The model directory that is attached later also holds the state of the panel, so another panel is another version.
    panel: "panel",
    model: "trained-model",
    accuracy: optional("accuracy-report"),
    segments: optional("segments"),
  },
  outputs: { version: "registered-version" },
  metrics: { version: "Number of the registered version" },
  effect: "external",

  async holds(ctx, outputs) {
    const { registry } = ctx.services;
    const { name, version, runId } = await outputs.version.readJson("registered.json", Registered);
    if ((await registry.getVersion(name, version))?.runId !== runId) {
      return `version ${version} of ${name} is not in the registry as run ${runId} made it`;
    }
    if ((await registry.getRun(runId)) === null) return `run ${runId} is not in the registry`;
    return null;
  },

  async run(ctx) {
    const { registry } = ctx.services;
    const { quarter, model, lineage, inputs, idempotencyKey: key } = ctx;
    if (ctx.params.alias === model.alias) {
      fail({
        code: "usage.invalid",
        retryable: false,
        message: `step ${ctx.run.step}: alias ${model.alias} is live; only a passed gate may move it`,
        next: "give `with: { alias: … }` of the step another name, e.g. candidate",
      });
    }
    const runbookId = ctx.services.earlier?.runbookId;
    const training = await inputs.model.readJson("training.json", TrainingReport);
    const accuracy = (await inputs.accuracy?.readJson("accuracy.json", AccuracyReport)) ?? null;
    const data = { [RUN_TAGS.panel]: inputs.panel.hash, [RUN_TAGS.training]: inputs.model.hash };

    const run = await registry.ensureRun({
      key,
      model: model.name,
      name: `${model.name} ${quarter.label}`,
      quarter: quarter.label,
      cutoff: quarter.cutoff,
      tags: {
        ...data,
        [RUN_TAGS.quarter]: quarter.label,
        [RUN_TAGS.cutoff]: quarter.cutoff,
        [RUN_TAGS.run]: ctx.run.id,
        [RUN_TAGS.runbook]: lineage.runbook,
        ...(runbookId === undefined ? {} : { [RUN_TAGS.runbookId]: runbookId }),
        [RUN_TAGS.retrain]: lineage.code.retrain,
        ...(lineage.code.git === null ? {} : { [RUN_TAGS.git]: lineage.code.git }),
      },
    });
    const { runId } = run;
    await registry.logRun(runId, {
      params: quarterParams(training),
      metrics: quarterMetrics(training, accuracy),
      points: quarterPoints(training, accuracy),
      inputs: [await panelInput(inputs.panel, ctx)],
    });
    await registry.putArtifacts(
      runId,
      ["training.json", "model.json", "holdout.parquet"].map((file) => ({
        path: `training/${file}`,
        source: inputs.model.file(file),
      })),
    );
    await trackParts(registry, run, trainingParts(training));
    const { version } = await registry.ensureVersion({
      name: model.name,
      key,
      runId,
      description: `Trained on data up to ${quarter.cutoff} for ${quarter.label}`,
      tags: { ...data, [RUN_TAGS.quarter]: quarter.label, [RUN_TAGS.cutoff]: quarter.cutoff },
    });
    await registry.moveAlias({
      name: model.name,
      alias: ctx.params.alias,
      to: version,
      by: "retrain",
      reason: `registered for ${quarter.label}`,
      decision: null,
      key: `${key} ${ctx.params.alias}`,
    });

    const registered: Registered = { registry: registry.uri, name: model.name, version, runId };
    await ctx.outputs.version.writeJson("registered.json", registered);
    return {
      summary: `${model.name} version ${version}, alias ${ctx.params.alias}`,
      metrics: { version: { value: Number(version) } },
    };
  },
});
