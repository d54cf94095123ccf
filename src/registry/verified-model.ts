import { sha256 } from "../durable/hash.js";
import { fail } from "../kit/failure.js";
import type { DamagedFile } from "../kit/failures/registry.js";
import { directoryDigest, MANIFEST_FILE, ModelManifest } from "../kit/model-directory.js";
import type { ModelVersion } from "../kit/registry.js";

/** A version whose model is attached, and how to read what stands there, whether it is whole or not. */
export interface StoredModel {
  readonly model: Pick<ModelVersion, "name" | "version" | "digest" | "tags">;
  readonly uri: string;
  /** Null where there is nothing, `unreadable` where there is something else than a file. */
  read(path: string): Promise<Uint8Array | "unreadable" | null>;
}

/** @throws FailureError `registry.version-damaged` always */
export function versionDamaged({ model, uri }: Omit<StoredModel, "read">, file: DamagedFile): never {
  const { name, version, tags } = model;
  const quarter = tags["retrain.quarter"] ?? null;
  const what = { name, version, role: null, files: [file], quarter, registry: uri };
  return fail({ code: "registry.version-damaged", retryable: false, ...what });
}

/**
 * The manifest, if it is the one that the digest stands for.
 * @throws FailureError `registry.version-damaged`
 */
export async function readManifest(stored: StoredModel): Promise<Uint8Array> {
  const bytes = await readOrDamaged(stored, MANIFEST_FILE);
  const isOurs = directoryDigest(sha256(bytes)) === stored.model.digest;
  return isOurs ? bytes : versionDamaged(stored, { path: MANIFEST_FILE, problem: "changed" });
}

/**
 * A file, if it is what the manifest says.
 * @throws FailureError `registry.version-damaged`; `registry.file-missing` for one that the manifest does not have
 */
export async function readListed(
  stored: StoredModel,
  manifest: Uint8Array,
  path: string,
): Promise<Uint8Array> {
  if (path === MANIFEST_FILE) return manifest;
  const { files } = ModelManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
  const listed = files.find((file) => file.path === path);
  const { name, version } = stored.model;
  if (listed === undefined)
    return fail({
      code: "registry.file-missing",
      retryable: false,
      owner: `version ${version} of ${name}`,
      path,
    });
  const bytes = await readOrDamaged(stored, path);
  return sha256(bytes) === listed.sha256 ? bytes : versionDamaged(stored, { path, problem: "changed" });
}

async function readOrDamaged(stored: StoredModel, path: string): Promise<Uint8Array> {
  const found = await stored.read(path);
  if (found === null) return versionDamaged(stored, { path, problem: "missing" });
  return found === "unreadable" ? versionDamaged(stored, { path, problem: "unreadable" }) : found;
}
