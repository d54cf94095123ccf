import { z } from "zod";
import type { RegistryRun } from "../../kit/registry.js";
import { wholeRecord } from "../../kit/whole-record.js";
import { nameOf, OWN } from "./keys.js";
import type { Run } from "./schemas.js";
import type { Store } from "./store.js";
import { tagsOf } from "./tracking.js";
import { valuesOf } from "./values.js";

export async function recordOf(store: Store, run: Run): Promise<RegistryRun> {
  const values = await valuesOf(store, run);
  const { info, data } = run;
  const own = (key: string) => values.own(key) ?? "";
  const names = tagsOf(run);
  const metrics = data.metrics
    .filter(({ value }) => Number.isFinite(value))
    .map(({ key, value }): [string, number] => [nameOf(key, names), value])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    runId: info.run_id,
    key: own(OWN.key),
    model: own(OWN.model),
    name: values.own(OWN.title) ?? info.run_name,
    quarter: own(OWN.quarter),
    cutoff: own(OWN.cutoff),
    closed: own(OWN.closed) === "true",
    createdAt: values.own(OWN.created) ?? new Date(info.start_time).toISOString(),
    tags: values.tags,
    params: values.params,
    metrics: Object.fromEntries(metrics),
    parent: values.own(OWN.parent) ?? null,
  };
}

/**
 * Since when each metric has points: name → timestamp of the first ones. What was logged before that was a plain value, which MLflow keeps as a
 * point of step 0.
 */
const PointsSince = wholeRecord(z.string(), z.number());

export function pointsSince(text: string | undefined): Readonly<Record<string, number>> {
  return text === undefined || text === "" ? {} : PointsSince.parse(JSON.parse(text));
}

/** All that was said about an input: MLflow keeps the first of one name and digest, and no order. */
export const InputRecord = z.object({
  digest: z.string(),
  source: z.string(),
  context: z.enum(["training", "evaluation"]),
  profile: wholeRecord(z.string(), z.number()),
});
