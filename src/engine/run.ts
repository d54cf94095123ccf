import { join } from "node:path";
import { acquireLock } from "../durable/file-lock.js";
import { thisProcess } from "../durable/process-identity.js";
import type { Verdict } from "../kit/events.js";
import { fail } from "../kit/failure.js";
import { continuedRun, createServices, type Engine, type RunRequest, runKind } from "./engine.js";
import { isBeyond } from "./examine.js";
import { runStep, type Session, type StepOutcome, skipStep } from "./run-step.js";
import type { StoredRun } from "./run-store.js";

export interface RunResult {
  readonly run: StoredRun;
  readonly steps: readonly StepOutcome[];
  /** `done`: every step has a result. `stopped`: `--until` was reached. */
  readonly state: "done" | "stopped" | "failed" | "interrupted";
  readonly seconds: number;
}

export interface Conclusion {
  readonly verdict: Verdict;
  readonly exitCode: number;
}

/**
 * Runs a request to its end, or goes on with the unfinished run of the same quarter. Holds the lock of model and state directory meanwhile.
 * `conclude` turns the result into a verdict and writes what people read; only when it has returned is the run finished, so a kill in between
 * repeats it.
 * @throws FailureError `run.locked` when another process holds the lock
 */
export async function runQuarter(
  engine: Engine,
  request: RunRequest,
  signal: AbortSignal,
  conclude: (result: RunResult) => Promise<Conclusion>,
): Promise<Conclusion> {
  const identity = thisProcess();
  const path = join(engine.state.locks, `${encodeURIComponent(request.scope.model.name)}.lock`);
  const lock = await acquireLock(engine.files, path, {
    ...identity,
    since: engine.clock.now(),
    run: request.quarter.label,
  });
  if (!lock.held) return fail({ code: "run.locked", retryable: true, path, holder: lock.by });
  try {
    const started = engine.clock.monotonic();
    const elapsed = () => (engine.clock.monotonic() - started) / 1000;
    const run = await openRun(engine, request);
    await engine.runs.log(run.header.run, {
      type: "session-started",
      pid: identity.pid,
      host: identity.host,
      runbook: request.runbook.digest,
    });
    engine.emit({
      type: "run-started",
      run: run.header.run,
      quarter: request.quarter.label,
      cutoff: request.quarter.cutoff,
      dryRun: request.dryRun,
      resumed: run.entries.length > 0,
      runbook: request.runbook.file,
      steps: request.graph.nodes.map(({ id, type }) => ({ id, type: type.type, summary: type.summary })),
    });
    const registry = await engine.registryFor({ folder: run.folder, dryRun: request.dryRun });
    const services = createServices(registry, engine.clock);
    const steps = await runSteps({ engine, request, run, services, signal, done: new Map() });
    const conclusion = await conclude({ run, steps, state: stateOf(steps, signal), seconds: elapsed() });
    await engine.runs.log(run.header.run, { type: "run-finished", ...conclusion });
    engine.emit({ type: "run-finished", run: run.header.run, ...conclusion, seconds: elapsed() });
    return conclusion;
  } finally {
    await lock.release();
  }
}

async function openRun(engine: Engine, request: RunRequest): Promise<StoredRun> {
  return (
    (await continuedRun(engine, request)) ??
    (await engine.runs.create({
      ...runKind(request),
      cutoff: request.quarter.cutoff,
      alias: request.scope.model.alias,
      runbook: request.runbook.path,
      overrides: [...request.runbook.overrides],
    }))
  );
}

function stateOf(steps: readonly StepOutcome[], signal: AbortSignal): RunResult["state"] {
  if (steps.some(({ failure }) => failure !== null && failure.code !== "run.interrupted")) return "failed";
  const isComplete = steps.every(({ status }) => status !== "skipped" && status !== "failed");
  if (signal.aborted && !isComplete) return "interrupted";
  return isComplete ? "done" : "stopped";
}

async function runSteps(session: Session): Promise<StepOutcome[]> {
  const { request, signal, done } = session;
  const outcomes: StepOutcome[] = [];
  for (const node of request.graph.nodes) {
    const missing = node.after.filter((id) => !done.has(id));
    const skip = isBeyond(request, node)
      ? "after --until"
      : signal.aborted
        ? "the run was interrupted"
        : missing.length > 0
          ? `${missing[0]} has no result`
          : null;
    const outcome = skip === null ? await runStep(session, node) : await skipStep(session, node, skip);
    if (outcome.record !== null) done.set(node.id, outcome.record);
    outcomes.push(outcome);
  }
  return outcomes;
}
