import { adoptionKey, isAdoption, isTarget, rejectedAlias } from "../../history/alias-trail.js";
import { movesOf, withdrawalOfVersion } from "../../history/model-moves.js";
import { missingRecord } from "../../history/release-record.js";
import { RUN_TAGS } from "../../history/run-tags.js";
import { trailDamage } from "../../history/trail-marks.js";
import type { EarlierRuns } from "../../kit/earlier.js";
import { fail } from "../../kit/failure.js";
import type { AdoptionRefusal } from "../../kit/failures/approval.js";
import type { AliasMove, ModelRegistry, ModelVersion } from "../../kit/registry.js";
import { valueOrDamage } from "../../kit/soundness.js";

export interface AdoptionAsked {
  readonly model: string;
  readonly alias: string;
  /** Null: none, what was live is left behind. */
  readonly version: string | null;
  /** Runs of the state directory, if there is one. */
  readonly earlier?: EarlierRuns | undefined;
}

/** What would be adopted, and in which situation: words that were said in another one do not count. */
export interface AdoptionPlan extends AdoptionAsked {
  /** The version to put live; null for none. */
  readonly target: ModelVersion | null;
  /** What the alias names, although it is not there or no run tells how it came to be live. */
  readonly named: string | null;
  /** Key of the last move of the alias, what is wrong with the record of moves, or the last run that was promoted; null: none of them is known. */
  readonly after: string | null;
  readonly isTrailDamaged: boolean;
}

/** The same situation and the same words lead to one move, whoever says them. */
export const moveKey = ({
  alias,
  version,
  after,
}: Pick<AdoptionPlan, "alias" | "version" | "after">): string =>
  adoptionKey(alias, `${version ?? "none"} after ${after ?? "nothing"}`);

export const refuse = ({ model, alias }: AdoptionAsked, refusal: AdoptionRefusal): never =>
  fail({ code: "approval.adoption-refused", retryable: false, model, alias, refusal });

/**
 * What an adoption would do. It is for an alias that names nothing that is there, or a version of which no run tells how it went live, which it may
 * name again: what is live gives way to a decision or a rollback.
 * @returns the version that is live by an adoption of it already
 * @throws FailureError `approval.adoption-refused`, `registry.version-missing`; `registry.trail-damaged` where nothing is to be adopted: only a move mends it
 */
export async function planAdoption(
  registry: ModelRegistry,
  asked: AdoptionAsked,
): Promise<AdoptionPlan | { readonly adopted: string }> {
  const { model, alias, version } = asked;
  const seen = await look(registry, asked);
  const last = seen.moves.findLast((move) => move.alias === alias);
  const live = await liveOf(registry, asked, seen);
  if (live !== null) {
    const isRecorded =
      (await missingRecord(registry, { alias, version: live, moves: seen.moves })).length === 0;
    if (isRecorded && live.version === version && last?.to === version && isAdoption(last))
      return { adopted: version };
    if (isRecorded || live.version !== version) return refuse(asked, { kind: "live", version: live.version });
  }
  const { named, isTrailDamaged } = seen;
  const own = seen.moves.filter((move) => move.alias === alias);
  // A kill may have come between the record of this very adoption and the alias.
  const isHalfDone = named === null && last?.to === version && isAdoption(last);
  const situation = isHalfDone ? own.at(-2) : own.at(-1);
  const after = seen.damage ?? situation?.key ?? (await lastRelease(registry, model));
  const plan = { ...asked, named, after, isTrailDamaged };
  if (version === null) return { ...plan, target: null };
  const target = await registry.getVersion(model, version);
  if (target === null)
    return fail({ code: "registry.version-missing", retryable: false, name: model, version });
  const before = own.findLast((move) => move.to === version);
  if (before !== undefined && !isTarget(before, target))
    refuse(asked, { kind: "replaced", version, at: before.at });
  if (target.status === "pending") refuse(asked, { kind: "pending", version });
  const refused = await withdrawalOfVersion(registry, seen.moves, alias, target);
  if (refused !== null && refused.alias === rejectedAlias(alias)) {
    const { by, at, reason } = refused;
    refuse(asked, { kind: "rejected", version, by, at, reason });
  }
  return { ...plan, target };
}

/** Where the history of aliases is lost, one loss is told from the next by the run that was promoted last. */
async function lastRelease(registry: ModelRegistry, model: string): Promise<string | null> {
  const runs = await registry.listRuns(model);
  const last = runs.findLast(({ tags }) => tags[RUN_TAGS.promoted] === "true");
  return last === undefined ? null : `run ${last.runId}`;
}

interface Seen {
  readonly named: string | null;
  readonly moves: readonly AliasMove[];
  readonly isTrailDamaged: boolean;
  readonly damage: string | null;
}

/** What the alias names, if that is there and the model that it was moved to. */
async function liveOf(
  registry: ModelRegistry,
  { model, alias }: AdoptionAsked,
  { named, moves }: Seen,
): Promise<ModelVersion | null> {
  const live = named === null ? null : await registry.getVersion(model, named);
  const move = moves.findLast((one) => one.alias === alias && one.to === named);
  return live === null || move === undefined || isTarget(move, live) ? live : null;
}

/** A damaged record of moves does not say what is live: then it is what the person says. */
async function look(registry: ModelRegistry, asked: AdoptionAsked): Promise<Seen> {
  const { model, alias, version, earlier } = asked;
  const damage = await trailDamage(registry, model, earlier);
  const seen = await valueOrDamage(readMoves(registry, model, alias));
  if ("code" in seen) {
    if (seen.code !== "registry.trail-damaged" || version === null) return fail(seen);
    return { named: null, moves: [], isTrailDamaged: true, damage: seen.detail };
  }
  if (damage === null) return { ...seen, isTrailDamaged: false, damage: null };
  if (version !== null)
    return { named: null, moves: seen.moves, isTrailDamaged: true, damage: damage.detail };
  // To leave behind what is gone takes no record of how it came; what is live stays with it.
  const isLive = seen.named !== null && (await registry.getVersion(model, seen.named)) !== null;
  return isLive ? fail(damage) : { ...seen, isTrailDamaged: false, damage: null };
}

async function readMoves(
  registry: ModelRegistry,
  model: string,
  alias: string,
): Promise<Pick<Seen, "named" | "moves">> {
  return { named: await registry.getAlias(model, alias), moves: await movesOf(registry, model) };
}
