import { z } from "zod";
import { modelIdentity } from "../src/forecast/forecaster/identity.js";
import { encodeSegments } from "../src/forecast/segment-codes.js";
import { versionWithoutIdentity } from "../src/history/known-model.js";
import { RUN_TAGS } from "../src/history/run-tags.js";
import { panelInput } from "../src/history/tracking/panel-input.js";
import { trackParts, trainingParts } from "../src/history/tracking/parts.js";
import { quarterMetrics, quarterParams, quarterPoints } from "../src/history/tracking/quarter-values.js";
import { AccuracyReport } from "../src/kit/artifacts/accuracy.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import { TrainingReport } from "../src/kit/artifacts/training.js";
import { fail } from "../src/kit/failure.js";
import { modelKey } from "../src/kit/model-ref.js";
import { aliasProblem } from "../src/kit/registry-names.js";
import { damageLine, valueOrDamage } from "../src/kit/soundness.js";
import { defineStep, optional } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";

const params = z.strictObject({
  alias: z
    .string()
    .min(1)
    .superRefine((alias, context) => {
      const problem = alias === "" ? null : aliasProblem(alias);
      if (problem !== null)
        context.addIssue({ code: "custom", message: `${problem}, got ${JSON.stringify(alias)}` });
    })
    .default("candidate")
    .describe("Alias that is moved to the new version without a gate. It cannot be the alias that is live."),
});

export const registerModel = defineStep({
  type: "register-model",
  version: 2,
  summary:
    "Registers the run with its parameters and metrics, and the trained model as a version: a new one, unless the registry has this very model",
  params,
  inputs: {
    // The model directory that is attached later also holds the state of the panel, so other rows are another model.
    panel: "panel",
    model: "trained-model",
    accuracy: optional("accuracy-report"),
    segments: optional("segments"),
  },
  outputs: { version: "registered-version" },
  metrics: { version: "Number of the registered version" },
  effect: "external",

  check: ({ alias }, upstream) =>
    alias !== upstream.alias
      ? []
      : [
          {
            path: ["alias"],
            message: `the alias ${alias} is the live one (model.alias); only a passed gate may move it`,
            suggestion: `another name${alias === "candidate" ? "" : ", e.g. candidate"}, or another model.alias`,
          },
        ],

  async holds(ctx, outputs) {
    const { registry } = ctx.services;
    const { name, version, runId, identity } = await outputs.version.readJson("registered.json", Registered);
    const found = await valueOrDamage(registry.getVersion(name, version));
    if (found !== null && "code" in found) return damageLine(found);
    if (found === null) return `version ${version} of ${name} is not in the registry`;
    const { [RUN_TAGS.identity]: known, [RUN_TAGS.panel]: panel } = found.tags;
    const isIt =
      identity === null
        ? found.runId === runId
        : known === identity || (known === undefined && panel === ctx.inputs.panel.hash);
    if (!isIt) return `version ${version} of ${name} in the registry is another model`;
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
    const panel = await loadPanel(ctx);
    const segments = (await inputs.segments?.readJson("segments.json", Segments)) ?? null;
    const identity = modelIdentity(
      inputs.model,
      panel,
      encodeSegments(panel.series, segments),
      model.horizon,
    );
    const data = {
      [RUN_TAGS.panel]: inputs.panel.hash,
      [RUN_TAGS.training]: inputs.model.hash,
      [RUN_TAGS.identity]: identity,
    };

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
    const trained = { panel: inputs.panel, trained: inputs.model, cutoff: quarter.cutoff };
    const found =
      (await versionWithoutIdentity(registry, model.name, trained)) ??
      (await registry.ensureVersion({
        name: model.name,
        key: modelKey(identity),
        runId,
        description: `Trained on data up to ${quarter.cutoff} for ${quarter.label}`,
        tags: { ...data, [RUN_TAGS.quarter]: quarter.label, [RUN_TAGS.cutoff]: quarter.cutoff },
      }));
    const { version } = found;
    const moved = await valueOrDamage(
      registry.moveAlias({
        name: model.name,
        alias: ctx.params.alias,
        to: version,
        by: "retrain",
        reason: `registered for ${quarter.label}`,
        decision: null,
        key: `${key} ${ctx.params.alias}`,
      }),
    );
    // What is live is not known then: the gate blocks, and says what to do.
    if ("code" in moved) ctx.warn(`alias ${ctx.params.alias} was not moved: ${damageLine(moved)}`);

    const registered: Registered = { registry: registry.uri, name: model.name, version, runId, identity };
    await ctx.outputs.version.writeJson("registered.json", registered);
    return {
      // What an earlier attempt at this very run made is no other run's.
      summary: `${model.name} version ${version}${found.runId === runId ? "" : ", which is this model already"}, alias ${ctx.params.alias}`,
      metrics: { version: { value: Number(version) } },
    };
  },
});
