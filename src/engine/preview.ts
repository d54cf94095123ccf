import { digest } from "../durable/hash.js";
import { canonicalJson } from "../kit/json.js";
import type { ModelRegistry } from "../kit/registry.js";
import { continuedRun, createServices, type Engine, type RunRequest } from "./engine.js";
import { examineStep, isBeyond } from "./examine.js";
import type { StepRecord } from "./records.js";

export interface PlannedStep {
  readonly id: string;
  readonly type: string;
  readonly action: "run" | "reuse" | "skip";
  readonly reason: string;
  /** Null where an upstream step must run first. */
  readonly fingerprint: string | null;
}

export interface RunPlan {
  readonly quarter: string;
  readonly cutoff: string;
  readonly dryRun: boolean;
  /** The run that would be continued, or null when a new one would start. */
  readonly continues: string | null;
  readonly runbook: string;
  readonly steps: readonly PlannedStep[];
  /** `sha256:` over everything above; `quarter --plan` holds a run to it. */
  readonly digest: string;
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
  // A dry run that goes on has a registry of its own.
  const seen =
    continued !== null && request.dryRun
      ? await engine.registryFor({ folder: continued.folder, dryRun: true })
      : registry;
  const services = createServices(seen, engine.clock);
  const done = new Map<string, StepRecord>();
  const steps: PlannedStep[] = [];
  for (const node of request.graph.nodes) {
    const base = { id: node.id, type: node.type.type };
    const waiting = node.after.filter((id) => !done.has(id));
    if (isBeyond(request, node)) {
      steps.push({ ...base, action: "skip", reason: "after --until", fingerprint: null });
    } else if (waiting.length > 0) {
      steps.push({ ...base, action: "run", reason: `after ${waiting.join(", ")}`, fingerprint: null });
    } else {
      const { decision, fingerprint, record } = await examineStep(engine, request, node, done, services);
      steps.push({ ...base, ...decision, fingerprint });
      if (decision.action === "reuse" && record !== null) done.set(node.id, record);
    }
  }
  const plan = {
    quarter: request.quarter.label,
    cutoff: request.quarter.cutoff,
    dryRun: request.dryRun,
    continues: continued?.header.run ?? null,
    runbook: request.runbook.digest,
    steps,
  };
  return { ...plan, digest: digest(canonicalJson(plan)) };
}
