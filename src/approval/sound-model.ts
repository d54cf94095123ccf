import { checkGolden, GOLDEN_FILE, Golden } from "../forecast/forecaster/golden.js";
import { fail } from "../kit/failure.js";
import type { ApprovalFailure } from "../kit/failures/approval.js";
import { MANIFEST_FILE, ModelManifest } from "../kit/model-directory.js";
import type { ModelRegistry, ModelVersion } from "../kit/registry.js";
import { damageLine, damageOf } from "../kit/soundness.js";

const GRAPH = "model.onnx";

/** What was looked at before a version went live: null where it was released before golden predictions were kept. */
export type Soundness = { readonly series: number; readonly maxRelative: number } | null;

type Problem = Extract<ApprovalFailure, { readonly code: "approval.model-unsound" }>["problem"];

/**
 * Reads a version from the registry as a service would: every file must be the one that was released, and it must forecast what it forecast then.
 * @throws FailureError `approval.model-unsound`
 */
export async function requireSoundModel(registry: ModelRegistry, model: ModelVersion): Promise<Soundness> {
  const { name, version } = model;
  const unsound = (problem: Problem): never =>
    fail({ code: "approval.model-unsound", retryable: false, model: name, version, problem });
  const damage = await damageOf(registry, model);
  if (damage !== null) {
    const quarter = damage.quarter === null ? {} : { quarter: damage.quarter };
    unsound({ kind: "file", path: damage.files[0]!.path, detail: damageLine(damage), ...quarter });
  }
  const read = (path: string) => registry.readModelFile(name, version, path);
  const manifest = ModelManifest.parse(JSON.parse(text(await read(MANIFEST_FILE))));
  if (!manifest.files.some(({ path }) => path === GOLDEN_FILE)) return null;
  const golden = Golden.parse(JSON.parse(text(await read(GOLDEN_FILE))));
  const { series, maxRelative, differs } = await checkGolden(await read(GRAPH), golden);
  return differs === null ? { series, maxRelative } : unsound({ kind: "golden", ...differs });
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
