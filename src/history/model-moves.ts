import { FailureError } from "../kit/failure.js";
import { contentOf, MANIFEST_FILE, ModelManifest } from "../kit/model-directory.js";
import { type KnownVersion, type ModelRef, refOf, sameModel } from "../kit/model-ref.js";
import type { AliasMove, ModelRegistry, ModelVersion } from "../kit/registry.js";
import { valueOrDamage } from "../kit/soundness.js";
import { isAbout, moveBefore, releaseMoves, withdrawalOf } from "./alias-trail.js";
import { decisionOfRun } from "./decision.js";
import { RUN_TAGS } from "./run-tags.js";

/** A version of a registry by its number and by which model it is. */
export const knownVersion = (version: ModelVersion): KnownVersion => ({
  version: version.version,
  ...refOf(version),
});

/**
 * Every move of every alias of a model, oldest first, each with the model that it was about. Moves of programs that did not write it down take it from the
 * version of that number, if it was there then, or else from the decision behind the move.
 */
export async function movesOf(registry: ModelRegistry, model: string): Promise<readonly AliasMove[]> {
  const moves = await registry.aliasHistory(model);
  if (moves.every((move) => move.model !== undefined)) return moves;
  const sound = await registry.listVersions(model, { skipDamaged: true });
  const versions = new Map(sound.map((one) => [one.version, one]));
  const content = new Map<string, Promise<ModelRef>>();
  const runs = await registry.listRuns(model);
  const refAt = (move: AliasMove): Promise<ModelRef | undefined> => {
    const version = versions.get(move.to);
    const isIt = version !== undefined && version.createdAt <= move.at;
    if (!isIt) return judgedBy(move);
    const known = content.get(move.to) ?? withContent(registry, version);
    content.set(move.to, known);
    return known;
  };
  const judgedBy = async ({ decision }: AliasMove): Promise<ModelRef | undefined> => {
    const run = runs.findLast(({ tags }) => decision !== null && tags[RUN_TAGS.decision] === decision);
    const found = run === undefined ? null : await decisionOfRun(registry, run.runId);
    if (found === null) return undefined;
    const { panel, training } = found.inputs;
    return { identity: null, digest: found.candidate.digest, made: { panel, training } };
  };
  const complete = async (move: AliasMove): Promise<AliasMove> => {
    const ref = move.model ?? (await refAt(move));
    return ref === undefined ? move : { ...move, model: ref };
  };
  return Promise.all(moves.map(complete));
}

/**
 * As `withdrawalOf`, of a version that the registry has.
 * @param moves as `movesOf` has them
 */
export async function withdrawalOfVersion(
  registry: ModelRegistry,
  moves: readonly AliasMove[],
  alias: string,
  version: ModelVersion,
): Promise<AliasMove | null> {
  const isTold = moves.every(({ model }) => model?.content === undefined);
  const ref = isTold ? refOf(version) : await withContent(registry, version);
  return withdrawalOf(moves, alias, { version: version.version, ...ref });
}

/** The version that a move put live: what has its number, or what is that model under another number by now. */
export async function versionOfMove(
  registry: ModelRegistry,
  model: string,
  move: AliasMove,
): Promise<ModelVersion | null> {
  const found = await registry.getVersion(model, move.to);
  if (found !== null && isAbout(move, knownVersion(found))) return found;
  const versions = await registry.listVersions(model, { skipDamaged: true });
  const isIt = (one: ModelVersion) => move.model !== undefined && sameModel(move.model, refOf(one)) === true;
  return versions.findLast(isIt) ?? null;
}

/** The number of the version that a rollback would go back to; null where there is none, it is gone, or the record of moves does not tell. */
export async function versionBefore(
  registry: ModelRegistry,
  { model, alias, live }: { readonly model: string; readonly alias: string; readonly live: string },
): Promise<string | null> {
  const moves = await valueOrDamage(movesOf(registry, model));
  if ("code" in moves) return null;
  const move = moveBefore(releaseMoves(moves, alias), live);
  const found = move === null ? null : await valueOrDamage(versionOfMove(registry, model, move));
  return found === null || "code" in found ? null : found.version;
}

/** A version without an identity is also known by what stands in its directory; a directory that cannot be read tells nothing. */
async function withContent(registry: ModelRegistry, version: ModelVersion): Promise<ModelRef> {
  const ref = refOf(version);
  if (version.status !== "ready") return ref;
  try {
    const manifest = await registry.readModelFile(version.name, version.version, MANIFEST_FILE);
    const { files } = ModelManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
    return { ...ref, content: contentOf(files) };
  } catch (error) {
    if (error instanceof FailureError && !error.failure.retryable) return ref;
    throw error;
  }
}
