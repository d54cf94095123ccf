import { atOnce } from "../../kit/at-once.js";
import { fail } from "../../kit/failure.js";
import type { ModelRegistry, RegistryFile } from "../../kit/registry.js";
import { checkPath } from "../embedded/names.js";
import { allPages, answer, REPEATABLE } from "./api.js";
import { artifactPath } from "./http/artifact-path.js";
import { mlflowError } from "./http/errors.js";
import { decodeKey, encodePath } from "./keys.js";
import { Answers } from "./schemas.js";
import type { Store } from "./store.js";
import { placeOf, requireRun } from "./tracking.js";

/** Artifacts of ours in a run that are no artifacts of the interface: whole long values. */
export const VALUES_FOLDER = "retrain/values";

/** How many files go over the wire at once. */
const AT_ONCE = 4;

type Artifacts = Pick<ModelRegistry, "putArtifacts" | "listArtifacts" | "readArtifact">;

export function artifactsOf(store: Store): Artifacts {
  return {
    async putArtifacts(runId, files) {
      for (const file of files) checkPath(file.path);
      const { artifacts } = await placeOf(store, runId);
      await putFiles(store, artifacts, files, `a file for run ${runId}`);
    },
    async listArtifacts(runId) {
      await requireRun(store, runId);
      const paths = await filesBelow(store, runId, "");
      return paths
        .filter((path) => !path.startsWith(`${VALUES_FOLDER}/`))
        .map(decodeKey)
        .sort();
    },
    async readArtifact(runId, path) {
      checkPath(path);
      const { artifacts } = await placeOf(store, runId);
      const bytes = await readFile(store, artifacts, encodePath(path));
      return bytes ?? fail({ code: "registry.file-missing", retryable: false, owner: `run ${runId}`, path });
    },
  };
}

/** Puts files below an artifact location, after a look whether all of them are there. */
export async function putFiles(
  store: Store,
  location: string,
  files: readonly RegistryFile[],
  owner: string,
): Promise<void> {
  const missing = (path: string) => fail({ code: "registry.file-missing", retryable: false, owner, path });
  for (const { source } of files) if (!(await store.files.exists(source))) missing(source);
  await atOnce(AT_ONCE, files, async ({ path, source }) => {
    const content = (await store.files.readBytes(source)) ?? missing(source);
    await putContent(store, location, encodePath(path), content);
  });
}

/** @param path as the proxy knows it */
export async function putContent(
  { api }: Store,
  location: string,
  path: string,
  content: Uint8Array,
): Promise<void> {
  const { connection } = api;
  const url = `${connection.baseUrl}${artifactPath(location, path, connection.baseUrl)}`;
  const headers = { "content-type": "application/octet-stream" };
  const body = new Uint8Array(content);
  const response = await connection.fetch(new Request(url, { method: "PUT", headers, body }));
  if (!response.ok) await refused("PUT of an artifact", response);
}

/**
 * @param path as the proxy knows it
 * @returns null when there is no such file
 */
export async function readFile({ api }: Store, location: string, path: string): Promise<Uint8Array | null> {
  const { connection } = api;
  const url = `${connection.baseUrl}${artifactPath(location, path, connection.baseUrl)}`;
  const response = await connection.fetch(new Request(url));
  if (response.status === 404) return null;
  if (!response.ok) await refused("GET of an artifact", response);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * A file, or a folder with all that is in it; nothing there is fine.
 * @param path as the proxy knows it
 */
export async function removeFile({ api }: Store, location: string, path: string): Promise<void> {
  const { connection } = api;
  const url = `${connection.baseUrl}${artifactPath(location, path, connection.baseUrl)}`;
  const response = await connection.fetch(new Request(url, { method: "DELETE", ...REPEATABLE }));
  if (!response.ok && response.status !== 404) await refused("DELETE of an artifact", response);
}

/** @throws FailureError `registry.refused` always */
export async function refused(call: string, response: Response): Promise<never> {
  const { status, code, message } = mlflowError(response.status, await response.text());
  return fail({ code: "registry.refused", retryable: false, call, status, error: code, detail: message });
}

async function filesBelow(store: Store, runId: string, folder: string): Promise<readonly string[]> {
  const { client } = store.api;
  const pages = await allPages((token) =>
    answer(
      "artifacts/list",
      Answers.artifacts,
      client.GET("/api/2.0/mlflow/artifacts/list", {
        params: { query: { run_id: runId, ...(folder === "" ? {} : { path: folder }), ...token } },
      }),
    ),
  );
  const entries = pages.flatMap(({ files }) => files);
  const below = entries
    .filter(({ is_dir, path }) => is_dir && path !== VALUES_FOLDER)
    .map(({ path }) => filesBelow(store, runId, path));
  return [
    ...entries.filter(({ is_dir }) => !is_dir).map(({ path }) => path),
    ...(await Promise.all(below)).flat(),
  ];
}
