import { join } from "node:path";
import type { z } from "zod";
import { errnoOf } from "../../durable/errno.js";
import { fencedFiles } from "../../durable/fenced-files.js";
import { acquireLock } from "../../durable/file-lock.js";
import { nameOfFile } from "../../durable/file-name.js";
import { digest } from "../../durable/hash.js";
import { thisProcess } from "../../durable/process-identity.js";
import type { Clock } from "../../kit/clock.js";
import { FailureError, fail } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import { canonicalJson, type Json } from "../../kit/json.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { folderOfModel } from "./names.js";

/** What a registry is asked without changing it. */
export type RegistryReads = Pick<
  ModelRegistry,
  | "listRuns"
  | "findRuns"
  | "getRun"
  | "deletedRuns"
  | "runDetails"
  | "listArtifacts"
  | "readArtifact"
  | "listVersions"
  | "getVersion"
  | "readModelFile"
  | "getAlias"
  | "aliasHistory"
  | "trail"
>;

/** One registry folder, and what it stands on: an empty registry, or for a dry run the real one, which is only read. */
export interface Store {
  readonly folder: string;
  /** How the runbook names it. */
  readonly uri: string;
  readonly files: DurableFiles;
  readonly clock: Clock;
  /** How long a change waits for another process that changes the same model. */
  readonly lockWaitMs: number;
  /** What is wrong with `registry.json`. It is not made again in passing: that would hide the damage from the next quarter. */
  readonly damage?: string;
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

export const FORMAT = `${JSON.stringify({ format: 1 })}\n`;

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
  await checkCapitals(store, model);
  const path = layout.lock(store, model);
  const format = layout.format(store);
  if (store.damage === undefined && !(await store.files.exists(format)))
    await store.files.createExclusive(format, FORMAT);
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

/**
 * On a disk that does not tell capitals from small letters two models would share one folder, and their versions and trail.
 * @throws FailureError `registry.name-invalid`
 */
async function checkCapitals({ files, folder }: Store, model: string): Promise<void> {
  const models = join(folder, "models");
  const own = folderOfModel(model);
  const listed = await files.list(models);
  if (listed.includes(own)) return;
  const other = listed.find((name) => name.toLowerCase() === own.toLowerCase());
  if (other === undefined || !(await files.exists(join(models, own)))) return;
  const detail = `the registry has a model "${nameOfFile(other)}", and its disk does not tell capitals from small letters`;
  fail({ code: "registry.name-invalid", retryable: false, name: model, detail });
}

/**
 * Reads a record that vouches for itself: with a hash over its members, unless a program wrote it that knew of none.
 * @throws FailureError `registry.corrupt` when the file is there and is not what was written
 */
export const readRecord = <T>(store: Store, path: string, schema: z.ZodType<T>): Promise<T | null> =>
  readJson(store, path, (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Error("it is no object of JSON");
    const { sha256, ...record } = value as Record<string, Json>;
    if (sha256 !== undefined && sha256 !== digest(canonicalJson(record)))
      throw new Error("it is not what was written: it does not have the hash that it names");
    return schema.parse(record);
  });

export const writeRecord = (store: Store, path: string, record: object): Promise<void> =>
  writeJson(store, path, { ...record, sha256: digest(canonicalJson(record)) });

/** @throws FailureError `registry.corrupt` when the file is there and does not parse */
async function readJson<T>(store: Store, path: string, parse: (value: unknown) => T): Promise<T | null> {
  const damaged = (error: unknown): never => {
    const detail =
      error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 300) : String(error);
    return fail({ code: "registry.corrupt", retryable: false, path, detail }, error);
  };
  const text = await store.files.readText(path).catch((error: unknown) => {
    const isFolder = error instanceof FailureError && errnoOf(error.cause) === "EISDIR";
    return isFolder ? damaged(new Error("there is a folder in its place")) : Promise.reject(error);
  });
  if (text === null) return null;
  try {
    return parse(JSON.parse(text));
  } catch (error) {
    return damaged(error);
  }
}

const writeJson = (store: Store, path: string, value: unknown): Promise<void> =>
  store.files.writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
