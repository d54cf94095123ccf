import { refOf, sameModel } from "../kit/model-ref.js";
import type { AliasMove, ModelVersion } from "../kit/registry.js";

/**
 * Key of the one move by which people answer an escalated decision. An approval moves the alias with it and a rejection moves `rejectedAlias`, so
 * a registry, which takes a key once, lets only one of them happen, whoever is at it at the same time.
 */
export const answerKey = (alias: string, decision: string): string => `decide ${alias} ${decision}`;

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

/**
 * Versions that `alias` named, the one that it names now last, without those that were rolled back since.
 * @param moves of every alias of the model, oldest first
 */
export function releases(moves: readonly AliasMove[], alias: string): readonly string[] {
  let named: string[] = [];
  for (const move of moves) {
    if (move.alias !== alias || named.at(-1) === move.to) continue;
    if (isRollback(move)) {
      const place = named.slice(0, -1).lastIndexOf(move.to);
      named = place < 0 ? named.slice(0, -1) : named.slice(0, place);
    }
    named.push(move.to);
  }
  return named;
}

/**
 * The move by which a person took a version out of service or refused it, or null when nobody did, or somebody put it back since.
 * @param moves of every alias of the model, oldest first
 */
export function withdrawalOf(moves: readonly AliasMove[], alias: string, version: string): AliasMove | null {
  const last = moves.findLast(
    (move) =>
      (move.alias === alias && (move.to === version || (move.from === version && isRollback(move)))) ||
      (move.alias === rejectedAlias(alias) && move.to === version),
  );
  return last === undefined || (last.alias === alias && last.to === version) ? null : last;
}
