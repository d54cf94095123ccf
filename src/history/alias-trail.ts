import { type KnownVersion, refOf, sameModel } from "../kit/model-ref.js";
import type { AliasMove, ModelVersion } from "../kit/registry.js";

/**
 * Key of the one move by which people answer an escalated decision. An approval moves the alias with it and a rejection moves `rejectedAlias`, so
 * a registry, which takes a key once, lets only one of them happen, whoever is at it at the same time.
 */
export const answerKey = (alias: string, decision: string): string => `${ANSWER}${alias} ${decision}`;

const ANSWER = "decide ";

/** Names the version that was rejected last. */
export const rejectedAlias = (alias: string): string => `${alias}-rejected`;

/**
 * Whether a version is the one that an alias was moved to: a server that has forgotten a model gives its numbers again, and then they mean other
 * versions. Where the move does not say what it was about, the number decides.
 */
export const isTarget = ({ model, to }: AliasMove, version: ModelVersion): boolean =>
  to === version.version && (model === undefined || sameModel(model, refOf(version)) !== false);

const PROMOTE = "promote ";

/** Key of the move that a decision that passed allows. */
export const promotionKey = (alias: string, decision: string): string => `${PROMOTE}${alias} ${decision}`;

export const isPromotion = ({ key }: AliasMove): boolean => key.startsWith(PROMOTE);

const ROLLBACK = "rollback ";

/** @param id tells this rollback from every other one of the model */
export const rollbackKey = (alias: string, id: string): string => `${ROLLBACK}${alias} ${id}`;

export const isRollback = ({ key }: AliasMove): boolean => key.startsWith(ROLLBACK);

const ADOPT = "adopt ";

/** @param id tells this adoption from every other one of the model */
export const adoptionKey = (alias: string, id: string): string => `${ADOPT}${alias} ${id}`;

export const isAdoption = ({ key }: AliasMove): boolean => key.startsWith(ADOPT);

/** Whether a person asked for a move: by an approval, a rollback or an adoption. */
export const isPersonal = (move: AliasMove): boolean =>
  move.key.startsWith(ANSWER) || isRollback(move) || isAdoption(move);

/**
 * Versions that `alias` named, the one that it names now last, without those that were rolled back since.
 * @param moves of every alias of the model, oldest first
 */
export const releases = (moves: readonly AliasMove[], alias: string): readonly string[] =>
  releaseMoves(moves, alias).map(({ to }) => to);

/** As `releases`: the moves by which they came to be named. */
export function releaseMoves(moves: readonly AliasMove[], alias: string): readonly AliasMove[] {
  let named: AliasMove[] = [];
  const isSame = (a: AliasMove | undefined, b: AliasMove) => a !== undefined && isAbout(b, versionOf(a));
  for (const move of moves) {
    if (move.alias !== alias || isSame(named.at(-1), move)) continue;
    if (isRollback(move)) {
      const place = named.slice(0, -1).findLastIndex((one) => isSame(one, move));
      named = place < 0 ? named.slice(0, -1) : named.slice(0, place);
    }
    named.push(move);
  }
  return named;
}

/**
 * The move by which the version went live that was live before what an alias names now: where a rollback goes back to. An alias that was set by hand is in no
 * history yet, and then it is the last one.
 * @param named as `releaseMoves` has them
 */
export const moveBefore = (named: readonly AliasMove[], live: string): AliasMove | null =>
  named.at(named.at(-1)?.to === live ? -2 : -1) ?? null;

/**
 * The move by which a person took a model out of service or refused it, or null when nobody did, or somebody put it back since. It holds for the model under
 * whatever number.
 * @param moves of every alias of the model, oldest first
 */
export function withdrawalOf(
  moves: readonly AliasMove[],
  alias: string,
  version: KnownVersion,
): AliasMove | null {
  const isRolledBack = (move: AliasMove, at: number): boolean => {
    const before = moves.slice(0, at).findLast((one) => one.alias === alias && one.to === move.from);
    return before === undefined ? move.from === version.version : isAbout(before, version);
  };
  const last = moves.findLast(
    (move, at) =>
      (move.alias === alias && (isAbout(move, version) || (isRollback(move) && isRolledBack(move, at)))) ||
      (move.alias === rejectedAlias(alias) && isAbout(move, version)),
  );
  return last === undefined || (last.alias === alias && isAbout(last, version)) ? null : last;
}

/** Whether a move named this model. Only where nothing else is known of one of the two, the number decides. */
export const isAbout = ({ to, model }: AliasMove, version: KnownVersion): boolean =>
  (model === undefined ? null : sameModel(model, version)) ?? to === version.version;

const versionOf = ({ to, model }: AliasMove): KnownVersion => ({
  version: to,
  identity: null,
  digest: null,
  ...model,
});

/**
 * Whether a move was decided and a kill came before the alias followed, as can be where both are not one write: it is the alias's last one, and
 * the alias still names what it named before. The same request makes it whole. An alias that was moved back by hand looks the same, and stays where it is.
 * @param live what the alias names
 */
export const isCutOff = (moves: readonly AliasMove[], move: AliasMove, live: string | null): boolean =>
  moves.findLast(({ alias }) => alias === move.alias)?.key === move.key && move.from === live;
