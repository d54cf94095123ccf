import { digest } from "../../durable/hash.js";
import { COPY_TAGS } from "../../kit/copied.js";
import { canonicalJson } from "../../kit/json.js";
import type { ModelRegistry, RegistryRun } from "../../kit/registry.js";
import { ofAnyRegistry } from "./tags.js";

/** A run that another registry made. */
export const isCopy = (run: RegistryRun): boolean => COPY_TAGS.origin in run.tags;

/**
 * Stands for everything that a run holds now. A copy has the state of its original, so two copies are the same exactly when their states are.
 * A closed run has its points and parts; those of an open one are asked for. Of files the paths count: files of other content come with another
 * decision, which is a tag.
 * @returns null for a copy that is not whole
 */
export async function stateOf(registry: ModelRegistry, run: RegistryRun): Promise<string | null> {
  if (isCopy(run)) return run.tags[COPY_TAGS.state] ?? null;
  const { key, closed, params, metrics } = run;
  const files = await registry.listArtifacts(run.runId);
  const values = { key, closed, tags: ofAnyRegistry(run.tags), params, metrics, files };
  if (closed) return digest(canonicalJson(values));
  const { points, inputs, parts } = await registry.runDetails(run.runId);
  const partStates = await Promise.all(parts.map((part) => stateOf(registry, part)));
  return digest(canonicalJson({ ...values, points, inputs, parts: partStates }));
}
