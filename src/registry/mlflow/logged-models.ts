import type { RegistryFile } from "../../kit/registry.js";
import { answer, REPEATABLE } from "./api.js";
import { removeFile } from "./artifacts.js";
import { artifactPath } from "./http/artifact-path.js";
import { encodePath, OWN } from "./keys.js";
import { makeOnce } from "./make-once.js";
import { Answers, type LoggedModel, type Run } from "./schemas.js";
import type { Store } from "./store.js";
import { findRun, requireRun } from "./tracking.js";

/** The logged model behind a version, which MLflow's pages show and whose folder holds the files; found again by `id` after a crash. */
export async function loggedModelFor(
  { api }: Store,
  {
    id,
    name,
    experiment,
    runId,
  }: { readonly id: string; readonly name: string; readonly experiment: string; readonly runId: string },
): Promise<LoggedModel> {
  const find = async () => {
    const { models } = await answer(
      "logged-models/search",
      Answers.loggedModels,
      api.client.POST("/api/2.0/mlflow/logged-models/search", {
        body: { experiment_ids: [experiment], filter: `tags.\`${OWN.id}\` = '${id}'`, max_results: 1 },
        ...REPEATABLE,
      }),
    );
    return models[0] ?? null;
  };
  const make = async () => {
    const { model } = await answer(
      "logged-models",
      Answers.loggedModel,
      api.client.POST("/api/2.0/mlflow/logged-models", {
        body: {
          experiment_id: experiment,
          // Logged models have narrower rules for names than registered models.
          name: name.replace(/[/:.%"']/g, "_").slice(0, 200),
          source_run_id: runId,
          tags: [{ key: OWN.id, value: id }],
        },
      }),
    );
    return model;
  };
  return (await find()) ?? makeOnce(api.connection, { make, find });
}

/** The files are there: the model is ready. */
export async function finalizeModel({ api }: Store, model_id: string): Promise<void> {
  await answer(
    "logged-models/{model_id}",
    Answers.nothing,
    api.client.PATCH("/api/2.0/mlflow/logged-models/{model_id}", {
      params: { path: { model_id } },
      body: { model_id, status: "LOGGED_MODEL_READY" },
      ...REPEATABLE,
    }),
  );
}

/** Makes the model an output of its run; of one that was deleted since it can be none. */
export async function linkModel(store: Store, model_id: string, runId: string): Promise<void> {
  const { client } = store.api;
  // MLflow refuses an output that is there already.
  const linked = ({ outputs }: Run) =>
    outputs.model_outputs.find((output) => output.model_id === model_id) ?? null;
  const run = await findRun(store, runId);
  if (run === null || linked(run) !== null) return;
  const find = async () => linked(await requireRun(store, runId));
  const make = async () => {
    const output = { model_id, step: 0 };
    const body = { run_id: runId, models: [output] };
    await answer("runs/outputs", Answers.nothing, client.POST("/api/2.0/mlflow/runs/outputs", { body }));
    return output;
  };
  await makeOnce(store.api.connection, { make, find });
}

/** Removes from a model's folder what an attempt that died has left there and is not among the files. */
export async function removeOthers(
  store: Store,
  location: string,
  files: readonly RegistryFile[],
): Promise<void> {
  const { connection, client } = store.api;
  const root = decodeURIComponent(artifactPath(location, "", connection.baseUrl));
  const path = root.split("/artifacts/").slice(1).join("/artifacts/");
  const wanted = new Set(files.map((file) => encodePath(file.path).split("/")[0]));
  const listed = await answer(
    "mlflow-artifacts/artifacts",
    Answers.files,
    client.GET("/api/2.0/mlflow-artifacts/artifacts", { params: { query: { path } } }),
  );
  for (const found of listed.files)
    if (!wanted.has(found.path)) await removeFile(store, location, found.path);
}
