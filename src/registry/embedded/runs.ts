import { join } from "node:path";
import { z } from "zod";
import { sha256 } from "../../durable/hash.js";
import { fail } from "../../kit/failure.js";
import type { ModelRegistry, RegistryRun } from "../../kit/registry.js";
import { checkModelName } from "./names.js";
import { layout, readRecord, type Store, whileLocked, writeRecord } from "./store.js";

const Run = z.object({
  runId: z.string(),
  key: z.string(),
  model: z.string(),
  name: z.string(),
  quarter: z.string(),
  cutoff: z.string(),
  closed: z.boolean(),
  createdAt: z.string(),
  tags: z.record(z.string(), z.string()),
  params: z.record(z.string(), z.string()),
  metrics: z.record(z.string(), z.number()),
});

/** `order` counts the runs of a folder: two runs of one millisecond have an order too. */
const StoredRun = Run.extend({ order: z.number().int() });
type StoredRun = z.infer<typeof StoredRun>;

type Runs = Pick<ModelRegistry, "ensureRun" | "logRun" | "closeRun" | "listRuns" | "getRun">;

export function runsOf(store: Store): Runs {
  return {
    async ensureRun(spec) {
      checkModelName(spec.model);
      return whileLocked(store, spec.model, async (locked) => {
        const same = (await listRuns(store, spec.model)).find((run) => run.key === spec.key);
        if (same !== undefined) return same;
        const run: RegistryRun = {
          ...spec,
          runId: sha256(JSON.stringify([spec.model, spec.key])).slice(0, 32),
          closed: false,
          createdAt: store.clock.now(),
          tags: { ...spec.tags },
          params: {},
          metrics: {},
        };
        await writeRun(locked, run);
        return run;
      });
    },
    logRun: (runId, values) =>
      change(store, runId, (run) => ({
        ...run,
        params: { ...run.params, ...values.params },
        metrics: { ...run.metrics, ...values.metrics },
        tags: { ...run.tags, ...values.tags },
      })),
    closeRun: (runId, tags) =>
      change(store, runId, (run) => ({ ...run, closed: true, tags: { ...run.tags, ...tags } })),
    listRuns: (model) => listRuns(store, model),
    getRun: (runId) => findRun(store, runId),
  };
}

/** @throws FailureError `registry.run-missing` */
export async function requireRun(store: Store, runId: string): Promise<RegistryRun> {
  const run = await findRun(store, runId);
  return run ?? fail({ code: "registry.run-missing", retryable: false, runId });
}

async function findRun(store: Store, runId: string): Promise<RegistryRun | null> {
  const own = await readOwn(store, runId);
  return own === null ? store.beneath.getRun(runId) : withoutOrder(own);
}

/** A run from beneath that this folder has changed keeps its place; what only this folder has comes after. */
async function listRuns(store: Store, model: string): Promise<readonly RegistryRun[]> {
  const own = (await listOwn(store)).filter((run) => run.model === model);
  const byId = new Map(own.map((run) => [run.runId, withoutOrder(run)]));
  const beneath = await store.beneath.listRuns(model);
  const shared = beneath.map((run) => byId.get(run.runId) ?? run);
  const known = new Set(beneath.map((run) => run.runId));
  return [...shared, ...[...byId.values()].filter((run) => !known.has(run.runId))];
}

async function change(store: Store, runId: string, edit: (run: RegistryRun) => RegistryRun): Promise<void> {
  const { model } = await requireRun(store, runId);
  await whileLocked(store, model, async (locked) => writeRun(locked, edit(await requireRun(locked, runId))));
}

/** Writes into this folder also what came from beneath: from then on its copy here counts. */
async function writeRun(store: Store, run: RegistryRun): Promise<void> {
  const order =
    (await readOwn(store, run.runId))?.order ??
    (await listOwn(store)).reduce((last, other) => Math.max(last, other.order), 0) + 1;
  await writeRecord(store, join(layout.run(store, run.runId), "run.json"), { ...run, order });
}

async function listOwn(store: Store): Promise<StoredRun[]> {
  const ids = await store.files.list(layout.runs(store));
  const runs = await Promise.all(ids.map((id) => readOwn(store, id)));
  // A folder without run.json holds only artifacts that this folder added to a run from beneath.
  return runs.filter((run) => run !== null).sort((a, b) => a.order - b.order);
}

function readOwn(store: Store, runId: string): Promise<StoredRun | null> {
  if (!/^[\w-]+$/.test(runId)) return Promise.resolve(null);
  return readRecord(store, join(layout.run(store, runId), "run.json"), StoredRun);
}

const withoutOrder = ({ order: _, ...run }: StoredRun): RegistryRun => run;
