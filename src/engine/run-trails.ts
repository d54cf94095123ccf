import { Promotion } from "../kit/artifacts/promotion.js";
import type { EarlierTrail } from "../kit/earlier.js";
import { FailureError } from "../kit/failure.js";
import type { ModelRegistry } from "../kit/registry.js";
import { endInTags, type TrailEnd } from "../kit/trail.js";
import type { Engine } from "./engine.js";
import { readOutput } from "./outputs.js";
import type { StepRecord } from "./records.js";
import type { TrailLeft } from "./run-records.js";

/**
 * How the record of alias moves ended, as the registry run says that these steps have closed: the journal says it too, so that it stands in two places.
 * @returns undefined where they closed none, or none that can be read now
 */
export async function trailLeft(
  engine: Pick<Engine, "objects">,
  registry: ModelRegistry,
  steps: readonly { readonly record: StepRecord | null }[],
): Promise<TrailLeft | undefined> {
  for (const { record } of steps) {
    const promotion = await readOutput(engine, record, "promotion", "promotion.json", Promotion);
    if (promotion === null) continue;
    const { registryRun, decision } = promotion;
    const end = await endOfRun(registry, registryRun);
    return end === null ? undefined : { ...end, registry: registry.uri, registryRun, decision };
  }
  return undefined;
}

/** A registry that does not answer any more is no reason to leave the run unfinished. */
async function endOfRun(registry: ModelRegistry, runId: string): Promise<TrailEnd | null> {
  try {
    const end = endInTags((await registry.getRun(runId))?.tags ?? {});
    return end === "unreadable" ? null : end;
  } catch (error) {
    if (error instanceof FailureError) return null;
    throw error;
  }
}

/** What the runs of a state directory say that are over. */
export async function readTrails({ runs }: Pick<Engine, "runs">): Promise<readonly EarlierTrail[]> {
  const over = (await runs.list()).filter(({ header }) => !header.dryRun);
  return over.flatMap(({ header, entries }) => {
    const ends = entries.flatMap((entry) => (entry.type === "run-finished" ? (entry.trail ?? []) : []));
    return ends.slice(-1).map(({ registry, registryRun, decision, length, hash }) => ({
      model: header.model,
      registry,
      registryRun,
      decision,
      end: { length, hash },
    }));
  });
}
