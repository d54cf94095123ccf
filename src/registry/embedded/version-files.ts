import { join } from "node:path";
import { errnoOf } from "../../durable/errno.js";
import { FailureError, fail } from "../../kit/failure.js";
import type { ModelVersion, RegistryFile } from "../../kit/registry.js";
import { readListed, readManifest } from "../verified-model.js";
import { layout, type Store } from "./store.js";

const modelFolder = (store: Store, { name, version }: Pick<ModelVersion, "name" | "version">): string =>
  join(layout.version(store, name, version), "model");

const within = (folder: string, path: string): string => join(folder, ...path.split("/"));

/** A file of a ready version as it was attached. */
export async function readModelFile(store: Store, model: ModelVersion, path: string): Promise<Uint8Array> {
  const folder = modelFolder(store, model);
  const stored = {
    model,
    uri: store.uri,
    read: (file: string) => orUnreadable(store.files.readBytes(within(folder, file))),
  };
  return readListed(stored, await readManifest(stored), path);
}

export const hasModelFolder = (store: Store, name: string, version: string): Promise<boolean> =>
  store.files.exists(modelFolder(store, { name, version }));

/** The version is still pending, so whatever an interrupted attempt left is nobody's yet. */
export async function copyModel(
  store: Store,
  version: ModelVersion,
  files: readonly RegistryFile[],
): Promise<void> {
  const staging = join(layout.version(store, version.name, version.version), "staging");
  const target = modelFolder(store, version);
  await store.files.remove(staging);
  for (const { path, source } of files) await store.files.copyInto(source, within(staging, path));
  await store.files.remove(target);
  if (await store.files.renameExclusive(staging, target)) return;
  const detail = "something wrote into it that does not keep the lock of the model";
  fail({ code: "registry.corrupt", retryable: false, path: target, detail });
}

/** Puts right what is not as it was attached; the files are those of the version's digest. */
export async function repairModel(
  { files, ...store }: Store,
  version: ModelVersion,
  wanted: readonly RegistryFile[],
): Promise<void> {
  const folder = modelFolder({ files, ...store }, version);
  // A file where the folder was.
  if ((await files.exists(folder)) && (await files.list(folder)).length === 0) await files.remove(folder);
  for (const { path, source } of wanted) {
    const target = within(folder, path);
    const have = await orUnreadable(files.sha256(target));
    if (have !== null && have === (await files.sha256(source))) continue;
    if (have === "unreadable") await files.remove(target);
    if (have === null || have === "unreadable") {
      await files.copyInto(source, target);
      continue;
    }
    const owner = `a file for version ${version.version} of ${version.name}`;
    const missing = () => fail({ code: "registry.file-missing", retryable: false, owner, path: source });
    await files.writeAtomic(target, (await files.readBytes(source)) ?? missing());
  }
}

/** Something else than a file where one was. */
async function orUnreadable<T>(reading: Promise<T>): Promise<T | "unreadable"> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FailureError && errnoOf(error.cause) === "EISDIR") return "unreadable";
    throw error;
  }
}
