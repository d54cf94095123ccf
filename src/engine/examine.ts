import type { Artifact, ArtifactReader } from "../kit/artifact.js";
import type { Change } from "../kit/explanation.js";
import type { Json } from "../kit/json.js";
import { ownValue } from "../kit/own-value.js";
import {
  type ExternalContext,
  type InputPorts,
  inputKind,
  type MetricMap,
  type Services,
} from "../kit/step.js";
import { changesOf } from "../plan/changes.js";
import { decideStep, type RecordFault, type StepDecision, type StepFacts } from "../plan/decide.js";
import { type FingerprintComponents, FORMAT_VERSION, fingerprint } from "../plan/fingerprint.js";
import type { GraphNode, Wire } from "../plan/graph.js";
import { type Engine, type RunRequest, recordedScope } from "./engine.js";
import type { StepRecord } from "./records.js";
import type { RunHeader } from "./run-records.js";

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
    ...ownComponents(engine, request, node),
    inputs: Object.fromEntries(
      Object.entries(context.inputs).map(([port, reader]) => [port, reader?.hash ?? null]),
    ),
    external: {
      ...(state === null ? {} : { state }),
      ...(node.type.effect === "external" ? { registry: services.registry.uri } : {}),
      ...(node.type.readsMetrics ? { metrics: metricsOf(done) as unknown as Json } : {}),
      ...lineageOf(engine, request, node),
    },
  };
  const print = fingerprint(components);
  const found = await engine.records.find(print);
  const isForced = await forced(engine, request, node);
  const fault = found === null || isForced !== null ? null : await faultOf(engine, node, context, found);
  const isReusable = found !== null && fault === null && isForced === null;
  const facts: StepFacts = {
    forced: isForced,
    beforeFrom: request.from !== null && isForced === null ? request.from : null,
    afterUntil: isBeyond(request, node) ? request.until : null,
    components,
    record: found === null ? null : { fault },
    // What is reused needs no comparison, and a long history would make it slow.
    last: isReusable ? null : ((await lastTime(engine, request, node.id))?.record.components ?? null),
  };
  return {
    context,
    components,
    fingerprint: print,
    decision: decideStep(facts),
    record: found === "damaged" ? null : found,
  };
}

/** The part of a step's components that its upstream has no part in. */
function ownComponents(
  engine: Engine,
  request: RunRequest,
  node: GraphNode,
): Omit<FingerprintComponents, "inputs" | "external"> {
  return {
    format: FORMAT_VERSION,
    step: { type: node.type.type, version: node.type.version },
    params: node.step.recordedParams,
    scope: recordedScope(request.scope),
    tools: engine.tools,
  };
}

const lineageOf = (engine: Engine, request: RunRequest, node: GraphNode) =>
  node.type.readsLineage ? { lineage: { git: engine.code.git, runbook: request.runbook.digest } } : {};

/** What is known to differ from `last` about a step that waits for others: all but their outputs and the state that it reads itself. */
export function knownChanges(
  engine: Engine,
  request: RunRequest,
  node: GraphNode,
  done: Done,
  last: FingerprintComponents,
): Change[] {
  const inputs = Object.entries(node.wires).map(([port, wire]) => {
    const artifact = artifactOf(wire, done);
    const isKnown = wire === null || done.has(wire.step);
    return [port, isKnown ? (artifact?.hash ?? null) : (ownValue(last.inputs, port) ?? null)] as const;
  });
  return changesOf(last, {
    ...ownComponents(engine, request, node),
    inputs: Object.fromEntries(inputs),
    external: {
      ...(last.external as Readonly<Record<string, Json>>),
      ...lineageOf(engine, request, node),
    },
  });
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
  const readers = Object.entries(node.wires).map(([port, wire]) => {
    const artifact = artifactOf(wire, done);
    const isLeftOut = wire !== null && !done.has(wire.step) && node.tolerates.includes(wire.step);
    if (wire !== null && !isLeftOut && artifact?.kind !== inputKind(node.type.inputs[port]!)) {
      throw new Error(`step ${wire.step} left no ${wire.port} for ${node.id}`);
    }
    return [port, artifact === undefined ? null : engine.objects.reader(artifact)];
  });
  return Object.fromEntries(readers) as Record<string, ArtifactReader>;
}

function artifactOf(wire: Wire | null, done: Done): Artifact | undefined {
  const outputs = wire === null ? undefined : done.get(wire.step)?.outputs;
  return outputs && ownValue(outputs, wire!.port);
}

async function faultOf(
  engine: Engine,
  node: GraphNode,
  context: ExternalContext<unknown, InputPorts>,
  record: StepRecord | "damaged",
): Promise<RecordFault | null> {
  if (record === "damaged") return { cause: "damaged", reason: "its record is damaged" };
  for (const artifact of Object.values(record.outputs)) {
    const broken = await engine.objects.damage(artifact);
    if (broken !== null) return { cause: "damaged", reason: broken };
  }
  const outputs = Object.fromEntries(
    Object.entries(record.outputs).map(([port, artifact]) => [port, engine.objects.reader(artifact)]),
  );
  const gone = (await node.type.holds?.(context, outputs)) ?? null;
  return gone === null ? null : { cause: "effect-gone", reason: gone };
}

async function forced(engine: Engine, request: RunRequest, node: GraphNode): Promise<StepFacts["forced"]> {
  if (request.fresh) return "fresh";
  const { freshRun } = request;
  if (freshRun !== undefined && (await engine.runs.stepRecord(freshRun, node.id)) === null) return "fresh";
  if (request.from === null) return null;
  const ids = request.graph.nodes.map(({ id }) => id);
  return ids.indexOf(node.id) >= ids.indexOf(request.from) ? "from" : null;
}

export function isBeyond(request: RunRequest, node: GraphNode): boolean {
  if (request.until === null) return false;
  const ids = request.graph.nodes.map(({ id }) => id);
  return ids.indexOf(node.id) > ids.indexOf(request.until);
}

/** A step as a run left it. */
export interface LastTime {
  readonly run: string;
  readonly model: string;
  readonly record: StepRecord;
}

/** The last time that the step succeeded or was reused for this quarter: in a run of this model, or else of any. */
export async function lastTime(engine: Engine, request: RunRequest, step: string): Promise<LastTime | null> {
  const headers = await engine.runs.headersOfQuarter(request.quarter.label);
  const isOurs = ({ model }: RunHeader) => model === request.scope.model.name;
  const byRelevance = [
    ...headers.filter(isOurs).reverse(),
    ...headers.filter((header) => !isOurs(header)).reverse(),
  ];
  for (const { run, model } of byRelevance) {
    const record = await engine.runs.stepRecord(run, step);
    if (record !== null) return { run, model, record };
  }
  return null;
}
