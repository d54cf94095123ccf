import { join, resolve } from "node:path";
import { z } from "zod";
import type { Clock } from "../kit/clock.js";
import { fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import type { ModelRegistry } from "../kit/registry.js";
import { registryAddress, withoutCredentials } from "../kit/registry-address.js";
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
 * Opens the registry of a runbook: an MLflow server, or a folder, relative to `baseFolder`.
 * @throws FailureError `registry.uri-unsupported` for what is no address, `registry.corrupt` for a folder that holds something else, and what
 * `openConnection` and `checkServer` fail with
 */
export async function openRegistry(uri: string, options: OpenOptions): Promise<ModelRegistry> {
  const { files, clock, baseFolder } = options;
  const address = registryAddress(uri);
  if (address.kind === "refused") {
    const { problem, readings } = address;
    return fail({
      code: "registry.uri-unsupported",
      retryable: false,
      uri: withoutCredentials(uri),
      problem,
      readings,
    });
  }
  if (address.kind === "server") return openMlflow(address.url, options);
  const folder = resolve(baseFolder, address.path);
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
