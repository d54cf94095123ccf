import { join } from "node:path";
import { z } from "zod";
import { sha256 } from "../../durable/hash.js";
import { fail } from "../../kit/failure.js";
import type { ModelRegistry, RegistryRun, RunDetails } from "../../kit/registry.js";
import { wholeRecord } from "../../kit/whole-record.js";
import { checkRunValues, latestOfPoints, mergeInputs, mergePoints, type RunValues } from "../run-values.js";
import { checkModelName } from "./names.js";
import { layout, partId, readRecord, type Store, whileLocked, writeRecord } from "./store.js";

/** A run that was written before runs had parts, points and inputs has none. */
const Run = z.object({
  runId: z.string(),
  key: z.string(),
  model: z.string(),
  name: z.string(),
  quarter: z.string(),
  cutoff: z.string(),
  closed: z.boolean(),
  createdAt: z.string(),
  tags: wholeRecord(z.string(), z.string()),
  params: wholeRecord(z.string(), z.string()),
  metrics: wholeRecord(z.string(), z.number()),
  parent: z.string().nullable().default(null),
  points: z.array(z.object({ name: z.string(), step: z.number().int(), value: z.number() })).default([]),
  inputs: z
    .array(
      z.object({
        name: z.string(),
        digest: z.string(),
        source: z.string(),
        context: z.enum(["training", "evaluation"]),
        profile: wholeRecord(z.string(), z.number()),
      }),
    )
    .default([]),
});

/**
 * `order` counts the runs of a folder: two runs of one millisecond have an order too. Points and inputs of a run from beneath are not
 * copied: this folder holds only what came on top.
 */
const StoredRun = Run.extend({ order: z.number().int() });
type StoredRun = z.infer<typeof StoredRun>;

type Runs = Pick<
  ModelRegistry,
  "ensureRun" | "logRun" | "closeRun" | "listRuns" | "findRuns" | "getRun" | "deletedRuns" | "runDetails"
>;

export function runsOf(store: Store): Runs {
  return {
    async ensureRun(spec) {
      checkModelName(spec.model);
      return whileLocked(store, spec.model, async (locked) => {
        const { parent = null } = spec;
        if (parent !== null) await requireRun(store, parent);
        const siblings = parent === null ? await listRuns(store, spec.model) : await partsOf(store, parent);
        const same = siblings.find((run) => run.key === spec.key);
        if (same !== undefined) return same;
        const id = sha256(JSON.stringify([spec.model, spec.key])).slice(0, 32);
        const run: RegistryRun = {
          ...spec,
          runId: parent === null ? id : partId(parent, id),
          closed: false,
          createdAt: spec.createdAt ?? notBefore(siblings.at(-1)?.createdAt, store.clock.now()),
          tags: { ...spec.tags },
          params: {},
          metrics: {},
          parent,
        };
        await writeRun(locked, run, {});
        return run;
      });
    },
    async logRun(runId, values) {
      checkRunValues(values);
      const { params, metrics, tags, points = [], close = false } = values;
      await change(store, runId, values, async (run) => ({
        ...run,
        closed: run.closed || close,
        params: { ...run.params, ...params },
        metrics: { ...run.metrics, ...metrics, ...(await latest(store, runId, points)) },
        tags: { ...run.tags, ...tags },
      }));
    },
    closeRun: (runId, tags) =>
      change(store, runId, {}, async (run) => ({ ...run, closed: true, tags: { ...run.tags, ...tags } })),
    listRuns: (model) => listRuns(store, model),
    async findRuns(tag, value) {
      const own = await listOwn(store, layout.runs(store));
      const tagged = own.filter((run) => run.parent === null && run.tags[tag] === value);
      return onTopOf(await store.beneath.findRuns(tag, value), tagged);
    },
    getRun: (runId) => findRun(store, runId),
    // A folder that is removed is gone.
    deletedRuns: (model) => store.beneath.deletedRuns(model),
    async runDetails(runId) {
      await requireRun(store, runId);
      return { ...(await measurementsOf(store, runId)), parts: await partsOf(store, runId) };
    },
  };
}

/** A run that is made later stands later, also where the clock has gone back. */
const notBefore = (last: string | undefined, now: string): string =>
  last === undefined || now >= last ? now : last;

/** @throws FailureError `registry.run-missing` */
export async function requireRun(store: Store, runId: string): Promise<RegistryRun> {
  const run = await findRun(store, runId);
  return run ?? fail({ code: "registry.run-missing", retryable: false, runId });
}

async function findRun(store: Store, runId: string): Promise<RegistryRun | null> {
  const own = await readOwn(store, runId);
  return own === null ? store.beneath.getRun(runId) : asRun(own);
}

async function listRuns(store: Store, model: string): Promise<readonly RegistryRun[]> {
  const own = await listOwn(store, layout.runs(store));
  const runs = own.filter((run) => run.model === model && run.parent === null);
  return onTopOf(await store.beneath.listRuns(model), runs);
}

async function partsOf(store: Store, parent: string): Promise<readonly RegistryRun[]> {
  const beneath =
    (await store.beneath.getRun(parent)) === null ? null : await store.beneath.runDetails(parent);
  const shared = (beneath?.parts ?? []).map(async (part) => (await findRun(store, part.runId)) ?? part);
  return onTopOf(await Promise.all(shared), await listOwn(store, layout.parts(store, parent)));
}

/** A run from beneath that this folder has changed keeps its place; what only this folder has comes after. */
function onTopOf(beneath: readonly RegistryRun[], own: readonly StoredRun[]): readonly RegistryRun[] {
  const byId = new Map(own.map((run) => [run.runId, asRun(run)]));
  const shared = beneath.map((run) => byId.get(run.runId) ?? run);
  const known = new Set(beneath.map((run) => run.runId));
  return [...shared, ...[...byId.values()].filter((run) => !known.has(run.runId))];
}

async function measurementsOf(store: Store, runId: string): Promise<Pick<RunDetails, "points" | "inputs">> {
  const own = await readOwn(store, runId);
  const beneath = (await store.beneath.getRun(runId)) === null ? null : await store.beneath.runDetails(runId);
  return {
    points: mergePoints(beneath?.points ?? [], own?.points ?? []),
    inputs: mergeInputs(beneath?.inputs ?? [], own?.inputs ?? []),
  };
}

async function latest(store: Store, runId: string, points: NonNullable<RunValues["points"]>) {
  if (points.length === 0) return {};
  const names = new Set(points.map(({ name }) => name));
  const all = mergePoints((await measurementsOf(store, runId)).points, points);
  return latestOfPoints(all.filter(({ name }) => names.has(name)));
}

async function change(
  store: Store,
  runId: string,
  added: Pick<RunValues, "points" | "inputs">,
  edit: (run: RegistryRun) => Promise<RegistryRun>,
): Promise<void> {
  const { model } = await requireRun(store, runId);
  await whileLocked(store, model, async (locked) =>
    writeRun(locked, await edit(await requireRun(locked, runId)), added),
  );
}

/** Writes into this folder also what came from beneath: from then on its copy here counts. */
async function writeRun(
  store: Store,
  run: RegistryRun,
  { points = [], inputs = [] }: Pick<RunValues, "points" | "inputs">,
): Promise<void> {
  const before = await readOwn(store, run.runId);
  const stored: StoredRun = {
    ...run,
    tags: { ...run.tags },
    params: { ...run.params },
    metrics: { ...run.metrics },
    points: [...mergePoints(before?.points ?? [], points)],
    inputs: mergeInputs(before?.inputs ?? [], inputs).map((input) => ({
      ...input,
      profile: { ...input.profile },
    })),
    order: before?.order ?? (await nextOrder(store, run.parent)),
  };
  await writeRecord(store, join(layout.run(store, run.runId), "run.json"), stored);
}

async function nextOrder(store: Store, parent: string | null): Promise<number> {
  const siblings = await listOwn(store, parent === null ? layout.runs(store) : layout.parts(store, parent));
  return siblings.reduce((last, other) => Math.max(last, other.order), 0) + 1;
}

/** Oldest first; a run that was copied from another registry stands where it was made. */
async function listOwn(store: Store, folder: string): Promise<StoredRun[]> {
  const names = await store.files.list(folder);
  const runs = await Promise.all(names.map((name) => readStored(store, join(folder, name))));
  // A folder without run.json holds only artifacts, or parts, that this folder added to a run from beneath.
  return runs
    .filter((run) => run !== null)
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.order - b.order));
}

function readOwn(store: Store, runId: string): Promise<StoredRun | null> {
  if (!/^[\w-]+$/.test(runId)) return Promise.resolve(null);
  return readStored(store, layout.run(store, runId));
}

const readStored = (store: Store, folder: string): Promise<StoredRun | null> =>
  readRecord(store, join(folder, "run.json"), StoredRun);

const asRun = ({ order: _, points: _points, inputs: _inputs, ...run }: StoredRun): RegistryRun => run;
