import type { Engine, RunRequest } from "../../engine/engine.js";
import type { RunResult } from "../../engine/run.js";
import type { Verdict } from "../../kit/events.js";
import { FailureError } from "../../kit/failure.js";
import type { AliasMove, ModelRegistry } from "../../kit/registry.js";
import type { LiveVersion } from "../../report/run-document.js";
import type { RunArtifacts } from "./artifacts.js";

/** What the run did to the alias, and what the alias names now that nothing more is done to it. */
export interface Release {
  /** Null where nothing was decided. */
  readonly outcome: "promoted" | "escalated" | null;
  /** What the alias named before the run, and after it; in a dry run what it would name. */
  readonly before: string | null;
  readonly after: string | null;
  /** In a dry run too, what services load. */
  readonly live: LiveVersion;
}

/**
 * Asks the registry, after the last step: a step that promoted may have failed after the alias had moved, and a person may have moved it since.
 * A registry that does not answer any more is no reason to tell nothing.
 */
export async function readRelease(
  engine: Engine,
  request: RunRequest,
  result: RunResult,
  artifacts: RunArtifacts,
): Promise<Release> {
  const { folder } = result.run;
  const own = await engine.registryFor({ folder, dryRun: request.dryRun });
  const real = request.dryRun ? await engine.registryFor({ folder, dryRun: false }) : own;
  const { promotion } = artifacts;
  const found = await aliasOf(own, request);
  const live = request.dryRun ? await aliasOf(real, request) : found;
  if (promotion !== null) {
    const { outcome, before } = promotion;
    const after = found === undefined ? promotion.after : found;
    return { outcome, before, after, live: liveVersion(live, request.dryRun ? before : promotion.after) };
  }
  const move = found === undefined ? null : await ownMove(own, request, result, artifacts, found);
  return {
    outcome: move === null ? null : "promoted",
    before: move === null ? (found ?? null) : move.from,
    after: found ?? null,
    live: liveVersion(live, undefined),
  };
}

/** @returns what the alias names, or undefined where the registry does not answer */
async function aliasOf(registry: ModelRegistry, { scope }: RunRequest): Promise<string | null | undefined> {
  try {
    return await registry.getAlias(scope.model.name, scope.model.alias);
  } catch (error) {
    if (error instanceof FailureError) return undefined;
    throw error;
  }
}

const liveVersion = (asked: string | null | undefined, left: string | null | undefined): LiveVersion => {
  if (asked !== undefined) return { version: asked, source: "registry" };
  return left === undefined ? { version: null, source: "unknown" } : { version: left, source: "run" };
};

/** The move that a promoting step made before it failed, where it still stands. */
async function ownMove(
  registry: ModelRegistry,
  { graph, scope }: RunRequest,
  { steps }: RunResult,
  { decision, registered }: RunArtifacts,
  live: string | null,
): Promise<AliasMove | null> {
  const promoting = graph.nodes.filter(({ type }) => Object.values(type.outputs).includes("promotion"));
  const failed = steps.some(
    ({ id, failure }) => failure !== null && promoting.some((node) => node.id === id),
  );
  if (!failed || decision === null || registered === null || live !== registered.version) return null;
  try {
    const moves = await registry.aliasHistory(scope.model.name);
    const own = moves.filter(
      (move) => move.alias === scope.model.alias && move.to === live && move.decision === decision.digest,
    );
    return own.at(-1) ?? null;
  } catch (error) {
    if (error instanceof FailureError) return null;
    throw error;
  }
}

/** What became of the release comes first: a step that failed after that does not undo it. */
export function verdictOf(result: RunResult, request: RunRequest, { outcome }: Release): Verdict {
  if (outcome === "promoted") return request.dryRun ? "would-promote" : "promoted";
  if (outcome === "escalated") return request.dryRun ? "would-escalate" : "escalated";
  if (result.state === "failed" || result.state === "interrupted") return result.state;
  return "completed";
}
