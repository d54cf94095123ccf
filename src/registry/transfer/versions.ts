import { COPY_TAGS } from "../../kit/copied.js";
import { fail } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import { isModelKey } from "../../kit/model-ref.js";
import type { ModelRegistry, ModelVersion } from "../../kit/registry.js";
import type { TransferAction, TransferredVersion } from "../../kit/transfer.js";
import { checkAttached, stageModel } from "./model.js";
import { byKey, type Side } from "./side.js";
import { withStaging } from "./staging.js";

/**
 * A key that stands for a model says enough: its directory may come from other programs on both sides.
 * @throws FailureError `registry.model-immutable` when a version of one key is another model on the other side
 */
export function checkSameModels(source: Side, target: Side): void {
  const there = byKey(target.versions);
  for (const { key, name, digest } of source.versions) {
    const same = there.get(key);
    if (!same || digest === null || same.digest === null || same.digest === digest) continue;
    if (isModelKey(key)) continue;
    const { version } = same;
    fail({
      code: "registry.model-immutable",
      retryable: false,
      name,
      version,
      expected: same.digest,
      actual: digest,
    });
  }
}

/** A version that the target made itself is never touched. */
export function planVersion(source: ModelVersion, target: ModelVersion | null): TransferAction {
  if (target === null) return "copied";
  const isHalf = target.status === "pending" && source.status === "ready" && COPY_TAGS.origin in target.tags;
  return isHalf ? "completed" : "there";
}

/**
 * The model is read and checked before the version is made, so a damaged source leaves nothing.
 * @param runId of the version's run in the target
 */
export async function copyVersion(
  { from, to }: { readonly from: ModelRegistry; readonly to: ModelRegistry },
  source: ModelVersion,
  runId: string,
  action: TransferAction,
  files: DurableFiles,
): Promise<TransferredVersion> {
  const { name, key, description, createdAt, digest, status } = source;
  const origin = `${from.uri} version ${source.version}`;
  const tags = { [COPY_TAGS.origin]: origin, ...source.tags };
  const ensure = () => to.ensureVersion({ name, key, runId, description, createdAt, tags });
  const copied = { key, from: source.version, status, action };
  if (digest === null) return { ...copied, to: (await ensure()).version, files: 0, bytes: 0 };
  return withStaging(files, async (staging) => {
    const model = await stageModel(from, source, staging);
    const { version } = await ensure();
    await checkAttached(to, await to.attachModel(name, version, model.files, digest));
    return { ...copied, to: version, files: model.files.length, bytes: model.bytes };
  });
}

/** Puts a damaged version of the target right, from the same bytes in the source. */
export async function repairVersion(
  { from, to }: { readonly from: ModelRegistry; readonly to: ModelRegistry },
  source: ModelVersion,
  target: ModelVersion,
  files: DurableFiles,
): Promise<TransferredVersion> {
  return withStaging(files, async (staging) => {
    const model = await stageModel(from, source, staging);
    await checkAttached(to, await to.attachModel(target.name, target.version, model.files, target.digest!));
    const { key, version, status } = source;
    const amount = { files: model.files.length, bytes: model.bytes };
    return { key, from: version, to: target.version, status, action: "completed", ...amount };
  });
}
