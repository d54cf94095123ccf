import { compareQuarters } from "../calendar/quarter.js";
import type { ModelRegistry, RegistryRun } from "../kit/registry.js";
import { readIfThere } from "./read-if-there.js";

/** Closed runs of quarters before `beforeQuarter`: latest quarter first, and in a quarter the newest run first. */
export async function closedRuns(
  registry: ModelRegistry,
  model: string,
  beforeQuarter: string,
): Promise<readonly RegistryRun[]> {
  const runs = await registry.listRuns(model);
  return runs
    .filter((run) => run.closed && compareQuarters(run.quarter, beforeQuarter) < 0)
    .reverse()
    .sort((a, b) => compareQuarters(b.quarter, a.quarter));
}

/**
 * One file of the newest closed run of the latest quarter before `quarter` that has it, e.g. `segments/segments.json`.
 * @returns null when no earlier run has it
 */
export async function previousArtifact(
  registry: ModelRegistry,
  scope: { readonly model: string; readonly quarter: string },
  path: string,
): Promise<{ quarter: string; runId: string; bytes: Uint8Array } | null> {
  for (const { quarter, runId } of await closedRuns(registry, scope.model, scope.quarter)) {
    const bytes = await readIfThere(registry, runId, path);
    if (bytes !== null) return { quarter, runId, bytes };
  }
  return null;
}
