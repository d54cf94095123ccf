import type { EarlierRuns } from "../kit/earlier.js";
import { FailureError, fail } from "../kit/failure.js";
import type { TrailDamage } from "../kit/failures/registry.js";
import type { ModelRegistry, RegistryRun } from "../kit/registry.js";
import { valueOrDamage } from "../kit/soundness.js";
import { endInTags, endOf, hasEnd, TRAIL_TAG, type TrailEnd } from "../kit/trail.js";
import { RUN_TAGS } from "./run-tags.js";

/**
 * What a run says of how the record of alias moves ended: in a tag of the registry's run, and in the journal of the state directory's. So a record that was
 * cut, or restored without the runs, shows, although it is whole in itself. Where the registry does not know the end of a run either, all of it is of an
 * earlier time, and nothing was cut.
 */
interface Mark {
  readonly run: RegistryRun;
  readonly end: TrailEnd | "unreadable";
}

/**
 * What is wrong with the record of alias moves, or null: it is damaged, or does not have an end any more that a run has seen.
 * @param earlier what the runs of the state directory say besides
 */
export async function trailDamage(
  registry: ModelRegistry,
  model: string,
  earlier: EarlierRuns | undefined,
): Promise<TrailDamage | null> {
  const broken = await valueOrDamage(brokenMarks(registry, model, earlier));
  if ("code" in broken) return broken.code === "registry.trail-damaged" ? broken : fail(broken);
  const last = broken.at(-1);
  return last === undefined ? null : damageBy(registry, model, last);
}

/** @throws FailureError `registry.trail-damaged` */
export async function requireWholeTrail(
  registry: ModelRegistry,
  model: string,
  earlier: EarlierRuns | undefined,
): Promise<void> {
  const damage = await trailDamage(registry, model, earlier);
  if (damage !== null) throw new FailureError(damage);
}

/** The tag by which a registry run says how the record ends now; none where that is damaged: what is said of it would outlive its repair. */
export async function trailTags(
  registry: ModelRegistry,
  model: string,
  earlier: EarlierRuns | undefined,
): Promise<Readonly<Record<string, string>>> {
  return (await trailDamage(registry, model, earlier)) === null ? endTags(registry, model) : {};
}

/** As `trailTags`, where the record was found whole just before. */
export async function endTags(
  registry: ModelRegistry,
  model: string,
): Promise<Readonly<Record<string, string>>> {
  return { [TRAIL_TAG]: JSON.stringify(endOf(await registry.trail(model))) };
}

/** A person has said what is live: from then on the record counts as it is, whatever runs said of it before. The run says so too. */
export async function settleTrail(
  registry: ModelRegistry,
  model: string,
  earlier: EarlierRuns | undefined,
  runId: string,
): Promise<void> {
  const broken = await brokenMarks(registry, model, earlier);
  const tags = await endTags(registry, model);
  // The last one is what the damage is told by: until it is gone, the same words are about the same damage.
  const last = broken.at(-1)?.run.runId ?? runId;
  const others = new Set([runId, ...broken.map(({ run }) => run.runId)]);
  others.delete(last);
  for (const id of [...others, last]) await registry.logRun(id, { tags });
}

/** Marks of ends that the record does not have, by how far they go. */
async function brokenMarks(
  registry: ModelRegistry,
  model: string,
  earlier: EarlierRuns | undefined,
): Promise<readonly Mark[]> {
  // Before the record: what is said of it while this looks is in it then.
  const runs = await registry.listRuns(model);
  const own = runs.flatMap((run) => {
    const end = endInTags(run.tags);
    return end === null ? [] : [{ run, end }];
  });
  const marks = [...own, ...(await marksOfState(registry, model, earlier, runs))];
  if (marks.length === 0) return [];
  const trail = await registry.trail(model);
  return marks
    .filter(({ end }) => end === "unreadable" || !hasEnd(trail, end))
    .sort((a, b) => reach(a) - reach(b));
}

const reach = ({ end }: Mark): number => (end === "unreadable" ? 0 : end.length);

/** Of runs of the state directory whose registry run is closed by their decision and says nothing itself. */
async function marksOfState(
  registry: ModelRegistry,
  model: string,
  earlier: EarlierRuns | undefined,
  runs: readonly RegistryRun[],
): Promise<readonly Mark[]> {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  return ((await earlier?.trails()) ?? []).flatMap(({ registryRun, decision, end, ...of }) => {
    const run = byId.get(registryRun);
    const isHere = of.model === model && of.registry === registry.uri && run?.closed === true;
    const isSaid = isHere && !(TRAIL_TAG in run.tags) && run.tags[RUN_TAGS.decision] === decision;
    return isSaid ? [{ run, end }] : [];
  });
}

/** Without the hash, in which there are instants: the same damage is told in the same words. */
function damageBy({ uri }: ModelRegistry, name: string, { run: { runId, quarter }, end }: Mark): TrailDamage {
  const who = `run ${runId} of the registry (${quarter})`;
  const detail =
    end === "unreadable"
      ? `what ${who} says of its end is not what was written`
      : `${who} saw it end with entry ${end.length}, and it does not have that entry any more: it was cut, or is of an earlier time than the run`;
  return { code: "registry.trail-damaged", retryable: false, name, path: uri, detail };
}
