import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Clock } from "../kit/clock.js";
import { fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import type { ModelRegistry } from "../kit/registry.js";
import { embeddedRegistry } from "./embedded/registry.js";

const Format = z.object({ format: z.literal(1) });

export interface OpenOptions {
  readonly files: DurableFiles;
  readonly clock: Clock;
  readonly baseFolder: string;
  /** Name of the MLflow experiment for new runs: the runbook's; default `retrain`. */
  readonly experiment?: string;
  /** Settings of the connection to MLflow; default none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends every call to MLflow. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the registry of a runbook: `http:` and `https:` are an MLflow server, `file:` + path or a plain path is a folder, relative to `baseFolder`.
 * @throws FailureError `registry.uri-unsupported` for another scheme, `registry.corrupt` for a folder that holds something else, and what
 * `openConnection` and `checkServer` fail with
 */
export async function openRegistry(uri: string, options: OpenOptions): Promise<ModelRegistry> {
  const { files, clock, baseFolder } = options;
  if (/^https?:/i.test(uri)) return openMlflow(uri, options);
  const folder = folderOf(uri, baseFolder);
  await checkFolder(files, folder);
  return embeddedRegistry({ folder, files, clock }, uri);
}

async function openMlflow(uri: string, options: OpenOptions): Promise<ModelRegistry> {
  const { files, clock, experiment = "retrain", env = {}, signal } = options;
  // The HTTP client takes longer to load than a run with nothing to do, and a folder needs none.
  const [{ openConnection }, { checkServer }, { mlflowRegistry }] = await Promise.all([
    import("./mlflow/http/connection.js"),
    import("./mlflow/http/check-server.js"),
    import("./mlflow/registry.js"),
  ]);
  const connection = await openConnection(uri, env, signal === undefined ? {} : { signal });
  await checkServer(connection);
  const user = env.LOGNAME || env.USER || env.USERNAME || "retrain";
  return mlflowRegistry({ connection, files, clock, experiment, user });
}

function folderOf(uri: string, baseFolder: string): string {
  // One letter before the colon is a drive of Windows.
  const scheme = /^([a-z][a-z\d+.-]+):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined && uri.trim() !== "") return resolve(baseFolder, uri);
  if (scheme === "file" && uri.length > "file:".length) {
    if (/^file:\/\/\//i.test(uri)) return fileURLToPath(uri);
    const path = uri.slice("file:".length);
    if (!path.startsWith("//")) return isAbsolute(path) ? path : resolve(baseFolder, path);
  }
  return fail({ code: "registry.uri-unsupported", retryable: false, uri: withoutCredentials(uri) });
}

/** Keeps scheme, host and path; user, password, query and fragment may carry secrets. */
function withoutCredentials(uri: string): string {
  return uri.replace(/^((?:[a-z][a-z\d+.-]+:\/\/)?)[^/?#]*@/i, "$1").replace(/[?#].*$/s, "");
}

async function checkFolder(files: DurableFiles, folder: string): Promise<void> {
  const path = join(folder, "registry.json");
  const text = await files.readText(path);
  if (text === null) {
    const names = await files.list(folder);
    if (names.length === 0) return;
    const detail = `the folder holds ${names.slice(0, 3).join(", ")} and no registry.json: it is not a registry`;
    return fail({ code: "registry.corrupt", retryable: false, path: folder, detail });
  }
  try {
    Format.parse(JSON.parse(text));
  } catch (error) {
    const detail = `expected {"format":1}, found ${text.trim().slice(0, 80)}`;
    fail({ code: "registry.corrupt", retryable: false, path, detail }, error);
  }
}
