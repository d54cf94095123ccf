import { fail } from "../../kit/failure.js";
import type { ModelRegistry, RegistryFile } from "../../kit/registry.js";
import { checkPath } from "../embedded/names.js";
import { allPages, answer } from "./api.js";
import { artifactPath } from "./http/artifact-path.js";
import { mlflowError } from "./http/errors.js";
import { decodeKey, encodePath } from "./keys.js";
import { Answers } from "./schemas.js";
import type { Store } from "./store.js";
import { requireRun } from "./tracking.js";

/** Artifacts of ours in a run that are no artifacts of the interface: whole long values. */
export const VALUES_FOLDER = "retrain/values";

/** How many files go over the wire at once. */
const AT_ONCE = 4;

type Artifacts = Pick<ModelRegistry, "putArtifacts" | "listArtifacts" | "readArtifact">;

export function artifactsOf(store: Store): Artifacts {
  return {
    async putArtifacts(runId, files) {
      for (const file of files) checkPath(file.path);
      const { info } = await requireRun(store, runId);
      await putFiles(store, info.artifact_uri, files, `a file for run ${runId}`);
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
      const location = store.locations.get(runId) ?? (await requireRun(store, runId)).info.artifact_uri;
      store.locations.set(runId, location);
      const bytes = await readFile(store, location, encodePath(path));
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
  const queue = [...files];
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const content = (await store.files.readBytes(file.source)) ?? missing(file.source);
      await putContent(store, location, encodePath(file.path), content);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
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

async function refused(call: string, response: Response): Promise<never> {
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
