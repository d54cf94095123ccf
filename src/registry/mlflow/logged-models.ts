import type { RegistryFile } from "../../kit/registry.js";
import { answer, REPEATABLE } from "./api.js";
import { artifactPath } from "./http/artifact-path.js";
import { encodePath, OWN } from "./keys.js";
import { Answers, type LoggedModel, type Run } from "./schemas.js";
import type { Store } from "./store.js";
import { requireRun } from "./tracking.js";

/** The logged model behind a version, which MLflow's pages show and whose folder holds the files; found again by `id` after a crash. */
export async function loggedModelFor(
  { api }: Store,
  id: string,
  name: string,
  { info }: Run,
): Promise<LoggedModel> {
  const { experiment_id } = info;
  const { models } = await answer(
    "logged-models/search",
    Answers.loggedModels,
    api.client.POST("/api/2.0/mlflow/logged-models/search", {
      body: { experiment_ids: [experiment_id], filter: `tags.\`${OWN.id}\` = '${id}'`, max_results: 1 },
      ...REPEATABLE,
    }),
  );
  if (models[0] !== undefined) return models[0];
  const { model } = await answer(
    "logged-models",
    Answers.loggedModel,
    api.client.POST("/api/2.0/mlflow/logged-models", {
      body: {
        experiment_id,
        // Logged models have narrower rules for names than registered models.
        name: name.replace(/[/:.%"']/g, "_").slice(0, 200),
        source_run_id: info.run_id,
        tags: [{ key: OWN.id, value: id }],
      },
    }),
  );
  return model;
}

/** The files are there: the model is ready, and an output of its run. */
export async function finalizeModel(store: Store, model_id: string, runId: string): Promise<void> {
  const { client } = store.api;
  await answer(
    "logged-models/{model_id}",
    Answers.nothing,
    client.PATCH("/api/2.0/mlflow/logged-models/{model_id}", {
      params: { path: { model_id } },
      body: { model_id, status: "LOGGED_MODEL_READY" },
      ...REPEATABLE,
    }),
  );
  // MLflow refuses an output that is there already.
  const { outputs } = await requireRun(store, runId);
  if (outputs.model_outputs.some((output) => output.model_id === model_id)) return;
  const body = { run_id: runId, models: [{ model_id, step: 0 }] };
  await answer("runs/outputs", Answers.nothing, client.POST("/api/2.0/mlflow/runs/outputs", { body }));
}

/** Removes from a model's folder what an attempt that died has left there and is not among the files. */
export async function removeOthers(
  { api }: Store,
  location: string,
  files: readonly RegistryFile[],
): Promise<void> {
  const { connection, client } = api;
  const root = decodeURIComponent(artifactPath(location, "", connection.baseUrl));
  const path = root.split("/artifacts/").slice(1).join("/artifacts/");
  const wanted = new Set(files.map((file) => encodePath(file.path).split("/")[0]));
  const listed = await answer(
    "mlflow-artifacts/artifacts",
    Answers.files,
    client.GET("/api/2.0/mlflow-artifacts/artifacts", { params: { query: { path } } }),
  );
  for (const found of listed.files) {
    if (wanted.has(found.path)) continue;
    const url = `${connection.baseUrl}${artifactPath(location, found.path, connection.baseUrl)}`;
    await connection.fetch(new Request(url, { method: "DELETE", ...REPEATABLE }));
  }
}
