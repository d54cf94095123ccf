import { SnapshotMeta } from "../kit/artifacts/snapshot.js";
import { fail } from "../kit/failure.js";
import type { ModelRegistry } from "../kit/registry.js";
import { closedRuns } from "./previous.js";
import { RUN_TAGS } from "./run-tags.js";

/** Where the files of a snapshot stand in a registry run. */
const SNAPSHOT_META = "snapshot/snapshot.json";
export const SNAPSHOT_TABLE = "snapshot/snapshot.parquet";

/** A forecast that the business planned with: its model was live. */
export interface LiveSnapshot {
  readonly quarter: string;
  readonly cutoff: string;
  readonly version: string;
  readonly runId: string;
  readonly meta: SnapshotMeta;
}

/**
 * The snapshots of earlier quarters whose model version `alias` has named, latest cutoff first. One a quarter: where a quarter
 * was run again, the one whose version was promoted last. A live run without a snapshot gives none.
 * @throws FailureError `snapshot.unreadable` when a snapshot's description is not one
 */
export async function liveSnapshots(
  registry: ModelRegistry,
  scope: { readonly model: string; readonly alias: string; readonly quarter: string },
): Promise<LiveSnapshot[]> {
  const promotedAt = new Map<string, number>();
  for (const [index, move] of (await registry.aliasHistory(scope.model)).entries()) {
    if (move.alias === scope.alias) promotedAt.set(move.to, index);
  }

  const lastOfQuarter = new Map<string, { runId: string; cutoff: string; version: string; at: number }>();
  for (const run of await closedRuns(registry, scope.model, scope.quarter)) {
    const version = run.tags[RUN_TAGS.version];
    const at = version === undefined ? undefined : promotedAt.get(version);
    if (version === undefined || at === undefined) continue;
    if ((lastOfQuarter.get(run.quarter)?.at ?? -1) >= at) continue;
    lastOfQuarter.set(run.quarter, { runId: run.runId, cutoff: run.cutoff, version, at });
  }

  const live: LiveSnapshot[] = [];
  for (const [quarter, { runId, cutoff, version }] of lastOfQuarter) {
    const paths = await registry.listArtifacts(runId);
    if (!paths.includes(SNAPSHOT_META) || !paths.includes(SNAPSHOT_TABLE)) continue;
    live.push({ quarter, cutoff, version, runId, meta: await readMeta(registry, runId) });
  }
  return live.sort((a, b) => (a.cutoff < b.cutoff ? 1 : a.cutoff > b.cutoff ? -1 : 0));
}

async function readMeta(registry: ModelRegistry, runId: string): Promise<SnapshotMeta> {
  const bytes = await registry.readArtifact(runId, SNAPSHOT_META);
  try {
    return SnapshotMeta.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    const detail =
      error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 300) : String(error);
    const file = `${SNAPSHOT_META} of registry run ${runId}`;
    return fail({ code: "snapshot.unreadable", retryable: false, file, line: null, detail }, error);
  }
}
