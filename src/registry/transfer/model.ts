import { digest, sha256 } from "../../durable/hash.js";
import { fail } from "../../kit/failure.js";
import { directoryDigest, MANIFEST_FILE, ModelManifest } from "../../kit/model-directory.js";
import type { ModelRegistry, ModelVersion, RegistryFile } from "../../kit/registry.js";
import type { Staging } from "./staging.js";

/** Files of a model directory with what stands in them, checked against its digest. */
export interface StagedModel {
  readonly files: readonly RegistryFile[];
  readonly bytes: number;
}

/**
 * Reads a model directory file by file and checks each.
 * @throws FailureError `registry.corrupt` when a file is not what the manifest says, or the manifest not what the version says;
 * `registry.file-missing`
 */
export async function stageModel(
  registry: ModelRegistry,
  version: ModelVersion,
  staging: Staging,
): Promise<StagedModel> {
  const { name, version: number } = version;
  const damaged = (path: string, detail: string) =>
    fail({
      code: "registry.corrupt",
      retryable: false,
      path: `${path} of version ${number} of ${name} in ${registry.uri}`,
      detail,
    });
  const text = await registry.readModelFile(name, number, MANIFEST_FILE);
  const found = digest(text);
  if (found !== version.digest) {
    return damaged(MANIFEST_FILE, `its digest is ${found}, the version's is ${version.digest ?? "none"}`);
  }
  let bytes = text.length;
  const files = [await staging.add(MANIFEST_FILE, text)];
  for (const file of parseManifest(text, damaged).files) {
    const content = await registry.readModelFile(name, number, file.path);
    const actual = sha256(content);
    if (actual !== file.sha256) {
      return damaged(file.path, `its sha256 is ${actual}, the manifest says ${file.sha256}`);
    }
    bytes += content.length;
    files.push(await staging.add(file.path, content));
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

function parseManifest(bytes: Uint8Array, damaged: (path: string, detail: string) => never): ModelManifest {
  try {
    return ModelManifest.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return damaged(MANIFEST_FILE, detail.replaceAll(/\s+/g, " ").slice(0, 300));
  }
}
