import { digest } from "../durable/hash.js";
import type { Cause, Change } from "../kit/explanation.js";
import { fail } from "../kit/failure.js";
import { canonicalJson } from "../kit/json.js";
import type { ModelRegistry } from "../kit/registry.js";
import { valueOrDamage } from "../kit/soundness.js";
import { decideWaiting, type StepDecision, skipAfter } from "../plan/decide.js";
import type { FingerprintComponents } from "../plan/fingerprint.js";
import type { GraphNode } from "../plan/graph.js";
import { earlierRuns } from "./earlier-runs.js";
import { asBegun, continuedRun, createServices, type Engine, type RunRequest } from "./engine.js";
import { examineStep, isBeyond, knownChanges, lastTime } from "./examine.js";
import type { StepRecord } from "./records.js";

export interface PlannedStep {
  readonly id: string;
  readonly type: string;
  readonly action: "run" | "reuse" | "skip";
  readonly cause: Cause;
  readonly reason: string;
  /** What differs from the last time that it ran, the most telling first; what is known of it where an upstream step must run first. */
  readonly changes: readonly Change[];
  /** Null where an upstream step must run first. */
  readonly fingerprint: string | null;
}

export interface RunPlan {
  readonly quarter: string;
  readonly cutoff: string;
  readonly dryRun: boolean;
  readonly fresh: boolean;
  readonly from: string | null;
  readonly until: string | null;
  /** The run that would be continued, or null when a new one would start. */
  readonly continues: string | null;
  readonly runbook: string;
  /** The version that the alias names. */
  readonly champion: string | null;
  readonly steps: readonly PlannedStep[];
  /** `sha256:` over everything that decides what is done, so not over the words; `quarter --plan` holds a run to it. */
  readonly digest: string;
}

/** A step as the plan sees it. */
export interface Walked {
  readonly node: GraphNode;
  readonly decision: StepDecision;
  readonly fingerprint: string | null;
  /** Null where an upstream step must run first, or where it comes after `--until`. */
  readonly components: FingerprintComponents | null;
  /** Steps right before this one that must run first. */
  readonly waiting: readonly string[];
}

/** Decides every step in order, without running any. Reads only. */
export async function walkPlan(
  engine: Engine,
  asked: RunRequest,
  registry: ModelRegistry,
): Promise<readonly Walked[]> {
  const request = asBegun(asked, await continuedRun(engine, asked));
  const earlier = await earlierRuns(engine, request);
  const services = createServices(registry, engine.clock, engine.workers, earlier);
  const done = new Map<string, StepRecord>();
  const walked: Walked[] = [];
  for (const node of request.graph.nodes) {
    const waiting = node.after.filter((id) => !done.has(id));
    if (isBeyond(request, node)) {
      walked.push({
        node,
        decision: skipAfter(request.until!),
        fingerprint: null,
        components: null,
        waiting: [],
      });
    } else if (waiting.length > 0) {
      const last = await lastTime(engine, request, node.id);
      const known = last === null ? [] : knownChanges(engine, request, node, done, last.record.components);
      walked.push({
        node,
        decision: decideWaiting(waiting, known),
        fingerprint: null,
        components: null,
        waiting,
      });
    } else {
      const { decision, fingerprint, components, record } = await examineStep(
        engine,
        request,
        node,
        done,
        services,
      );
      walked.push({ node, decision, fingerprint, components, waiting: [] });
      if (decision.action === "reuse" && record !== null) done.set(node.id, record);
    }
  }
  return walked;
}

/** The registry that a run of this request would see: a dry run that goes on has one of its own. */
export async function registryOfRequest(
  engine: Engine,
  request: RunRequest,
  registry: ModelRegistry,
): Promise<ModelRegistry> {
  if (!request.dryRun) return registry;
  const continued = await continuedRun(engine, request);
  return continued === null ? registry : engine.registryFor({ folder: continued.folder, dryRun: true });
}

/**
 * What `quarter` would do now, by the same decisions, without doing it. Reads only. A step whose upstream must run first is planned to run;
 * it will be reused where the upstream leaves the same outputs as before.
 */
export async function previewRun(
  engine: Engine,
  request: RunRequest,
  registry: ModelRegistry,
): Promise<RunPlan> {
  const continued = await continuedRun(engine, request);
  const seen = await registryOfRequest(engine, request, registry);
  const steps = (await walkPlan(engine, request, seen)).map(
    ({ node, decision, fingerprint }): PlannedStep => ({
      id: node.id,
      type: node.type.type,
      ...decision,
      fingerprint,
    }),
  );
  const { model } = request.scope;
  const plan = {
    quarter: request.quarter.label,
    cutoff: request.quarter.cutoff,
    dryRun: request.dryRun,
    fresh: request.fresh,
    from: request.from,
    until: request.until,
    continues: continued?.header.run ?? null,
    runbook: request.runbook.digest,
    champion: nameOrNone(await valueOrDamage(seen.getAlias(model.name, model.alias))),
  };
  const done = steps.map(({ id, type, action, fingerprint }) => ({ id, type, action, fingerprint }));
  return { ...plan, steps, digest: digest(canonicalJson({ ...plan, steps: done })) };
}

/** Where the record of alias moves is damaged, nobody knows what is live: the gate will say so. */
const nameOrNone = (found: string | null | object): string | null =>
  typeof found === "string" ? found : null;

/** @throws FailureError `plan.mismatch` when something else than the plan with this digest would be done now */
export async function requirePlan(engine: Engine, request: RunRequest, expected: string): Promise<void> {
  const registry = await engine.registryFor({ folder: engine.state.root, dryRun: false });
  const { digest: actual } = await previewRun(engine, request, registry);
  if (actual !== expected) fail({ code: "plan.mismatch", retryable: false, expected, actual });
}
