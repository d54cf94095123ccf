import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tamper } from "../registry-contract.js";

/** Changes files of model "demand" in a registry folder. */
export const tamperInFolder: Tamper = async (folder, version, path, change) => {
  const file = join(folder, "models/demand/versions", version, "model", path);
  await rm(file, { recursive: true });
  if (change === "gone") return;
  if (change === "folder") await mkdir(file);
  else await writeFile(file, change);
};

/** Changes files of model "demand" in the artifact store of a server, by calls that the product does not make. */
export function tamperOnServer(uri: string): Tamper {
  return async (_folder, version, path, change) => {
    const query = new URLSearchParams({ name: "demand", version });
    const answer = await fetch(`${uri}/api/2.0/mlflow/model-versions/get?${query}`);
    const { model_version } = (await answer.json()) as { model_version: { source: string } };
    const root = model_version.source.replace(/^mlflow-artifacts:\/(\/[^/]*\/)?/, "");
    const call = async (method: string, file: string, body?: Uint8Array) => {
      const url = `${uri}/api/2.0/mlflow-artifacts/artifacts/${root}/${file}`;
      const response = await fetch(url, {
        method,
        ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    };
    await call("DELETE", path);
    if (change === "gone") return;
    if (change === "folder") await call("PUT", `${path}/inside`, new Uint8Array([1]));
    else await call("PUT", path, change);
  };
}
