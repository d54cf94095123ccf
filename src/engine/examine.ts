import type { ArtifactReader } from "../kit/artifact.js";
import type { Json } from "../kit/json.js";
import {
  type ExternalContext,
  type InputPorts,
  inputKind,
  type MetricMap,
  type Services,
} from "../kit/step.js";
import { decideStep, type StepDecision, type StepFacts } from "../plan/decide.js";
import { type FingerprintComponents, FORMAT_VERSION, fingerprint } from "../plan/fingerprint.js";
import type { GraphNode } from "../plan/graph.js";
import { type Engine, type RunRequest, recordedScope } from "./engine.js";
import type { StepRecord } from "./records.js";
import type { StoredRun } from "./run-store.js";

/** A step that is done, in this run or, as a record, in an earlier one. */
export type Done = ReadonlyMap<string, StepRecord>;

export interface Examination {
  readonly context: ExternalContext<unknown, InputPorts>;
  readonly components: FingerprintComponents;
  readonly fingerprint: string;
  readonly decision: StepDecision;
  readonly record: StepRecord | null;
}

/** Gathers the facts about a step whose upstream is done, and decides. `plan` and `quarter` both ask here. */
export async function examineStep(
  engine: Engine,
  request: RunRequest,
  node: GraphNode,
  done: Done,
  services: Services,
): Promise<Examination> {
  const context: ExternalContext<unknown, InputPorts> = {
    ...request.scope,
    params: node.step.params,
    inputs: inputReaders(engine, node, done),
    services,
  };
  const state = (await node.type.external?.(context)) ?? null;
  const components: FingerprintComponents = {
    format: FORMAT_VERSION,
    step: { type: node.type.type, version: node.type.version },
    params: node.step.recordedParams,
    inputs: Object.fromEntries(
      Object.entries(context.inputs).map(([port, reader]) => [port, reader?.hash ?? null]),
    ),
    scope: recordedScope(request.scope),
    external: {
      ...(state === null ? {} : { state }),
      ...(node.type.effect === "external" ? { registry: services.registry.uri } : {}),
      ...(node.type.readsMetrics ? { metrics: metricsOf(done) as unknown as Json } : {}),
      ...(node.type.readsLineage
        ? { lineage: { git: engine.code.git, runbook: request.runbook.digest } }
        : {}),
    },
    tools: engine.tools,
  };
  const print = fingerprint(components);
  const record = await engine.records.find(print);
  const facts: StepFacts = {
    forced: forced(request, node),
    beyond: isBeyond(request, node),
    components,
    record: record === null ? null : { damage: await damage(engine, node, context, record) },
    last: await lastComponents(engine, request, node.id),
  };
  return { context, components, fingerprint: print, decision: decideStep(facts), record };
}

/** Metrics of every step that is done, by full path. Steps are done in runbook order, so these are the earlier ones. */
export function metricsOf(done: Done): MetricMap {
  const metrics: Record<string, MetricMap[string]> = {};
  for (const [id, record] of done) {
    for (const [name, metric] of Object.entries(record.metrics)) metrics[`${id}.${name}`] = metric;
  }
  return metrics;
}

function inputReaders(engine: Engine, node: GraphNode, done: Done): Record<string, ArtifactReader> {
  const readers: Record<string, ArtifactReader | null> = {};
  for (const [port, wire] of Object.entries(node.wires)) {
    const artifact = wire === null ? undefined : done.get(wire.step)?.outputs[wire.port];
    if (wire !== null && artifact?.kind !== inputKind(node.type.inputs[port]!)) {
      throw new Error(`step ${wire.step} left no ${wire.port} for ${node.id}`);
    }
    readers[port] = artifact === undefined ? null : engine.objects.reader(artifact);
  }
  return readers as Record<string, ArtifactReader>;
}

async function damage(
  engine: Engine,
  node: GraphNode,
  context: ExternalContext<unknown, InputPorts>,
  record: StepRecord,
): Promise<string | null> {
  for (const artifact of Object.values(record.outputs)) {
    const broken = await engine.objects.damage(artifact);
    if (broken !== null) return broken;
  }
  const outputs = Object.fromEntries(
    Object.entries(record.outputs).map(([port, artifact]) => [port, engine.objects.reader(artifact)]),
  );
  return (await node.type.holds?.(context, outputs)) ?? null;
}

function forced(request: RunRequest, node: GraphNode): StepFacts["forced"] {
  if (request.fresh) return "fresh";
  if (request.from === null) return null;
  const ids = request.graph.nodes.map(({ id }) => id);
  return ids.indexOf(node.id) >= ids.indexOf(request.from) ? "from" : null;
}

export function isBeyond(request: RunRequest, node: GraphNode): boolean {
  if (request.until === null) return false;
  const ids = request.graph.nodes.map(({ id }) => id);
  return ids.indexOf(node.id) > ids.indexOf(request.until);
}

/** What the step was made of when it last succeeded for this quarter: in a run of this model, or else of any. */
async function lastComponents(
  engine: Engine,
  request: RunRequest,
  step: string,
): Promise<FingerprintComponents | null> {
  const runs = await engine.runs.ofQuarter(request.quarter.label);
  const isOurs = ({ header }: StoredRun) => header.model === request.scope.model.name;
  const byRelevance = [...runs.filter(isOurs).reverse(), ...runs.filter((run) => !isOurs(run)).reverse()];
  for (const { header } of byRelevance) {
    const record = await engine.runs.stepRecord(header.run, step);
    if (record !== null) return record.components;
  }
  return null;
}
