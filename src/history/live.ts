import { SnapshotMeta } from "../kit/artifacts/snapshot.js";
import { versionHere } from "../kit/copied.js";
import { fail } from "../kit/failure.js";
import { refOf } from "../kit/model-ref.js";
import type { AliasMove, ModelRegistry, RegistryRun } from "../kit/registry.js";
import { isAbout } from "./alias-trail.js";
import { movesOf } from "./model-moves.js";
import { closedRuns } from "./previous.js";
import { readIfThere } from "./read-if-there.js";
import { RUN_TAGS } from "./run-tags.js";

/** Folders of a registry run in which a snapshot stands: of the run's own candidate, and of the champion of that time. */
const CANDIDATE = "snapshot";
const CHAMPION = "champion-snapshot";

const metaIn = (folder: string): string => `${folder}/snapshot.json`;
const tableIn = (folder: string): string => `${folder}/snapshot.parquet`;

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
}

/**
 * What was live at the cutoff of every earlier quarter, latest first, at most one a quarter:
 *
 * 1. the snapshot of the quarter's candidate, if `alias` has named that version. Where a quarter was run again, the one whose version was
 *    promoted last. A promoted run without a snapshot gives none;
 * 2. else the champion's snapshot of the quarter's newest run that has one, if `alias` has named the champion that made it: the candidate
 *    was not promoted, so services went on calling that version with fresh history. Runs without such a snapshot are passed over.
 *
 * Only closed runs count.
 * @throws FailureError `snapshot.unreadable` when a snapshot's description is not one
 */
export async function liveSnapshots(
  registry: ModelRegistry,
  scope: { readonly model: string; readonly alias: string; readonly quarter: string },
): Promise<LiveSnapshot[]> {
  const moves = (await movesOf(registry, scope.model)).filter(({ alias }) => alias === scope.alias);

  const byQuarter = new Map<string, RegistryRun[]>();
  for (const run of await closedRuns(registry, scope.model, scope.quarter)) {
    byQuarter.set(run.quarter, [...(byQuarter.get(run.quarter) ?? []), run]);
  }

  const live: LiveSnapshot[] = [];
  for (const runs of byQuarter.values()) {
    const promoted = lastPromoted(runs, moves);
    const snapshot =
      promoted === null
        ? await championSnapshot(registry, runs, moves)
        : await snapshotIn(registry, promoted, CANDIDATE);
    if (snapshot !== null) live.push(snapshot);
  }
  return live.sort((a, b) => (a.cutoff < b.cutoff ? 1 : a.cutoff > b.cutoff ? -1 : 0));
}

/**
 * A number may have come to mean another model since, so it is the model that counts.
 * @param moves of the alias, oldest first
 */
function lastPromoted(runs: readonly RegistryRun[], moves: readonly AliasMove[]): RegistryRun | null {
  const at = ({ tags }: RegistryRun) => {
    const version = { version: tags[RUN_TAGS.version] ?? "", ...refOf({ tags }) };
    return moves.findLastIndex((move) => isAbout(move, version));
  };
  const promoted = runs.filter((run) => at(run) >= 0).sort((a, b) => at(b) - at(a));
  return promoted[0] ?? null;
}

/**
 * A champion's snapshot was made by what the alias named then, so its number is the one that it had.
 * @param runs of one quarter, newest first
 */
async function championSnapshot(
  registry: ModelRegistry,
  runs: readonly RegistryRun[],
  moves: readonly AliasMove[],
): Promise<LiveSnapshot | null> {
  for (const run of runs) {
    const snapshot = await snapshotIn(registry, run, CHAMPION);
    if (snapshot !== null && moves.some(({ to }) => to === snapshot.version)) return snapshot;
  }
  return null;
}

async function snapshotIn(
  registry: ModelRegistry,
  { runId, quarter, cutoff, tags }: RegistryRun,
  folder: string,
): Promise<LiveSnapshot | null> {
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
