import type { Absence } from "../kit/artifacts/absence.js";
import type { EarlierRuns } from "../kit/earlier.js";
import type { TrailDamage, VersionDamage } from "../kit/failures/registry.js";
import { MANIFEST_FILE } from "../kit/model-directory.js";
import type { AliasMove, ModelRegistry, ModelVersion } from "../kit/registry.js";
import { damageOf, inThatRole, valueOrDamage } from "../kit/soundness.js";
import type { Services } from "../kit/step.js";
import { pastOf } from "./absence.js";
import { isAdoption, isPromotion, isTarget, releases } from "./alias-trail.js";
import { sinceLeftBehind } from "./left-behind.js";
import { isOurs, missingRecord } from "./release-record.js";
import { RUN_TAGS } from "./run-tags.js";
import { trailDamage } from "./trail-marks.js";

export interface ChampionScope {
  readonly model: string;
  readonly alias: string;
  readonly quarter: string;
  /** The candidate's version, and the registry run that is judged. */
  readonly candidate: string;
  readonly run: string;
}

/** What a candidate is judged against. */
export type Champion =
  /** Nothing was ever live: a first release. `leftBehind`: people said that what was live does not count, and what the alias names still. */
  | {
      readonly kind: "none";
      readonly leftBehind: { readonly id: string; readonly version: string | null } | null;
    }
  /** `missing`: the run that says how it went live, and the version before it, which a rollback would go back to. */
  | { readonly kind: "sound"; readonly model: ModelVersion; readonly missing: readonly Absence[] }
  /** Something was live and is not there. `version` is what the alias names all the same, or null. */
  | { readonly kind: "missing"; readonly version: string | null; readonly missing: readonly Absence[] }
  /** Its bytes are not those that were registered, or the record of moves is damaged: then the version is not known. */
  | {
      readonly kind: "damaged";
      readonly version: string | null;
      readonly digest: string | null;
      readonly damage: VersionDamage | TrailDamage;
    };

/**
 * The version that `alias` names, or named before the candidate's own decision moved it to this very candidate. So the gate gives the same decision
 * when it is asked again after its promotion, and a run that was killed between promotion and its record ends like one that was not.
 * @param memo remembers what a look at all of the version's files has found
 */
export async function championOf(
  registry: ModelRegistry,
  earlier: EarlierRuns | undefined,
  scope: ChampionScope,
  memo: Services["memo"] = (_, load) => load(),
): Promise<Champion> {
  const champion = await namedChampion(registry, earlier, scope, memo);
  // With what is missing its record may be missing, and then there is more to say than that it was cut.
  if ("missing" in champion && champion.missing.length > 0) return champion;
  const { model } = scope;
  const damage = await memo(`trail of ${model}`, () => trailDamage(registry, model, earlier));
  return damage === null ? champion : { kind: "damaged", version: null, digest: null, damage };
}

async function namedChampion(
  registry: ModelRegistry,
  earlier: EarlierRuns | undefined,
  scope: ChampionScope,
  memo: Services["memo"],
): Promise<Champion> {
  const known = await valueOrDamage(before(registry, scope));
  if ("code" in known) return { kind: "damaged", version: null, digest: null, damage: known };
  const { model, alias } = scope;
  const { version, moves, isCandidateLive } = known;
  const named = version === null ? null : await valueOrDamage(registry.getVersion(model, version));
  if (named !== null && "code" in named)
    return { kind: "damaged", version, digest: null, damage: inThatRole(named, "champion") };
  const last = moves.findLast((move) => move.alias === alias && move.to === version);
  const found = named === null || last === undefined || isTarget(last, named) ? named : null;
  if (found !== null) {
    const key = `files of ${model} version ${found.version} ${found.digest}`;
    const damage =
      found.status === "pending" && isOurs(found)
        ? withoutModel(registry, found)
        : await memo(key, () => damageOf(registry, found));
    if (damage === null) {
      const record = await missingRecord(registry, { alias, version: found, moves: known.history });
      const previous = await previousRelease(registry, alias, found, moves);
      return { kind: "sound", model: found, missing: [...record, ...previous] };
    }
    const { digest } = found;
    return { kind: "damaged", version, digest, damage: inThatRole(damage, "champion") };
  }
  const past = await pastOf(registry, earlier, { ...scope, live: version, moves, isCandidateLive });
  if (past.missing.length > 0) return { kind: "missing", version, missing: past.missing };
  return { kind: "none", leftBehind: past.leftBehind === null ? null : { id: past.leftBehind.id, version } };
}

/** A version of ours goes live with its model: one that has none any more has lost it. */
const withoutModel = (registry: ModelRegistry, { name, version, tags }: ModelVersion): VersionDamage => ({
  code: "registry.version-damaged",
  retryable: false,
  name,
  version,
  role: "champion",
  files: [{ path: MANIFEST_FILE, problem: "missing" }],
  quarter: tags[RUN_TAGS.quarter] ?? null,
  registry: registry.uri,
});

interface Before {
  readonly version: string | null;
  /** Moves of the model's aliases until then. */
  readonly moves: readonly AliasMove[];
  /** All of them. */
  readonly history: readonly AliasMove[];
  readonly isCandidateLive: boolean;
}

async function before(registry: ModelRegistry, { model, alias, candidate }: ChampionScope): Promise<Before> {
  const live = await registry.getAlias(model, alias);
  const history = await registry.aliasHistory(model);
  if (live !== candidate) return { version: live, moves: history, history, isCandidateLive: false };
  const isCandidateLive = true;
  const at = history.findLastIndex(
    (move) => move.alias === alias && move.to === candidate && move.from !== candidate,
  );
  // A person named it as what to compare with: so it is, also with itself.
  if (at >= 0 && isAdoption(history[at]!))
    return { version: candidate, moves: history.slice(0, at + 1), history, isCandidateLive };
  if (at >= 0) return { version: history[at]!.from, moves: history.slice(0, at), history, isCandidateLive };
  // The alias was set to the candidate by hand, and no move tells of it: what it named by its last move is what was live.
  const others = history.filter((move) => !(move.alias === alias && move.to === candidate));
  const last = others.findLast((move) => move.alias === alias);
  return { version: last?.to ?? null, moves: others, history, isCandidateLive };
}

/** Where the champion went live without a person, the version before it must be there to go back to. */
async function previousRelease(
  registry: ModelRegistry,
  alias: string,
  { name: model, version }: ModelVersion,
  moves: readonly AliasMove[],
): Promise<readonly Absence[]> {
  const last = moves.findLast((move) => move.alias === alias && move.from !== version);
  const previous = releases(moves, alias).at(-2);
  if (last === undefined || last.to !== version || !isPromotion(last) || previous === undefined) return [];
  const found = await valueOrDamage(registry.getVersion(model, previous));
  if (found !== null && !("code" in found)) return [];
  // What people left behind is no way back.
  const later = sinceLeftBehind(moves, await registry.listRuns(model), alias);
  if (!releases(later.moves, alias).includes(previous)) return [];
  const since = moves.find((move) => move.alias === alias && move.to === previous)?.at ?? null;
  const detail = `version ${previous} of ${model}, live before version ${version}, ${found === null ? "is not in the registry any more" : "is damaged"}, as the history of aliases says: there is no way back to it`;
  return [
    {
      what: "version",
      model,
      alias,
      version: previous,
      since,
      back: null,
      registry: null,
      witness: "moves",
      detail,
    },
  ];
}
