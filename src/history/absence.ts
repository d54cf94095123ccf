import type { Absence } from "../kit/artifacts/absence.js";
import type { EarlierRelease, EarlierRuns } from "../kit/earlier.js";
import { refOf, sameModel } from "../kit/model-ref.js";
import type { AliasMove, ModelRegistry, RegistryRun } from "../kit/registry.js";
import { valueOrDamage } from "../kit/soundness.js";
import { isTarget, releases } from "./alias-trail.js";
import { approvalsOfRun } from "./approvals.js";
import { previousDecision } from "./decision.js";
import { type LeftBehind, sinceLeftBehind } from "./left-behind.js";
import { RUN_TAGS } from "./run-tags.js";

export interface PastScope {
  readonly model: string;
  readonly alias: string;
  readonly quarter: string;
  /** What the alias names, or named before the candidate: a version that is not there, or null. */
  readonly live: string | null;
  /** Moves of the model's aliases before the candidate went live, oldest first. */
  readonly moves: readonly AliasMove[];
  /** The candidate's version, and the registry run that is judged: what they say of themselves is no past. */
  readonly candidate: string;
  readonly run: string;
  readonly isCandidateLive: boolean;
}

export interface Past {
  /** Empty: nothing was ever live, or people left it behind. */
  readonly missing: readonly Absence[];
  /** The record by which they did; null where it makes no difference. */
  readonly leftBehind: LeftBehind | null;
}

/**
 * What was live before, where nothing sound is live now. Asked in turn, and the first that knows of something is believed: the history of the
 * aliases, the runs and decisions in the registry, the runs of this state directory, runs of this runbook under another name, and runs that were
 * deleted of which the registry still knows.
 */
export async function pastOf(
  registry: ModelRegistry,
  earlier: EarlierRuns | undefined,
  scope: PastScope,
): Promise<Past> {
  const runs = await registry.listRuns(scope.model);
  const later = sinceLeftBehind(scope.moves, runs, scope.alias);
  const own = await runsOfCandidate(registry, scope, runs);
  const others = later.runs.filter(({ runId }) => !own.has(runId));
  const known =
    (await byMoves(registry, scope, later.moves)) ??
    byRuns(scope, others) ??
    byPeople(scope, others) ??
    (later.record === null
      ? ((await byDecision(registry, scope)) ??
        (await byEarlierRuns(registry, earlier, scope, runs, own)) ??
        (await byDeletedRuns(registry, scope)))
      : null);
  return { missing: known === null ? [] : [known], leftBehind: known === null ? later.record : null };
}

const day = (instant: string): string => instant.slice(0, 10);

/** What became of the version that a move was about. Another model may have come to have its number. */
async function fateOf(
  registry: ModelRegistry,
  model: string,
  move: AliasMove,
): Promise<"there" | "gone" | "another" | "damaged"> {
  const found = await valueOrDamage(registry.getVersion(model, move.to));
  if (found === null) return "gone";
  if ("code" in found) return "damaged";
  return isTarget(move, found) ? "there" : "another";
}

const FATES = {
  gone: "is not in the registry any more",
  another: "is another model by now",
  damaged: "is damaged",
} as const;

async function byMoves(
  registry: ModelRegistry,
  { model, alias, live }: PastScope,
  moves: readonly AliasMove[],
): Promise<Absence | null> {
  const last = moves.findLast((move) => move.alias === alias);
  if (last === undefined) return null;
  const { to: version, at: since, by, reason } = last;
  const told = `named it since ${day(since)} (${by}: ${reason})`;
  const fate = await fateOf(registry, model, last);
  // What the alias names was asked for before: it is not there, or is another model.
  const isLost = fate === "there" && live === null;
  const how = FATES[fate === "there" ? "gone" : fate];
  const detail = isLost
    ? `alias ${alias} of ${model} names no version any more; the history of aliases says that it names version ${version}: it ${told}`
    : `version ${version} of ${model} ${how}; alias ${alias} ${told}, as the history of aliases says`;
  const back = await wayBack(registry, model, alias, moves);
  const what = isLost ? "alias" : "version";
  return { what, model, alias, version, since, back, registry: null, witness: "moves", detail };
}

/** The last version of these moves that is there. */
async function wayBack(
  registry: ModelRegistry,
  model: string,
  alias: string,
  moves: readonly AliasMove[],
): Promise<string | null> {
  for (const version of [...new Set(releases(moves, alias))].reverse()) {
    const last = moves.findLast((move) => move.alias === alias && move.to === version);
    if (last !== undefined && (await fateOf(registry, model, last)) === "there") return version;
  }
  return null;
}

/** Where no way back is known, and no other registry. */
const UNKNOWN = { back: null, registry: null } as const;

/** Ids of the runs that are about the candidate: the one that is judged, the one that made its version, and those that came to the same model since. */
async function runsOfCandidate(
  registry: ModelRegistry,
  { model, candidate, run, isCandidateLive }: PastScope,
  runs: readonly RegistryRun[],
): Promise<ReadonlySet<string>> {
  const version = await registry.getVersion(model, candidate);
  const isSame = ({ tags }: RegistryRun) => {
    const same = version === null ? null : sameModel(refOf({ tags }), refOf(version));
    return same ?? (isCandidateLive && tags[RUN_TAGS.version] === candidate);
  };
  return new Set([run, version?.runId ?? run, ...runs.filter(isSame).map(({ runId }) => runId)]);
}

function byRuns({ model, alias }: PastScope, runs: readonly RegistryRun[]): Absence | null {
  const last = runs.findLast(({ closed, tags }) => closed && tags[RUN_TAGS.promoted] === "true");
  if (last === undefined) return null;
  const version = last.tags[RUN_TAGS.version] ?? null;
  const detail = `${versionOf(model, version)} was promoted for ${last.quarter}, as registry run ${last.runId} says, and alias ${alias} and its history do not name it`;
  return { what: "alias", model, alias, version, since: last.createdAt, ...UNKNOWN, witness: "run", detail };
}

/** What people decided, of which the history of aliases knows nothing: one of a candidate that waits for more of them is in no history yet. */
function byPeople({ model, alias, moves }: PastScope, runs: readonly RegistryRun[]): Absence | null {
  const isForgotten = (version: string) => !moves.some((move) => move.to === version);
  const last = runs
    .flatMap(approvalsOfRun)
    .findLast(
      (record) =>
        record.alias === alias &&
        record.kind !== "rejection" &&
        (record.kind === "rollback" || isForgotten(record.version)),
    );
  if (last === undefined) return null;
  const { version, at: since, by, kind } = last;
  const detail = `${versionOf(model, version)} was put live by ${by} on ${day(since)} (${kind}), as a record in the registry says, and alias ${alias} and its history do not name it`;
  return { what: "alias", model, alias, version, since, ...UNKNOWN, witness: "approval", detail };
}

async function byDecision(
  registry: ModelRegistry,
  { model, alias, quarter }: PastScope,
): Promise<Absence | null> {
  const previous = await previousDecision(registry, { model, quarter });
  const version = previous?.baseline?.version ?? null;
  if (previous === null || version === null) return null;
  const detail = `${versionOf(model, version)} was live when ${previous.quarter} was judged, as its decision ${previous.digest.slice(0, 19)} says, and alias ${alias} and its history do not name it`;
  const since = previous.cutoff;
  return { what: "alias", model, alias, version, since, ...UNKNOWN, witness: "decision", detail };
}

async function byEarlierRuns(
  registry: ModelRegistry,
  earlier: EarlierRuns | undefined,
  scope: PastScope,
  runs: readonly RegistryRun[],
  own: ReadonlySet<string>,
): Promise<Absence | null> {
  if (earlier === undefined) return null;
  const releases = (await earlier.releases()).filter(
    (release) => !own.has(release.registryRun) && !isCandidate(scope, release),
  );
  const here = new Set(runs.map(({ runId }) => runId));
  const isOurs = ({ model }: EarlierRelease) => model === scope.model;
  const isLost = (release: EarlierRelease) =>
    release.isLive
      ? isOurs(release) || release.isOfThisRunbook
      : isOurs(release) && release.registry === registry.uri && !here.has(release.registryRun);
  const last = releases.findLast(isLost);
  if (last !== undefined) return ofRelease(registry, scope, last);

  const named = await registry.findRuns(RUN_TAGS.runbookId, earlier.runbookId);
  const other = named.findLast(
    ({ model, tags }) => model !== scope.model && tags[RUN_TAGS.promoted] === "true",
  );
  if (other === undefined) return null;
  const { model } = other;
  const version = other.tags[RUN_TAGS.version] ?? null;
  const detail = `this runbook served the model ${model} before: ${versionOf(model, version)} was promoted for ${other.quarter}, as registry run ${other.runId} says; ${scope.model} was never live`;
  return {
    what: "name",
    model,
    alias: scope.alias,
    version,
    since: other.createdAt,
    ...UNKNOWN,
    witness: "run",
    detail,
  };
}

/** Where nothing else is left: runs that somebody deleted, as long as the registry can give them back. */
async function byDeletedRuns(registry: ModelRegistry, scope: PastScope): Promise<Absence | null> {
  const deleted = await registry.deletedRuns(scope.model);
  const own = await runsOfCandidate(
    registry,
    scope,
    deleted.map(({ run }) => run),
  );
  const others = deleted.filter(({ run }) => !own.has(run.runId)).reverse();
  for (const ask of [byRuns, byPeople])
    for (const { run, what } of others) {
      const found = ask(scope, [run]);
      if (found !== null)
        return { ...found, what: "model", detail: `${found.detail}; ${what} was deleted since` };
    }
  return null;
}

/** A later run says that the candidate itself is live, and it is: so its quarter can be run again, to repair it say. */
const isCandidate = (
  { model, alias, candidate, isCandidateLive }: PastScope,
  release: EarlierRelease,
): boolean =>
  isCandidateLive &&
  release.isLive &&
  release.model === model &&
  release.alias === alias &&
  release.version === candidate;

function ofRelease(
  registry: ModelRegistry,
  scope: PastScope,
  { run, at: since, model, alias, version, registry: uri, isLive }: EarlierRelease,
): Absence {
  const told = `as run ${run} of this state directory says (started ${day(since)})`;
  const was = `${versionOf(model, version)} was ${isLive ? `live under ${model}@${alias}` : "registered"}`;
  const other = uri === registry.uri ? null : uri;
  const about = { model, alias, version, since, back: null, registry: other, witness: "state" as const };
  if (model !== scope.model) {
    const detail = `this runbook served the model ${model} before: ${was} in ${uri}, ${told}; ${scope.model} was never live`;
    return { what: "name", ...about, detail };
  }
  if (other !== null) {
    const detail = `another registry was used before: ${was} in ${uri}, ${told}; this run uses ${registry.uri}, where nothing of it is`;
    return { what: "registry", ...about, detail };
  }
  if (alias !== scope.alias) {
    const detail = `another alias was used before: ${was}, ${told}; ${scope.alias} was never moved`;
    return { what: "alias", ...about, detail };
  }
  const detail = `${was} in ${uri}, ${told}, and the registry knows nothing of it`;
  return { what: "model", ...about, detail };
}

const versionOf = (model: string, version: string | null): string =>
  version === null ? `a version of ${model}` : `version ${version} of ${model}`;
