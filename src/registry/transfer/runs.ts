import { COPY_TAGS } from "../../kit/copied.js";
import type { ModelRegistry, RegistryRun } from "../../kit/registry.js";
import type { TransferAction } from "../../kit/transfer.js";
import type { Staging } from "./staging.js";
import { isCopy, stateOf } from "./state.js";
import { copiedTags, hasTags, type Numbering } from "./tags.js";

/** What has to be done with the values and files of a run. */
export interface ContentPlan {
  readonly action: TransferAction;
  /** Of the source; null where it is no matter, or only half there. */
  readonly state: string | null;
}

/** A run on both sides, and what was copied of it. */
export interface RunTransfer {
  readonly source: RegistryRun;
  /** Null where nothing could be copied. */
  readonly target: RegistryRun | null;
  readonly action: TransferAction;
  readonly files: number;
  readonly bytes: number;
}

/**
 * A run that the target made itself is never touched. A copy is brought up to date by the original; from another copy it only becomes closed,
 * because nobody can tell which of two copies is the newer one.
 */
export async function planContent(
  registry: ModelRegistry,
  source: RegistryRun,
  target: RegistryRun | null,
): Promise<ContentPlan> {
  if (target !== null && !isCopy(target)) return { action: "there", state: null };
  const before = target?.tags[COPY_TAGS.state];
  const state = await stateOf(registry, source);
  if (state === null) return { action: before === undefined ? "unfinished" : "there", state };
  if (target === null) return { action: "copied", state };
  if (before === state) return { action: "there", state };
  const isNewer = before === undefined || !isCopy(source) || (source.closed && !target.closed);
  return { action: isNewer ? "completed" : "there", state };
}

interface Registries {
  readonly from: ModelRegistry;
  readonly to: ModelRegistry;
}

/**
 * Copies values, files and parts, and last the tag that says that they are all there. The run stays as open as it was: the tags of its
 * conclusion come when its versions are there too.
 */
export async function copyContent(
  registries: Registries,
  source: RegistryRun,
  { action, state }: { readonly action: TransferAction; readonly state: string },
  staging: Staging,
): Promise<RunTransfer> {
  const { to } = registries;
  const made = await ensureCopy(registries, source, null);
  // Somebody made a run of this key there since it was looked for.
  if (!isCopy(made)) return { source, target: made, action: "there", files: 0, bytes: 0 };
  const amount = await copyValues(registries, source, made.runId, staging);
  await to.logRun(made.runId, { tags: { [COPY_TAGS.state]: state } });
  return { source, target: await to.getRun(made.runId), action, ...amount };
}

function ensureCopy(
  { from, to }: Registries,
  source: RegistryRun,
  parent: string | null,
): Promise<RegistryRun> {
  const { key, model, name, quarter, cutoff, createdAt } = source;
  const tags = { [COPY_TAGS.origin]: originOf(from, source) };
  return to.ensureRun({
    ...{ key, model, name, quarter, cutoff, createdAt, tags },
    ...(parent === null ? {} : { parent }),
  });
}

interface Amount {
  readonly files: number;
  readonly bytes: number;
}

async function copyValues(
  registries: Registries,
  source: RegistryRun,
  runId: string,
  staging: Staging,
): Promise<Amount> {
  const { from, to } = registries;
  const { points, inputs, parts } = await from.runDetails(source.runId);
  await to.logRun(runId, { params: source.params, metrics: withoutPoints(source, points), points, inputs });
  let { files, bytes } = await copyArtifacts(registries, source.runId, runId, staging);
  for (const part of parts) {
    const copied = await copyPart(registries, part, runId, staging);
    files += copied.files;
    bytes += copied.bytes;
  }
  return { files, bytes };
}

/** Nobody sees a part before the run that it belongs to is closed. */
async function copyPart(
  registries: Registries,
  part: RegistryRun,
  parent: string,
  staging: Staging,
): Promise<Amount> {
  const made = await ensureCopy(registries, part, parent);
  if (!isCopy(made)) return { files: 0, bytes: 0 };
  const amount = await copyValues(registries, part, made.runId, staging);
  const { [COPY_TAGS.origin]: _, ...tags } = part.tags;
  if (part.closed) await registries.to.closeRun(made.runId, tags);
  else await registries.to.logRun(made.runId, { tags });
  return amount;
}

async function copyArtifacts(
  { from, to }: Registries,
  fromRun: string,
  toRun: string,
  staging: Staging,
): Promise<Amount> {
  const paths = await from.listArtifacts(fromRun);
  if (paths.length === 0) return { files: 0, bytes: 0 };
  let bytes = 0;
  const files = [];
  for (const path of paths) {
    const content = await from.readArtifact(fromRun, path);
    bytes += content.length;
    files.push(await staging.add(path, content));
  }
  await to.putArtifacts(toRun, files);
  return { files: files.length, bytes };
}

/** A metric with points is its last point: without a step it would be one point more. */
function withoutPoints(
  { metrics }: RegistryRun,
  points: readonly { readonly name: string }[],
): Record<string, number> {
  const names = new Set(points.map(({ name }) => name));
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !names.has(name)));
}

/** Where a run was made first. */
const originOf = ({ uri }: ModelRegistry, { tags, runId }: RegistryRun): string =>
  tags[COPY_TAGS.origin] ?? `${uri} run ${runId}`;

/**
 * Gives a copy that holds all of its source the tags of the source, and closes it if the source is closed.
 * @param state of the source
 */
export async function conclude(
  to: ModelRegistry,
  transfer: RunTransfer,
  state: string | null,
  numbering: Numbering,
): Promise<RunTransfer> {
  const { source, target, action } = transfer;
  if (target === null || !isCopy(target) || target.tags[COPY_TAGS.state] !== state) return transfer;
  const tags = copiedTags(source, target, numbering);
  const closes = source.closed && !target.closed;
  // Another copy may know fewer versions than the registry that the target was copied from.
  const apart = isCopy(source) && !closes ? [COPY_TAGS.numbers, numbering.versionTag] : [];
  if (!closes && hasTags(target.tags, tags, apart)) return transfer;
  if (source.closed) await to.closeRun(target.runId, tags);
  else await to.logRun(target.runId, { tags });
  return { ...transfer, action: action === "there" ? "completed" : action };
}
