import { join, resolve } from "node:path";
import { z } from "zod";
import type { Clock } from "../kit/clock.js";
import { fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import type { ModelRegistry } from "../kit/registry.js";
import { registryAddress, withoutCredentials } from "../kit/registry-address.js";
import { embeddedRegistry } from "./embedded/registry.js";

const Format = z.object({ format: z.literal(1) });
const OtherFormat = z.object({ format: z.number() });
/** What a registry folder holds besides its format. */
const OWN_FOLDERS = new Set(["models", "runs", "version-log"]);

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
  const damage = await checkFolder(files, folder);
  return embeddedRegistry({ folder, files, clock, ...(damage === null ? {} : { damage }) }, uri);
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

/**
 * @returns what is wrong with `registry.json` of a folder that is a registry all the same: nobody can say what its aliases name
 * @throws FailureError `registry.corrupt` for a folder that holds something else
 */
async function checkFolder(files: DurableFiles, folder: string): Promise<string | null> {
  const path = join(folder, "registry.json");
  const text = await files.readText(path);
  if (text === null) {
    const names = await files.list(folder);
    if (names.length === 0) return null;
    if (names.every((name) => OWN_FOLDERS.has(name)))
      return `the folder holds ${names.join(", ")} and no registry.json`;
    const detail = `the folder holds ${names.slice(0, 3).join(", ")} and no registry.json: it is not a registry`;
    return fail({ code: "registry.corrupt", retryable: false, path: folder, detail });
  }
  const detail = `registry.json: expected {"format":1}, found ${text.trim().slice(0, 80)}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return detail;
  }
  if (Format.safeParse(value).success) return null;
  // Another program's, or a later version's: nothing may be written there.
  if (OtherFormat.safeParse(value).success)
    return fail({ code: "registry.corrupt", retryable: false, path, detail });
  return detail;
}
