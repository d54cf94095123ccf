import { join } from "node:path";
import { z } from "zod";
import { sha256 } from "../../durable/hash.js";
import { fail } from "../../kit/failure.js";
import { ownValue } from "../../kit/own-value.js";
import type { ModelRegistry, RegistryFile } from "../../kit/registry.js";
import { wholeRecord } from "../../kit/whole-record.js";
import { checkPath } from "./names.js";
import { requireRun } from "./runs.js";
import { layout, readRecord, type Store, whileLocked, writeRecord } from "./store.js";

/** Path → lower-case hex sha256. A file counts from the moment that it stands here: one whose path was changed would be one that never was. */
const Index = wholeRecord(z.string(), z.string().regex(/^[0-9a-f]{64}$/));

/** The member in which the record of files has its own hash: no file of a run may be called so. */
const RESERVED = "sha256";

type Artifacts = Pick<ModelRegistry, "putArtifacts" | "listArtifacts" | "readArtifact">;

export function artifactsOf(store: Store): Artifacts {
  return {
    async putArtifacts(runId, files) {
      for (const file of files) checkOwnPath(file.path);
      const run = await requireRun(store, runId);
      await whileLocked(store, run.model, async (locked) => {
        const index = new Map(Object.entries(await readIndex(locked, runId)));
        for (const file of files) index.set(file.path, await put(locked, runId, file));
        await writeRecord(locked, indexPath(locked, runId), Object.fromEntries(index));
      });
    },
    async listArtifacts(runId) {
      await requireRun(store, runId);
      return [...(await allPaths(store, runId))].sort();
    },
    async readArtifact(runId, path) {
      checkPath(path);
      await requireRun(store, runId);
      const expected = ownValue(await readIndex(store, runId), path);
      if (expected !== undefined) return readVerified(store, runId, path, expected);
      if ((await beneathPaths(store, runId)).includes(path)) return store.beneath.readArtifact(runId, path);
      return fail({ code: "registry.file-missing", retryable: false, owner: `run ${runId}`, path });
    },
  };
}

const indexPath = (store: Store, runId: string) => join(layout.run(store, runId), "artifacts.json");
const filePath = (store: Store, runId: string, path: string) =>
  join(layout.run(store, runId), "artifacts", ...path.split("/"));

async function readIndex(store: Store, runId: string): Promise<Readonly<Record<string, string>>> {
  return (await readRecord(store, indexPath(store, runId), Index)) ?? {};
}

function checkOwnPath(path: string): void {
  checkPath(path);
  if (path !== RESERVED) return;
  const detail = `a file of a run cannot be called ${RESERVED}`;
  fail({ code: "registry.name-invalid", retryable: false, name: path, detail });
}

async function beneathPaths(store: Store, runId: string): Promise<readonly string[]> {
  return (await store.beneath.getRun(runId)) === null ? [] : store.beneath.listArtifacts(runId);
}

async function allPaths(store: Store, runId: string): Promise<Set<string>> {
  const own = Object.keys(await readIndex(store, runId));
  return new Set([...own, ...(await beneathPaths(store, runId))]);
}

/** Puts one file into place and answers its sha256. A path that is there already takes the new content. */
async function put(store: Store, runId: string, { path, source }: RegistryFile): Promise<string> {
  const target = filePath(store, runId, path);
  const wanted = await store.files.sha256(source);
  if (wanted === null) return missingSource(runId, source);
  const have = await store.files.sha256(target);
  if (have === null) {
    await store.files.copyInto(source, target);
  } else if (have !== wanted) {
    const bytes = await store.files.readBytes(source);
    await store.files.writeAtomic(target, bytes ?? missingSource(runId, source));
  }
  return wanted;
}

function missingSource(runId: string, path: string): never {
  return fail({ code: "registry.file-missing", retryable: false, owner: `a file for run ${runId}`, path });
}

async function readVerified(
  store: Store,
  runId: string,
  path: string,
  expected: string,
): Promise<Uint8Array> {
  const bytes = await store.files.readBytes(filePath(store, runId, path));
  if (bytes === null) {
    return fail({ code: "registry.file-missing", retryable: false, owner: `run ${runId}`, path });
  }
  const actual = sha256(bytes);
  if (actual === expected) return bytes;
  const detail = `sha256 is ${actual}, recorded was ${expected}`;
  return fail({
    code: "registry.corrupt",
    retryable: false,
    path: filePath(store, runId, path),
    detail,
  });
}
