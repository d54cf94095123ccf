import { join } from "node:path";
import type { z } from "zod";
import { fencedFiles } from "../../durable/fenced-files.js";
import { acquireLock } from "../../durable/file-lock.js";
import { thisProcess } from "../../durable/process-identity.js";
import type { Clock } from "../../kit/clock.js";
import { fail } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { folderOfModel } from "./names.js";

/** What a registry is asked without changing it. */
export type RegistryReads = Pick<
  ModelRegistry,
  | "listRuns"
  | "getRun"
  | "runDetails"
  | "listArtifacts"
  | "readArtifact"
  | "listVersions"
  | "getVersion"
  | "readModelFile"
  | "getAlias"
  | "aliasHistory"
>;

/** One registry folder, and what it stands on: an empty registry, or for a dry run the real one, which is only read. */
export interface Store {
  readonly folder: string;
  readonly files: DurableFiles;
  readonly clock: Clock;
  /** How long a change waits for another process that changes the same model. */
  readonly lockWaitMs: number;
  readonly beneath: RegistryReads;
}

/**
 * registry.json                                    the format of the folder
 * runs/<run id>/run.json, artifacts.json           the run, and path → sha256 of its artifacts
 * runs/<run id>/artifacts/…
 * runs/<run id>/parts/<part>/…                     a run that is a part of it, with the same files
 * models/<name>/alias-log.jsonl, lock
 * models/<name>/versions/<n>/version.json, model/…
 * version-log/<name>.jsonl                         every version that was made, so that no number is given twice
 */
export const layout = {
  format: (store: Store) => join(store.folder, "registry.json"),
  runs: (store: Store) => join(store.folder, "runs"),
  run: (store: Store, runId: string) => join(store.folder, "runs", runId.replaceAll("-", "/parts/")),
  parts: (store: Store, runId: string) => join(layout.run(store, runId), "parts"),
  versions: (store: Store, name: string) => join(store.folder, "models", folderOfModel(name), "versions"),
  version: (store: Store, name: string, version: string) => join(layout.versions(store, name), version),
  aliasLog: (store: Store, name: string) =>
    join(store.folder, "models", folderOfModel(name), "alias-log.jsonl"),
  versionLog: (store: Store, name: string) =>
    join(store.folder, "version-log", `${folderOfModel(name)}.jsonl`),
  lock: (store: Store, name: string) => join(store.folder, "models", folderOfModel(name), "lock"),
};

/** Id of a part: it says where the part stands. */
export const partId = (parent: string, name: string): string => `${parent}-${name}`;

const FORMAT = `${JSON.stringify({ format: 1 })}\n`;

/**
 * Runs one change of a model while no other process changes it, after waiting for at most `lockWaitMs`. The change writes through the store that it
 * is given: its files fail with `run.lock-lost` once this lock is lost.
 * @throws FailureError `registry.busy` when another process holds the model for longer than that
 */
export async function whileLocked<T>(
  store: Store,
  model: string,
  change: (locked: Store) => Promise<T>,
): Promise<T> {
  const path = layout.lock(store, model);
  const format = layout.format(store);
  if (!(await store.files.exists(format))) await store.files.createExclusive(format, FORMAT);
  const holder = { ...thisProcess(), since: store.clock.now(), run: `change of model ${model}` };
  const lock = await acquireLock(store.files, path, holder, { waitMs: store.lockWaitMs });
  if (!lock.held) {
    const { pid, host, since } = lock.by;
    return fail({
      code: "registry.busy",
      retryable: true,
      path,
      holder: `process ${pid} on ${host} since ${since}`,
    });
  }
  try {
    return await change({ ...store, files: fencedFiles(store.files, lock.fence) });
  } finally {
    await lock.release();
  }
}

/** @throws FailureError `registry.corrupt` when the file is there and is not what the schema says */
export async function readRecord<T>(store: Store, path: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await store.files.readText(path);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const detail =
      error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 300) : String(error);
    return fail({ code: "registry.corrupt", retryable: false, path, detail }, error);
  }
}

export const writeRecord = (store: Store, path: string, record: unknown): Promise<void> =>
  store.files.writeAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
