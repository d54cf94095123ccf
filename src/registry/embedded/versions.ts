import { join } from "node:path";
import { z } from "zod";
import { fail } from "../../kit/failure.js";
import type { ModelRegistry, ModelVersion, RegistryFile } from "../../kit/registry.js";
import { checkModelName, checkPath } from "./names.js";
import { requireRun } from "./runs.js";
import { layout, readRecord, type Store, whileLocked, writeRecord } from "./store.js";
import { freeNumber, logVersions } from "./version-log.js";

const Version = z.object({
  name: z.string(),
  version: z.string(),
  key: z.string(),
  runId: z.string(),
  status: z.enum(["pending", "ready"]),
  digest: z.string().nullable(),
  description: z.string(),
  createdAt: z.string(),
  tags: z.record(z.string(), z.string()),
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
        // What a kill left out of the log right after it was made is put down now.
        await logVersions(locked, spec.name, await listOwn(locked, spec.name));
        const versions = await listVersions(store, spec.name);
        const same = versions.find((version) => version.key === spec.key);
        if (same !== undefined) return same;
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
        if (current.status === "ready") return sameModel(current, digest);
        await copyModel(locked, current, files);
        const ready: ModelVersion = { ...current, status: "ready", digest };
        await writeVersion(locked, ready);
        return ready;
      });
    },
    getVersion: (name, version) => findVersion(store, name, version),
    listVersions: (name) => listVersions(store, name),
    async readModelFile(name, version, path) {
      checkPath(path);
      await requireVersion(store, name, version);
      const own = await readOwn(store, name, version);
      if (own === null) return store.beneath.readModelFile(name, version, path);
      const file = join(modelFolder(store, own), ...path.split("/"));
      const bytes = own.status === "ready" ? await store.files.readBytes(file) : null;
      const owner = `version ${version} of ${name}`;
      return bytes ?? fail({ code: "registry.file-missing", retryable: false, owner, path });
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

async function listVersions(store: Store, name: string): Promise<readonly ModelVersion[]> {
  const byNumber = new Map((await store.beneath.listVersions(name)).map((item) => [item.version, item]));
  for (const item of await listOwn(store, name)) byNumber.set(item.version, item);
  return [...byNumber.values()].sort(byVersion);
}

async function listOwn(store: Store, name: string): Promise<readonly ModelVersion[]> {
  const numbers = await store.files.list(layout.versions(store, name));
  const own = await Promise.all(numbers.map((number) => readOwn(store, name, number)));
  return own.filter((item) => item !== null).sort(byVersion);
}

const byVersion = (a: ModelVersion, b: ModelVersion): number => Number(a.version) - Number(b.version);

/** A folder without version.json was left by a kill before the version existed; one with that of another number was renamed, and is no version. */
async function readOwn(store: Store, name: string, version: string): Promise<ModelVersion | null> {
  if (!/^[1-9]\d{0,14}$/.test(version)) return null;
  const path = join(layout.version(store, name, version), "version.json");
  const found = await readRecord(store, path, Version);
  return found?.version === version ? found : null;
}

const writeVersion = (store: Store, version: ModelVersion): Promise<void> =>
  writeRecord(store, join(layout.version(store, version.name, version.version), "version.json"), version);

const modelFolder = (store: Store, { name, version }: ModelVersion): string =>
  join(layout.version(store, name, version), "model");

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

/** The version is still pending, so whatever an interrupted attempt left is nobody's yet. */
async function copyModel(store: Store, version: ModelVersion, files: readonly RegistryFile[]): Promise<void> {
  const { name, version: number } = version;
  const staging = join(layout.version(store, name, number), "staging");
  const target = modelFolder(store, version);
  await store.files.remove(staging);
  for (const { path, source } of files) await store.files.copyInto(source, join(staging, ...path.split("/")));
  await store.files.remove(target);
  if (await store.files.renameExclusive(staging, target)) return;
  const detail = "something wrote into it that does not keep the lock of the model";
  fail({ code: "registry.corrupt", retryable: false, path: target, detail });
}
