import { FailureError } from "../kit/failure.js";
import type { ModelRegistry } from "../kit/registry.js";

/**
 * A file of a registry run, or null where the run has none at this path. Over the network it costs one call, and a listing costs one a folder.
 * @throws FailureError `registry.run-missing`
 */
export async function readIfThere(
  registry: ModelRegistry,
  runId: string,
  path: string,
): Promise<Uint8Array | null> {
  try {
    return await registry.readArtifact(runId, path);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === "registry.file-missing") return null;
    throw error;
  }
}
