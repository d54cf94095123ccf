import type { Artifact } from "../kit/artifact.js";
import type { Change, StepExplanation, UpstreamExplanation } from "../kit/explanation.js";
import type { ModelRegistry } from "../kit/registry.js";
import { changesOf } from "../plan/changes.js";
import type { Engine, RunRequest } from "./engine.js";
import { lastTime } from "./examine.js";
import { registryOfRequest, type Walked, walkPlan } from "./preview.js";

/** The two artifacts behind a changed input; either is null where no record of it is left. */
export interface ChangedInput {
  readonly port: string;
  readonly before: Artifact | null;
  readonly after: Artifact | null;
}

export interface Explained {
  readonly explanation: Omit<StepExplanation, "inputs">;
  readonly changedInputs: readonly ChangedInput[];
}

/** What `quarter` would do with one step of the graph, and why. Reads only. */
export async function explainStep(
  engine: Engine,
  request: RunRequest,
  registry: ModelRegistry,
  step: string,
): Promise<Explained> {
  const walked = await walkPlan(engine, request, await registryOfRequest(engine, request, registry));
  const here = walked.find(({ node }) => node.id === step);
  if (here === undefined) throw new Error(`the graph has no step ${step}`);
  const last = await lastTime(engine, request, step);
  const changes =
    here.components === null || last === null
      ? here.decision.changes
      : changesOf(last.record.components, here.components);
  const explanation = {
    quarter: request.quarter.label,
    dryRun: request.dryRun,
    step,
    type: here.node.type.type,
    action: here.decision.action,
    cause: here.decision.cause,
    reason: here.decision.reason,
    last: last === null ? null : { run: last.run, model: last.model },
    madeBy: here.decision.action === "reuse" ? await madeBy(engine, request, here.fingerprint!) : null,
    fingerprint: here.fingerprint,
    changes,
    upstream: upstreamOf(walked, here),
  };
  const changedInputs: ChangedInput[] = [];
  for (const change of changes)
    if (change.area === "input") changedInputs.push(await changedInput(engine, change));
  return { explanation, changedInputs };
}

/** The artifacts that a change of an input is about. */
export async function changedInput(engine: Engine, { name, before, after }: Change): Promise<ChangedInput> {
  const find = (hash: Change["before"]) =>
    typeof hash === "string" ? engine.records.artifact(hash) : Promise.resolve(null);
  return { port: name, before: await find(before), after: await find(after) };
}

/** Every step that this one waits for, directly or through others, in runbook order. */
function upstreamOf(walked: readonly Walked[], here: Walked): UpstreamExplanation[] {
  const wanted = new Set(here.waiting);
  const chain: UpstreamExplanation[] = [];
  for (const { node, decision, waiting } of [...walked].reverse()) {
    if (!wanted.has(node.id)) continue;
    for (const id of waiting) wanted.add(id);
    const { cause, reason, changes } = decision;
    chain.unshift({ step: node.id, cause, reason, changes, after: waiting });
  }
  return chain;
}

/** The latest run that made the record with this fingerprint, rather than reused it. */
async function madeBy(
  engine: Engine,
  request: RunRequest,
  fingerprint: string,
): Promise<StepExplanation["madeBy"]> {
  for (const { header, entries } of (await engine.runs.ofQuarter(request.quarter.label)).reverse()) {
    const made = entries.findLast(
      (entry) => entry.type === "step-succeeded" && entry.fingerprint === fingerprint,
    );
    if (made !== undefined) return { run: header.run, at: made.at };
  }
  return null;
}
