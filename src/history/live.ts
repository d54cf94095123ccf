import { SnapshotMeta } from "../kit/artifacts/snapshot.js";
import { versionHere } from "../kit/copied.js";
import { fail } from "../kit/failure.js";
import { refOf } from "../kit/model-ref.js";
import type { AliasMove, ModelRegistry, RegistryRun } from "../kit/registry.js";
import { answerKey, isAbout, isAdoption, isRollback } from "./alias-trail.js";
import { movesOf } from "./model-moves.js";
import { closedRuns } from "./previous.js";
import { readIfThere } from "./read-if-there.js";
import { RUN_TAGS } from "./run-tags.js";

/** Folders of a registry run in which a snapshot stands: of the run's own candidate, and of the champion of that time. */
const CANDIDATE = "snapshot";
const CHAMPION = "champion-snapshot";

const metaIn = (folder: string): string => `${folder}/snapshot.json`;
const tableIn = (folder: string): string => `${folder}/snapshot.parquet`;

/**
 * Why a snapshot is what services had: its version was put live by the gate, by an approval or an adoption; or the candidate of that quarter was
 * not, so the version before stayed; or it came back, since the candidate was rolled back.
 */
export type LiveReason = "promoted" | "approved" | "adopted" | "stayed" | "rolled-back";

/** A forecast that the business planned with: its model was live. */
export interface LiveSnapshot {
  /** The quarter at whose cutoff the forecast was made. */
  readonly quarter: string;
  readonly cutoff: string;
  /** The version that made it: that quarter's own, or the earlier one that stayed live. */
  readonly version: string;
  readonly runId: string;
  /** Path of its rows in the registry run. */
  readonly table: string;
  readonly meta: SnapshotMeta;
  readonly why: LiveReason;
  /** Of `rolled-back`: the version that was taken back. */
  readonly insteadOf?: string;
}

/** A version that services had from a cutoff on, after a rollback, and that left no forecast from there. */
export interface Unrecorded {
  readonly quarter: string;
  readonly cutoff: string;
  readonly version: string;
  readonly insteadOf: string;
}

export interface LiveHistory {
  /** Latest first, at most one a quarter. */
  readonly snapshots: readonly LiveSnapshot[];
  readonly unrecorded: readonly Unrecorded[];
}

/**
 * What was live at the cutoff of every earlier quarter, latest first, at most one a quarter:
 *
 * 1. the snapshot of the quarter's candidate, if `alias` has named that version. Where a quarter was run again, the one whose version was
 *    promoted last. A promoted run without a snapshot gives none;
 * 2. else the champion's snapshot of the quarter's newest run that has one, if `alias` has named the champion that made it: the candidate
 *    was not promoted, so services went on calling that version with fresh history. Runs without such a snapshot are passed over;
 * 3. if what counts by these was rolled back before a run of a later quarter began, services had the version that came back: the champion's snapshot
 *    if that version made it, and none otherwise.
 *
 * Only closed runs count.
 * @throws FailureError `snapshot.unreadable` when a snapshot's description is not one
 */
export async function liveHistory(
  registry: ModelRegistry,
  scope: { readonly model: string; readonly alias: string; readonly quarter: string },
): Promise<LiveHistory> {
  const moves = (await movesOf(registry, scope.model)).filter(({ alias }) => alias === scope.alias);

  const byQuarter = new Map<string, RegistryRun[]>();
  for (const run of await closedRuns(registry, scope.model, scope.quarter)) {
    byQuarter.set(run.quarter, [...(byQuarter.get(run.quarter) ?? []), run]);
  }

  const snapshots: LiveSnapshot[] = [];
  const unrecorded: Unrecorded[] = [];
  // Latest first: when a run of a later quarter began, this quarter's forecast was no longer the newest one.
  let until: string | null = null;
  for (const runs of byQuarter.values()) {
    const found = await snapshotOf(registry, runs, moves, until);
    if (found !== null) {
      if ("meta" in found) snapshots.push(found);
      else unrecorded.push(found);
    }
    for (const { createdAt } of runs) if (until === null || createdAt < until) until = createdAt;
  }
  return {
    snapshots: snapshots.sort((a, b) => (a.cutoff < b.cutoff ? 1 : a.cutoff > b.cutoff ? -1 : 0)),
    unrecorded,
  };
}

/** As `liveHistory`: what there is of it. */
export const liveSnapshots = async (
  ...asked: Parameters<typeof liveHistory>
): Promise<readonly LiveSnapshot[]> => (await liveHistory(...asked)).snapshots;

/** @param until ISO instant from which on a rollback is about a later quarter; null: none is */
async function snapshotOf(
  registry: ModelRegistry,
  runs: readonly RegistryRun[],
  moves: readonly AliasMove[],
  until: string | null,
): Promise<LiveSnapshot | Unrecorded | null> {
  const promoted = lastPromoted(runs, moves);
  const { quarter, cutoff } = runs[0]!;
  const taken = promoted === null ? null : takenBack(moves, promoted.place, until);
  if (taken !== null) {
    const { from, to } = taken;
    const insteadOf = from!;
    const back = await championSnapshot(registry, runs, (version) => version === to);
    if (back === null) return { quarter, cutoff, version: to, insteadOf };
    return { ...back, why: "rolled-back", insteadOf };
  }
  if (promoted !== null) {
    const found = await snapshotIn(registry, promoted.run, CANDIDATE);
    return found === null ? null : { ...found, why: reasonOf(moves[promoted.place]!) };
  }
  const stayed = await championSnapshot(registry, runs, (version) => moves.some(({ to }) => to === version));
  if (stayed === null) return null;
  const { createdAt } = runs.find(({ runId }) => runId === stayed.runId)!;
  const later = moves.findLast(
    (move) =>
      isRollback(move) && move.from === stayed.version && move.at >= createdAt && isBefore(move, until),
  );
  if (later === undefined) return { ...stayed, why: "stayed" };
  return { quarter, cutoff, version: later.to, insteadOf: stayed.version };
}

const isBefore = ({ at }: AliasMove, until: string | null): boolean => until === null || at <= until;

function reasonOf(move: AliasMove): LiveReason {
  if (isAdoption(move)) return "adopted";
  return move.decision !== null && move.key === answerKey(move.alias, move.decision)
    ? "approved"
    : "promoted";
}

/** The rollback that took back what a move had put live, while that was the newest forecast. */
function takenBack(moves: readonly AliasMove[], place: number, until: string | null): AliasMove | null {
  const next = moves[place + 1];
  if (next === undefined || !isRollback(next) || next.from !== moves[place]!.to) return null;
  return isBefore(next, until) ? next : null;
}

/**
 * A number may have come to mean another model since, so it is the model that counts.
 * @param moves of the alias, oldest first
 * @returns the run, and the index of the move that put its version live last
 */
function lastPromoted(
  runs: readonly RegistryRun[],
  moves: readonly AliasMove[],
): { readonly run: RegistryRun; readonly place: number } | null {
  const placeOf = ({ tags }: RegistryRun) => {
    const version = { version: tags[RUN_TAGS.version] ?? "", ...refOf({ tags }) };
    return moves.findLastIndex((move) => isAbout(move, version));
  };
  const promoted = runs
    .map((run) => ({ run, place: placeOf(run) }))
    .filter(({ place }) => place >= 0)
    .sort((a, b) => b.place - a.place);
  return promoted[0] ?? null;
}

/**
 * A champion's snapshot was made by what the alias named then, so its number is the one that it had.
 * @param runs of one quarter, newest first
 */
async function championSnapshot(
  registry: ModelRegistry,
  runs: readonly RegistryRun[],
  isLive: (version: string) => boolean,
): Promise<Omit<LiveSnapshot, "why"> | null> {
  for (const run of runs) {
    const snapshot = await snapshotIn(registry, run, CHAMPION);
    if (snapshot !== null && isLive(snapshot.version)) return snapshot;
  }
  return null;
}

async function snapshotIn(
  registry: ModelRegistry,
  { runId, quarter, cutoff, tags }: RegistryRun,
  folder: string,
): Promise<Omit<LiveSnapshot, "why"> | null> {
  const path = metaIn(folder);
  const bytes = await readIfThere(registry, runId, path);
  if (bytes === null) return null;
  const meta = parseMeta(bytes, `${path} of registry run ${runId}`);
  const version = versionHere(tags, meta.version);
  return { quarter, cutoff, version, runId, table: tableIn(folder), meta };
}

function parseMeta(bytes: Uint8Array, file: string): SnapshotMeta {
  try {
    return SnapshotMeta.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    const detail =
      error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 300) : String(error);
    return fail({ code: "snapshot.unreadable", retryable: false, file, line: null, detail }, error);
  }
}
