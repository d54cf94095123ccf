import { fail } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import type { ModelRegistry, ModelVersion, RegistryRun } from "../../kit/registry.js";
import { damageOf } from "../../kit/soundness.js";
import type {
  TransferReport,
  TransferredAlias,
  TransferredRun,
  TransferredVersion,
} from "../../kit/transfer.js";
import { copyMoves } from "./aliases.js";
import { type ContentPlan, conclude, copyContent, planContent, type RunTransfer } from "./runs.js";
import { byKey, numbersIn, readSide, type Side } from "./side.js";
import { withStaging } from "./staging.js";
import { checkSameModels, copyVersion, planVersion, repairVersion } from "./versions.js";

export interface TransferRequest {
  readonly model: string;
  /** Numbers in the source; null for all. */
  readonly versions: readonly string[] | null;
  /** Aliases whose moves go along; null for all. */
  readonly aliases: readonly string[] | null;
}

export interface TransferTools {
  readonly files: DurableFiles;
  /** The tag of a run whose value is a version number: it is translated to the number in the target. */
  readonly versionTag: string;
  /** Called before each run and version that is copied. */
  onProgress(progress: { readonly done: number; readonly total: number; readonly what: string }): void;
}

/**
 * Copies one model from a registry to another: runs (open, with values, files and parts), versions with their models, then closes the runs, then
 * appends the moves of aliases. So nobody who reads the target sees half of it, and a kill anywhere is repaired by calling again: whatever is
 * there by its key is not copied twice. What a dry run would do is what this does to a scratch registry over the target.
 *
 * An alias whose history has diverged is not moved; the report says so.
 * @throws FailureError `registry.corrupt`, `registry.file-missing` for a damaged source; `registry.model-immutable` when a version of one key is
 * another model in the target; `registry.version-missing` for a number that the source does not have
 */
export async function transfer(
  from: ModelRegistry,
  to: ModelRegistry,
  request: TransferRequest,
  tools: TransferTools,
): Promise<TransferReport> {
  const source = await readSide(from, request.model);
  const target = await readSide(to, request.model);
  checkSameModels(source, target);
  const chosen = choose(source, request, tools.versionTag);
  const plans = await planAll(source, target, chosen);
  const step = stepsOf(plans, tools);

  const copied = await copyRuns(source, target, plans, step, tools.files);
  const versions = await copyVersions(source, target, plans, copied, step, tools.files);
  const runs = await closeRuns(source, to, plans, copied, tools.versionTag);
  const aliases = await moveAliases(request, source, to);
  const bytes = [...runs, ...versions].reduce((sum, item) => sum + item.bytes, 0);
  const dryRun = to.kind === "scratch";
  return { model: request.model, from: from.uri, to: to.uri, dryRun, runs, versions, aliases, bytes };
}

interface Chosen {
  readonly runs: readonly RegistryRun[];
  readonly versions: readonly ModelVersion[];
}

/** With a version go the run that made it and those that came to it since. */
function choose({ runs, versions }: Side, request: TransferRequest, versionTag: string): Chosen {
  const { model, versions: wanted } = request;
  if (wanted === null) return { runs, versions };
  for (const version of wanted) {
    if (versions.some((item) => item.version === version)) continue;
    fail({ code: "registry.version-missing", retryable: false, name: model, version });
  }
  const chosen = versions.filter(({ version }) => wanted.includes(version));
  const runIds = new Set(chosen.map(({ runId }) => runId));
  const isOfChosen = ({ runId, tags }: RegistryRun) =>
    runIds.has(runId) || wanted.includes(tags[versionTag] ?? "");
  return { runs: runs.filter(isOfChosen), versions: chosen };
}

interface Plans {
  readonly runs: readonly { readonly source: RegistryRun; readonly plan: ContentPlan }[];
  readonly versions: readonly {
    readonly source: ModelVersion;
    readonly action: TransferredVersion["action"];
  }[];
}

async function planAll(source: Side, target: Side, chosen: Chosen): Promise<Plans> {
  const [runsThere, versionsThere] = [byKey(target.runs), byKey(target.versions)];
  const runs = [];
  for (const run of chosen.runs) {
    runs.push({ source: run, plan: await planContent(source.registry, run, runsThere.get(run.key) ?? null) });
  }
  const versions = chosen.versions.map((version) => ({
    source: version,
    action: planVersion(version, versionsThere.get(version.key) ?? null),
  }));
  return { runs, versions };
}

type Step = (what: string) => void;

function stepsOf({ runs, versions }: Plans, { onProgress }: TransferTools): Step {
  const isWork = (action: string) => action === "copied" || action === "completed";
  const actions = [...runs.map(({ plan }) => plan.action), ...versions.map(({ action }) => action)];
  const total = actions.filter(isWork).length;
  let done = 0;
  return (what) => onProgress({ done: done++, total, what });
}

async function copyRuns(
  { registry: from }: Side,
  { registry: to, runs: there }: Side,
  { runs }: Plans,
  step: Step,
  files: DurableFiles,
): Promise<RunTransfer[]> {
  const known = byKey(there);
  const transfers: RunTransfer[] = [];
  for (const { source, plan } of runs) {
    const { action, state } = plan;
    if (state === null || action === "there" || action === "unfinished") {
      transfers.push({ source, target: known.get(source.key) ?? null, action, files: 0, bytes: 0 });
      continue;
    }
    step(`run ${source.name}`);
    const copy = () =>
      withStaging(files, (staging) => copyContent({ from, to }, source, { action, state }, staging));
    transfers.push(await copy());
  }
  return transfers;
}

/** In the order of their numbers, so that an empty target counts as the source does. */
async function copyVersions(
  { registry: from, history }: Side,
  { registry: to, versions: there, runs: runsThere }: Side,
  { versions }: Plans,
  runs: readonly RunTransfer[],
  step: Step,
  files: DurableFiles,
): Promise<TransferredVersion[]> {
  const known = byKey(there);
  // What services follow must be whole in the target too; looking at all would download all.
  const named = new Set(new Map(history.map((move) => [move.alias, move.to])).values());
  const runIds = new Map(runs.map(({ source, target }) => [source.runId, target?.runId]));
  const transferred: TransferredVersion[] = [];
  for (const { source, action } of versions) {
    const { key, version, status } = source;
    const still = { key, from: version, status, files: 0, bytes: 0 };
    const same = known.get(key);
    if (action === "there" && same !== undefined) {
      const isNeeded = named.has(version) && same.digest === source.digest;
      if (isNeeded && (await damageOf(to, same)) !== null) {
        step(`version ${version}`);
        transferred.push(await repairVersion({ from, to }, source, same, files));
      } else transferred.push({ ...still, to: same.version, action });
      continue;
    }
    const runId = runIds.get(source.runId) ?? (await runOf(from, source, runsThere));
    if (runId === null) {
      transferred.push({ ...still, to: null, action: "unfinished" });
      continue;
    }
    step(`version ${version}`);
    transferred.push(await copyVersion({ from, to }, source, runId, action, files));
  }
  return transferred;
}

/** The target's run for a version whose run is in no list of the source's runs, or null. */
async function runOf(
  from: ModelRegistry,
  { runId }: ModelVersion,
  there: readonly RegistryRun[],
): Promise<string | null> {
  const run = await from.getRun(runId);
  if (run === null) return fail({ code: "registry.run-missing", retryable: false, runId });
  return there.find(({ key }) => key === run.key)?.runId ?? null;
}

async function closeRuns(
  source: Side,
  to: ModelRegistry,
  { runs }: Plans,
  copied: readonly RunTransfer[],
  versionTag: string,
): Promise<TransferredRun[]> {
  const model = source.versions[0]?.name ?? source.runs[0]?.model;
  const there = model === undefined ? [] : await to.listVersions(model);
  const numbering = { versions: source.versions, numbers: numbersIn(there, source.versions), versionTag };
  const closed: TransferredRun[] = [];
  for (const [index, transfer] of copied.entries()) {
    const { action, files, bytes } = await conclude(to, transfer, runs[index]!.plan.state, numbering);
    const { key, name, quarter, closed: isClosed } = transfer.source;
    closed.push({ key, name, quarter, closed: isClosed, action, files, bytes });
  }
  return closed;
}

/** The target is read anew: somebody may have moved an alias while large files were copied. */
async function moveAliases(
  { model, versions, aliases }: TransferRequest,
  source: Side,
  to: ModelRegistry,
): Promise<TransferredAlias[]> {
  if (versions !== null || aliases?.length === 0) return [];
  return copyMoves(model, source, await readSide(to, model), aliases);
}
