import { join } from "node:path";
import { z } from "zod";
import { FailureError, fail } from "../../kit/failure.js";
import type { ModelRegistry, ModelVersion, RegistryFile } from "../../kit/registry.js";
import { wholeRecord } from "../../kit/whole-record.js";
import { versionDamaged } from "../verified-model.js";
import { checkModelName, checkPath } from "./names.js";
import { requireRun } from "./runs.js";
import { layout, readRecord, type Store, whileLocked, writeRecord } from "./store.js";
import { copyModel, hasModelFolder, readModelFile, repairModel } from "./version-files.js";
import { freeNumber, type LoggedVersion, loggedVersions, logVersions } from "./version-log.js";

const Version = z.object({
  name: z.string(),
  version: z.string(),
  key: z.string(),
  runId: z.string(),
  status: z.enum(["pending", "ready"]),
  digest: z.string().nullable(),
  description: z.string(),
  createdAt: z.string(),
  tags: wholeRecord(z.string(), z.string()),
});

type Versions = Pick<
  ModelRegistry,
  "ensureVersion" | "attachModel" | "getVersion" | "listVersions" | "readModelFile"
>;

/** @param history every move of a model's aliases, which names versions that may be gone */
export function versionsOf(store: Store, history: ModelRegistry["aliasHistory"]): Versions {
  return {
    async ensureVersion(spec) {
      checkModelName(spec.name);
      return whileLocked(store, spec.name, async (locked) => {
        // A damaged one stops nobody from making another, nor from making it again.
        const own = await listOwn(locked, spec.name, SOUND);
        // What a kill left out of the log right after it was made is put down now.
        await logVersions(locked, spec.name, own);
        const versions = await onTopOf(store, spec.name, own, SOUND);
        const same = versions.find((version) => version.key === spec.key);
        if (same !== undefined) return same;
        const damaged = await damagedOfKey(locked, spec.name, spec.key);
        if (damaged !== null) return remake(locked, spec.name, damaged);
        await requireRun(store, spec.runId);
        const version: ModelVersion = {
          ...spec,
          version: await freeNumber(locked, spec.name, versions, history),
          status: "pending",
          digest: null,
          createdAt: spec.createdAt ?? store.clock.now(),
          tags: { ...spec.tags },
        };
        await writeVersion(locked, version);
        await logVersions(locked, spec.name, [version]);
        return version;
      });
    },
    async attachModel(name, version, files, digest) {
      for (const file of files) checkPath(file.path);
      return whileLocked(store, name, async (locked) => {
        const current = await requireVersion(store, name, version);
        if (current.status === "ready") {
          const same = sameModel(current, digest);
          if (await readOwn(locked, name, version)) await repairModel(locked, same, files);
          else if (await isDamagedBeneath(locked, same, files)) await overlay(locked, same, files);
          return same;
        }
        await copyModel(locked, current, files);
        const ready: ModelVersion = { ...current, status: "ready", digest };
        await writeVersion(locked, ready);
        return ready;
      });
    },
    getVersion: (name, version) => findVersion(store, name, version),
    listVersions: async (name, options = { skipDamaged: false }) =>
      onTopOf(store, name, await listOwn(store, name, options), options),
    async readModelFile(name, version, path) {
      checkPath(path);
      await requireVersion(store, name, version);
      const own = await readOwn(store, name, version);
      if (own === null) return store.beneath.readModelFile(name, version, path);
      const owner = `version ${version} of ${name}`;
      if (own.status === "pending") fail({ code: "registry.file-missing", retryable: false, owner, path });
      return readModelFile(store, own, path);
    },
  };
}

/** @throws FailureError `registry.version-missing` */
export async function requireVersion(store: Store, name: string, version: string): Promise<ModelVersion> {
  const found = await findVersion(store, name, version);
  return found ?? fail({ code: "registry.version-missing", retryable: false, name, version });
}

async function findVersion(store: Store, name: string, version: string): Promise<ModelVersion | null> {
  return (await readOwn(store, name, version)) ?? store.beneath.getVersion(name, version);
}

interface Listing {
  readonly skipDamaged: boolean;
}

const SOUND: Listing = { skipDamaged: true };

async function onTopOf(
  store: Store,
  name: string,
  own: readonly ModelVersion[],
  options: Listing,
): Promise<readonly ModelVersion[]> {
  const beneath = await store.beneath.listVersions(name, options);
  const byNumber = new Map(beneath.map((item) => [item.version, item]));
  for (const item of own) byNumber.set(item.version, item);
  return [...byNumber.values()].sort(byVersion);
}

async function listOwn(
  store: Store,
  name: string,
  { skipDamaged }: Listing,
): Promise<readonly ModelVersion[]> {
  const numbers = await store.files.list(layout.versions(store, name));
  const read = (number: string) => {
    const reading = readOwn(store, name, number);
    return skipDamaged ? nullIfDamaged(reading) : reading;
  };
  const own = await Promise.all(numbers.map(read));
  return own.filter((item) => item !== null).sort(byVersion);
}

const byVersion = (a: ModelVersion, b: ModelVersion): number => Number(a.version) - Number(b.version);

/**
 * A folder without version.json was left by a kill before the version existed; one with that of another number was renamed, and is no version.
 * @throws FailureError `registry.version-damaged` for a version.json that is not what was written, or that is gone from above its model
 */
async function readOwn(store: Store, name: string, version: string): Promise<ModelVersion | null> {
  if (!/^[1-9]\d{0,14}$/.test(version)) return null;
  try {
    const found = await readRecord(store, versionFile(store, name, version), Version);
    if (found === null && (await hasModelFolder(store, name, version)))
      return await damagedRecord(store, name, version, "missing");
    return found?.version === version ? found : null;
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== "registry.corrupt") throw error;
    return damagedRecord(store, name, version, "changed");
  }
}

const VERSION_FILE = "version.json";

const versionFile = (store: Store, name: string, version: string): string =>
  join(layout.version(store, name, version), VERSION_FILE);

async function damagedRecord(
  store: Store,
  name: string,
  version: string,
  problem: "missing" | "changed",
): Promise<never> {
  const logged = (await loggedVersions(store, name)).find((line) => line.version === version);
  const model = { name, version, digest: null, tags: logged?.tags ?? {} };
  return versionDamaged({ model, uri: store.uri }, { path: VERSION_FILE, problem });
}

async function nullIfDamaged<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === "registry.version-damaged") return null;
    throw error;
  }
}

/** The version of a key whose version.json cannot be read any more, as the log tells of it. */
async function damagedOfKey(store: Store, name: string, key: string): Promise<LoggedVersion | null> {
  for (const line of await loggedVersions(store, name)) {
    if (line.key !== key) continue;
    const isThere = await readOwn(store, name, line.version).then(
      () => true,
      () => false,
    );
    if (!isThere) return line;
  }
  return null;
}

/** Pending: whether the model beneath it is whole is known when it is attached again. */
async function remake(store: Store, name: string, logged: LoggedVersion): Promise<ModelVersion> {
  const version: ModelVersion = { name, ...logged, status: "pending", digest: null };
  await store.files.remove(versionFile(store, name, logged.version));
  await writeVersion(store, version);
  return version;
}

/** Whether a dry run stands on a version that the run itself would put right. */
async function isDamagedBeneath(
  store: Store,
  { name, version }: ModelVersion,
  files: readonly RegistryFile[],
): Promise<boolean> {
  for (const { path } of files)
    if ((await nullIfDamaged(store.beneath.readModelFile(name, version, path))) === null) return true;
  return false;
}

async function overlay(store: Store, version: ModelVersion, files: readonly RegistryFile[]): Promise<void> {
  await copyModel(store, version, files);
  await writeVersion(store, version);
}

const writeVersion = (store: Store, version: ModelVersion): Promise<void> =>
  writeRecord(store, versionFile(store, version.name, version.version), version);

function sameModel(current: ModelVersion, digest: string): ModelVersion {
  if (current.digest === digest) return current;
  return fail({
    code: "registry.model-immutable",
    retryable: false,
    name: current.name,
    version: current.version,
    expected: current.digest ?? "none",
    actual: digest,
  });
}
