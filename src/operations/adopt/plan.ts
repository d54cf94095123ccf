import { adoptionKey, isAdoption, isTarget, rejectedAlias } from "../../history/alias-trail.js";
import { movesOf, withdrawalOfVersion } from "../../history/model-moves.js";
import { FailureError, fail } from "../../kit/failure.js";
import type { AdoptionRefusal } from "../../kit/failures/approval.js";
import type { AliasMove, ModelRegistry, ModelVersion } from "../../kit/registry.js";

export interface AdoptionAsked {
  readonly model: string;
  readonly alias: string;
  /** Null: none, what was live is left behind. */
  readonly version: string | null;
}

/** What would be adopted, and in which situation: words that were said in another one do not count. */
export interface AdoptionPlan extends AdoptionAsked {
  /** The version to put live; null for none. */
  readonly target: ModelVersion | null;
  /** What the alias names although it is not there. */
  readonly named: string | null;
  /** Key of the last move of the alias, or what is wrong with the record of moves; null: it never moved. */
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
 * What an adoption would do. It is for an alias that names nothing that is there: what is live gives way to a decision or a rollback.
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
  if (seen.named !== null && (await registry.getVersion(model, seen.named)) !== null) {
    if (seen.named === version && last?.to === version && isAdoption(last)) return { adopted: version };
    return refuse(asked, { kind: "live", version: seen.named });
  }
  const { named, isTrailDamaged } = seen;
  const own = seen.moves.filter((move) => move.alias === alias);
  // A kill may have come between the record of this very adoption and the alias.
  const isHalfDone = named === null && last?.to === version && isAdoption(last);
  const situation = isHalfDone ? own.at(-2) : own.at(-1);
  const plan = { ...asked, named, after: seen.damage ?? situation?.key ?? null, isTrailDamaged };
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

interface Seen {
  readonly named: string | null;
  readonly moves: readonly AliasMove[];
  readonly isTrailDamaged: boolean;
  readonly damage: string | null;
}

/** A damaged record of moves does not say what is live: then it is what the person says. */
async function look(registry: ModelRegistry, { model, alias, version }: AdoptionAsked): Promise<Seen> {
  try {
    const named = await registry.getAlias(model, alias);
    return { named, moves: await movesOf(registry, model), isTrailDamaged: false, damage: null };
  } catch (error) {
    const isDamage = error instanceof FailureError && error.failure.code === "registry.trail-damaged";
    if (!isDamage || version === null) throw error;
    const { detail } = error.failure as { readonly detail: string };
    return { named: null, moves: [], isTrailDamaged: true, damage: detail };
  }
}
