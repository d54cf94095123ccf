import { fail } from "../../kit/failure.js";
import type { DatasetInput, MetricPoint } from "../../kit/registry.js";
import { checkRunValues, type RunValues } from "../run-values.js";
import { answer, REPEATABLE } from "./api.js";
import { putContent } from "./artifacts.js";
import { type BatchMetric, batchesOf } from "./batches.js";
import { keyOf, OWN } from "./keys.js";
import { pointsSince } from "./run-records.js";
import { Answers, type Metric, type Run } from "./schemas.js";
import type { Store } from "./store.js";
import { partsOf, placeOf, requireRun, searchIn, tagsOf } from "./tracking.js";
import { valuesOf, type Writes, writesFor } from "./values.js";

export async function logRun(store: Store, runId: string, values: RunValues): Promise<void> {
  checkRunValues(values);
  const run = await runToLog(store, runId);
  const { params = {}, metrics = {}, tags = {}, points = [], inputs = [], close = false } = values;
  const now = Math.max(store.stamp(), ...run.data.metrics.map(({ timestamp }) => timestamp + 1));
  const own: Record<string, string> = {};
  for (const { name, ...input } of inputs) own[inputTag(own, name)] = JSON.stringify(input);
  if (points.length > 0) own[OWN.points] = await withPoints(store, run, points, now);
  const names = [...Object.keys(metrics), ...points.map(({ name }) => name)].map(keyOf);
  for (const { tag } of names) if (tag !== null) own[tag[0]] = tag[1];
  const parent = tagsOf(run).get(OWN.parent);
  // The last tag of the last batch: when it is there, everything is.
  if (close && parent !== undefined) own[OWN.closed] = "true";
  const measured = [...plainMetrics(run, metrics, now), ...pointMetrics(points, now)];
  await write(store, run, writesFor(run, params, tags, own), measured);
  if (inputs.length > 0) await logInputs(store, runId, inputs);
  if (parent !== undefined) {
    noteUnread(store, parent, runId, measured);
    return finish(store, run);
  }
  if (measured.length > 0) checkKept(measured, await requireRun(store, runId));
  if (close) await closeRun(store, runId, {});
}

export async function closeRun(
  store: Store,
  runId: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const [run] = await Promise.all([runToLog(store, runId), checkParts(store, runId)]);
  await finish(store, run);
  await write(store, run, writesFor(run, {}, tags, { [OWN.closed]: "true" }), []);
}

function noteUnread(store: Store, parent: string, runId: string, sent: readonly BatchMetric[]): void {
  const parts = store.unread.get(parent) ?? new Map<string, readonly BatchMetric[]>();
  store.unread.set(parent, parts.set(runId, [...(parts.get(runId) ?? []), ...sent]));
}

/** Parts are many and nobody sees them before their run is closed: what went into them is read back then, in one call. */
async function checkParts(store: Store, parent: string): Promise<void> {
  const unread = store.unread.get(parent);
  if (unread === undefined) return;
  const { experiment } = await placeOf(store, parent);
  for (const part of await searchIn(store, [experiment], OWN.group, partsOf(parent)))
    checkKept(unread.get(part.info.run_id) ?? [], part);
  store.unread.delete(parent);
}

/** A run that nobody has logged into since this process made it is as it was then. */
async function runToLog(store: Store, runId: string): Promise<Run> {
  const untouched = store.untouched.get(runId);
  store.untouched.delete(runId);
  return untouched ?? requireRun(store, runId);
}

function inputTag(own: Record<string, string>, name: string): string {
  const { key, tag } = keyOf(name);
  if (tag !== null) own[tag[0]] = tag[1];
  return OWN.input + key;
}

async function withPoints(
  store: Store,
  run: Run,
  points: readonly MetricPoint[],
  now: number,
): Promise<string> {
  const since = { ...pointsSince((await valuesOf(store, run)).own(OWN.points)) };
  for (const { name } of points) since[name] ??= now;
  return JSON.stringify(since);
}

function plainMetrics(run: Run, metrics: Readonly<Record<string, number>>, timestamp: number): BatchMetric[] {
  const stored = new Map(run.data.metrics.map(({ key, value }) => [key, value]));
  return Object.entries(metrics)
    .map(([name, value]) => ({ key: keyOf(name).key, value, timestamp, step: 0 }))
    .filter(({ key, value }) => stored.get(key) !== value);
}

/** Of two points of one name and step the later one: they would have the same timestamp. */
function pointMetrics(points: readonly MetricPoint[], timestamp: number): BatchMetric[] {
  const latest = new Map(points.map((point) => [JSON.stringify([point.name, point.step]), point]));
  return [...latest.values()].map(({ name, step, value }) => ({
    key: keyOf(name).key,
    value,
    timestamp,
    step,
  }));
}

async function write(store: Store, run: Run, writes: Writes, metrics: readonly BatchMetric[]): Promise<void> {
  const { run_id, artifact_uri } = run.info;
  for (const [path, text] of writes.files)
    await putContent(store, artifact_uri, path, new TextEncoder().encode(text));
  const pairs = (entries: ReadonlyMap<string, string>) =>
    [...entries].map(([key, value]) => ({ key, value }));
  const batches = batchesOf({ metrics, params: pairs(writes.params), tags: pairs(writes.tags) });
  for (const batch of batches) {
    const body = {
      run_id,
      metrics: [...batch.metrics],
      params: [...batch.params],
      tags: [...batch.tags],
    };
    const call = store.api.client.POST("/api/2.0/mlflow/runs/log-batch", { body, ...REPEATABLE });
    await answer("runs/log-batch", Answers.nothing, call);
  }
}

async function logInputs(store: Store, run_id: string, inputs: readonly DatasetInput[]): Promise<void> {
  const datasets = inputs.map(({ name, digest, source, context, profile }) => ({
    tags: [{ key: "mlflow.data.context", value: context }],
    dataset: {
      name,
      digest,
      source_type: "external",
      source: JSON.stringify({ uri: source }),
      profile: JSON.stringify(profile),
    },
  }));
  const call = store.api.client.POST("/api/2.0/mlflow/runs/log-inputs", {
    body: { run_id, datasets },
    ...REPEATABLE,
  });
  await answer("runs/log-inputs", Answers.nothing, call);
}

/** What MLflow's pages show: a closed run is over, and so is a part once its values are there. */
async function finish(store: Store, { info }: Run): Promise<void> {
  const { run_id, status } = info;
  if (status !== "RUNNING") return;
  const body = { run_id, status: "FINISHED", end_time: Date.parse(store.clock.now()) };
  const call = store.api.client.POST("/api/2.0/mlflow/runs/update", { body, ...REPEATABLE });
  await answer("runs/update", Answers.nothing, call);
}

/** MLflow answers 200 to a batch that it cannot parse, and drops the rest of it. Of one key and step what was sent last counts. */
function checkKept(sent: readonly BatchMetric[], { data }: Run): void {
  const kept = new Map(data.metrics.map((metric) => [metric.key, metric]));
  const latest = new Map(sent.map((metric) => [JSON.stringify([metric.key, metric.step]), metric]));
  const lost = [...latest.values()].find((metric) => !isKept(kept.get(metric.key), metric));
  if (lost === undefined) return;
  fail({
    code: "registry.answer-unexpected",
    retryable: false,
    call: "runs/log-batch",
    detail: `metric ${lost.key} = ${lost.value} is not there after it was logged`,
  });
}

/** A point of a lower step shows only in the history of its metric, and so does what another process has logged over since. */
function isKept(kept: Metric | undefined, { value, step, timestamp }: BatchMetric): boolean {
  if (kept === undefined || kept.step < step) return false;
  return kept.step > step || kept.timestamp > timestamp || kept.value === value;
}
