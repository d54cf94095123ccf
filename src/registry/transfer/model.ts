import { sha256 } from "../../durable/hash.js";
import { fail } from "../../kit/failure.js";
import { directoryDigest, MANIFEST_FILE, ModelManifest } from "../../kit/model-directory.js";
import type { ModelRegistry, ModelVersion, RegistryFile } from "../../kit/registry.js";
import { inRole } from "../../kit/soundness.js";
import type { Staging } from "./staging.js";

/** Files of a model directory with what stands in them, checked against its digest. */
export interface StagedModel {
  readonly files: readonly RegistryFile[];
  readonly bytes: number;
}

/**
 * Reads a model directory file by file, as the registry vouches for it.
 * @throws FailureError `registry.version-damaged`
 */
export async function stageModel(
  registry: ModelRegistry,
  { name, version }: ModelVersion,
  staging: Staging,
): Promise<StagedModel> {
  const read = (path: string) =>
    inRole("source of the copy", () => registry.readModelFile(name, version, path));
  const text = await read(MANIFEST_FILE);
  let bytes = text.length;
  const files = [await staging.add(MANIFEST_FILE, text)];
  const manifest = ModelManifest.parse(JSON.parse(new TextDecoder().decode(text)));
  for (const { path } of manifest.files) {
    const content = await read(path);
    bytes += content.length;
    files.push(await staging.add(path, content));
  }
  return { files, bytes };
}

/** @throws FailureError `registry.corrupt` when the version does not hold the model that was attached to it */
export async function checkAttached(registry: ModelRegistry, attached: ModelVersion): Promise<void> {
  const { name, version } = attached;
  const manifest = await registry.readModelFile(name, version, MANIFEST_FILE);
  const found = directoryDigest(sha256(manifest));
  if (attached.digest === found) return;
  fail({
    code: "registry.corrupt",
    retryable: false,
    path: `${MANIFEST_FILE} of version ${version} of ${name} in ${registry.uri}`,
    detail: `its digest is ${found} after the copy, the version's is ${attached.digest ?? "none"}`,
  });
}
