import { userInfo } from "node:os";
import { nodeFiles } from "../../../../src/durable/node-files.js";
import { openConnection } from "../../../../src/registry/mlflow/http/connection.js";
import type { MlflowPlace } from "../../../../src/registry/mlflow/registry.js";

/** A place on the server for a registry whose clock runs. */
export async function openServer(uri: string, experiment: string): Promise<MlflowPlace> {
  return {
    connection: await openConnection(uri, {}),
    files: nodeFiles(),
    clock: { now: () => new Date().toISOString(), monotonic: () => performance.now() },
    experiment,
    user: userInfo().username,
  };
}

/** Models with one of these at the beginning of their names belong to tests of other files, which may run at the same time. */
export const OPENAPI_MODELS = "openapi ";
const OTHERS = [OPENAPI_MODELS, "python-consumer-", "e2e-"];

/** Deletes every registered model, and every experiment of ours, with REST calls that the product does not make. */
export async function emptyServer(uri: string): Promise<void> {
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as {
      registered_models?: { name: string }[];
      experiments?: { experiment_id: string; name: string }[];
    };
  };
  const { registered_models = [] } = await call("GET", "registered-models/search?max_results=1000");
  for (const { name } of registered_models.filter(
    ({ name }) => !OTHERS.some((other) => name.startsWith(other)),
  ))
    await call("DELETE", "registered-models/delete", { name });
  const filter = "tags.`retrain.experiment` = 'true'";
  const { experiments = [] } = await call("POST", "experiments/search", { max_results: 1000, filter });
  for (const { experiment_id } of experiments.filter(
    ({ name }) => !OTHERS.some((other) => name.startsWith(other)),
  ))
    await call("POST", "experiments/delete", { experiment_id });
}
