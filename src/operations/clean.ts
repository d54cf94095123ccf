import { cleanState, freedBy, type Pruned } from "../engine/clean.js";
import type { Engine } from "../engine/engine.js";
import { cleanRegistry } from "../registry/embedded/clean.js";

type Cleaned = Pick<Engine, "files" | "clock" | "state" | "runs">;

/** Prunes a state directory, and what killed processes left in its registry; models, runs and moves of the registry are never touched. */
export async function cleanAll(engine: Cleaned, { dryRun }: { readonly dryRun: boolean }): Promise<Pruned[]> {
  const pruned = await cleanState(engine, { dryRun });
  const { files, clock, state } = engine;
  const place = { folder: state.registry, files, clock };
  const left = await cleanRegistry(place, { dryRun, measure: freedBy });
  return [...pruned, ...left.map((one): Pruned => ({ ...one, kind: "leftovers" }))];
}
