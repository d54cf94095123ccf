import { createHash } from "node:crypto";
import { checkGolden, GOLDEN_FILE, Golden } from "../forecast/forecaster/golden.js";
import { FailureError, fail } from "../kit/failure.js";
import type { ApprovalFailure } from "../kit/failures/approval.js";
import { directoryDigest, MANIFEST_FILE, ModelManifest } from "../kit/model-directory.js";
import type { ModelRegistry, ModelVersion } from "../kit/registry.js";

const GRAPH = "model.onnx";

/** What was looked at before a version went live: null where it was released before golden predictions were kept. */
export type Soundness = { readonly series: number; readonly maxRelative: number } | null;

type Problem = Extract<ApprovalFailure, { readonly code: "approval.model-unsound" }>["problem"];

/**
 * Reads a version from the registry as a service would: its manifest must be the one that was released, its graph the one of the manifest, and it
 * must forecast what it forecast then.
 * @throws FailureError `approval.model-unsound`
 */
export async function requireSoundModel(registry: ModelRegistry, model: ModelVersion): Promise<Soundness> {
  const unsound = (problem: Problem): never => {
    const { name, version } = model;
    return fail({ code: "approval.model-unsound", retryable: false, model: name, version, problem });
  };
  const read = async (path: string): Promise<Uint8Array> => {
    try {
      return await registry.readModelFile(model.name, model.version, path);
    } catch (error) {
      if (!(error instanceof FailureError) || error.failure.code !== "registry.file-missing") throw error;
      return unsound({ kind: "file", path, detail: "the registry does not have it" });
    }
  };
  const manifest = await read(MANIFEST_FILE);
  if (directoryDigest(sha256(manifest)) !== model.digest)
    unsound({ kind: "file", path: MANIFEST_FILE, detail: "it is not the one that was released" });
  const { files } = ModelManifest.parse(JSON.parse(text(manifest)));
  const readListed = async (path: string): Promise<Uint8Array> => {
    const bytes = await read(path);
    const isSame = files.some((file) => file.path === path && file.sha256 === sha256(bytes));
    return isSame
      ? bytes
      : unsound({ kind: "file", path, detail: `its hash is not the one of ${MANIFEST_FILE}` });
  };

  const graph = await readListed(GRAPH);
  if (!files.some(({ path }) => path === GOLDEN_FILE)) return null;
  const golden = Golden.parse(JSON.parse(text(await readListed(GOLDEN_FILE))));
  const { series, maxRelative, differs } = await checkGolden(graph, golden);
  return differs === null ? { series, maxRelative } : unsound({ kind: "golden", ...differs });
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
