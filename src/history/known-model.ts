import { createHash } from "node:crypto";
import type { ArtifactReader } from "../kit/artifact.js";
import { MANIFEST_FILE, ModelManifest } from "../kit/model-directory.js";
import { refOf } from "../kit/model-ref.js";
import type { ModelRegistry, ModelVersion } from "../kit/registry.js";
import { valueOrDamage } from "../kit/soundness.js";
import { readIfThere } from "./read-if-there.js";
import { RUN_TAGS } from "./run-tags.js";

/** Files of a trained model that a version's directory and its run hold as they are. */
const MODEL = "model.json";
const RECONCILIATION = "reconciliation.json";

/** What is known of a model before it has a version. */
export interface TrainedModel {
  readonly panel: ArtifactReader;
  readonly trained: ArtifactReader;
  /** ISO day. */
  readonly cutoff: string;
}

/**
 * The newest version of a model among those that were registered before there were identities: from the same panel, with the same training or at least with
 * the same `model.json` in it. A version with an identity is found by its key.
 */
export async function versionWithoutIdentity(
  registry: ModelRegistry,
  name: string,
  { panel, trained, cutoff }: TrainedModel,
): Promise<ModelVersion | null> {
  const listed = await valueOrDamage(registry.listVersions(name));
  // One that cannot be read is made again by its key.
  if ("code" in listed) return null;
  const versions = listed.filter(
    ({ tags }) =>
      tags[RUN_TAGS.identity] === undefined &&
      tags[RUN_TAGS.panel] === panel.hash &&
      tags[RUN_TAGS.cutoff] === cutoff,
  );
  for (const version of versions.reverse()) {
    if (refOf(version).made?.training === trained.hash) return version;
    if (version.status === "ready" && (await holds(registry, version, trained))) return version;
  }
  return null;
}

async function holds(
  registry: ModelRegistry,
  { name, version, runId }: ModelVersion,
  trained: ArtifactReader,
): Promise<boolean> {
  if ((await registry.getRun(runId)) === null) return false;
  const model = await readIfThere(registry, runId, `training/${MODEL}`);
  if (model === null || sha256(model) !== hashOf(trained, MODEL)) return false;
  const manifest = await valueOrDamage(registry.readModelFile(name, version, MANIFEST_FILE));
  // To attach the model again repairs it; another number would not.
  if ("code" in manifest) return true;
  const directory = ModelManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
  return hashOf(directory, RECONCILIATION) === hashOf(trained, RECONCILIATION);
}

const hashOf = (
  { files }: { readonly files: readonly { readonly path: string; readonly sha256: string }[] },
  file: string,
): string | undefined => files.find(({ path }) => path === file)?.sha256;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
