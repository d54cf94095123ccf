import { join } from "node:path";
import { continuedRun, createEngine, createServices, type RunRequest, runKind } from "../../engine/engine.js";
import type { StepRecord } from "../../engine/records.js";
import { runStep } from "../../engine/run-step.js";
import type { StateFolder } from "../../engine/state-folder.js";
import { encodeSegments, type SegmentCodes } from "../../forecast/segment-codes.js";
import { Segments } from "../../kit/artifacts/segments.js";
import type { RunEvent } from "../../kit/events.js";
import { FailureError, fail } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import { maskSecrets } from "../../kit/secrets/hidden.js";
import { loadPanel } from "../../panel/artifact.js";
import type { Panel } from "../../panel/panel.js";
import type { Graph, GraphNode } from "../../plan/graph.js";
import type { Adapters } from "../adapters.js";
import { TOOLS, VERSION } from "../version.js";
import { noRegistry } from "./no-registry.js";

/** What a search trains on. */
export interface TuningPanel {
  readonly panel: Panel;
  readonly segments: SegmentCodes;
  /** Of the artifacts that they were read from; null without segments. */
  readonly hashes: { readonly panel: string; readonly segments: string | null };
}

/** The steps that a step takes something from, directly or not, in runbook order. */
export function upstreamOf(graph: Graph, node: GraphNode): readonly GraphNode[] {
  const needed = new Set<string>();
  for (const candidate of [node, ...[...graph.nodes].reverse()]) {
    if (candidate !== node && !needed.has(candidate.id)) continue;
    for (const wire of Object.values(candidate.wires)) if (wire !== null) needed.add(wire.step);
  }
  return graph.nodes.filter(({ id }) => needed.has(id));
}

/**
 * Runs the steps before the training step as a quarter would, or reuses what a quarter left of them.
 * @param files fenced by the lock of the search
 * @throws FailureError of the step that failed
 */
export async function preparePanel(
  asked: RunRequest,
  node: GraphNode,
  {
    files,
    clock,
    state,
    workers,
    signal,
    emit,
  }: {
    readonly files: DurableFiles;
    readonly clock: Adapters["clock"];
    readonly state: StateFolder;
    readonly workers: number;
    readonly signal: AbortSignal;
    readonly emit: (event: RunEvent) => void;
  },
): Promise<TuningPanel> {
  const nodes = upstreamOf(asked.graph, node);
  refuseEffects(nodes, node);
  const ids = new Set(nodes.map(({ id }) => id));
  const graph = {
    nodes: nodes.map((one) => ({ ...one, after: one.after.filter((id) => ids.has(id)) })),
  };
  const request: RunRequest = { ...asked, graph };
  const engine = createEngine({
    files,
    clock,
    // Records and objects are those of every run; the run itself is none that `retrain runs` should show or go on with.
    state: { ...state, runs: join(state.root, "tune", "panels") },
    registryFor: async () => noRegistry,
    workers,
    tools: TOOLS,
    code: { retrain: VERSION, git: null },
    emit,
    mask: maskSecrets,
  });
  const services = createServices(noRegistry, clock, workers);
  const run =
    (await continuedRun(engine, request)) ??
    (await engine.runs.create({
      ...runKind(request),
      cutoff: request.quarter.cutoff,
      alias: request.scope.model.alias,
      runbook: request.runbook.path,
      overrides: [...request.runbook.overrides],
      retrain: VERSION,
    }));
  const done = new Map<string, StepRecord>();
  const session = { engine, request, run, services, signal, done, abandoned: null };
  for (const one of graph.nodes) {
    const outcome = await runStep(session, one);
    if (outcome.failure !== null) throw new FailureError(outcome.failure);
    done.set(one.id, outcome.record!);
  }
  const reader = (port: string) => {
    const wire = node.wires[port] ?? null;
    return wire === null ? null : engine.objects.reader(done.get(wire.step)!.outputs[wire.port]!);
  };
  const input = { panel: reader("panel")!, segments: reader("segments") };
  const panel = await loadPanel({ ...request.scope, inputs: input, services });
  const grouping = await input.segments?.readJson("segments.json", Segments);
  return {
    panel,
    segments: encodeSegments(panel.series, grouping ?? null),
    hashes: { panel: input.panel.hash, segments: input.segments?.hash ?? null },
  };
}

function refuseEffects(nodes: readonly GraphNode[], node: GraphNode): void {
  const outside = nodes.find(({ type }) => type.effect === "external");
  if (outside === undefined) return;
  fail({
    code: "usage.invalid",
    retryable: false,
    message: `${node.id} needs the step ${outside.id}, which changes something outside: a search would do so too`,
    next: null,
  });
}
