import { thisProcess } from "../durable/process-identity.js";
import type { Verdict } from "../kit/events.js";
import { FailureError } from "../kit/failure.js";
import { skipAfter } from "../plan/decide.js";
import type { GraphNode } from "../plan/graph.js";
import { earlierRuns } from "./earlier-runs.js";
import { asBegun, continuedRun, createServices, type Engine, type RunRequest, runKind } from "./engine.js";
import { isBeyond } from "./examine.js";
import { lockRun } from "./lock.js";
import { requirePlan } from "./preview.js";
import { runStep, type Session, type Skip, type StepOutcome, skipStep } from "./run-step.js";
import { isOpenEnded, type StoredRun } from "./run-store.js";
import { trailLeft } from "./run-trails.js";

export interface RunResult {
  readonly run: StoredRun;
  readonly steps: readonly StepOutcome[];
  /** `done`: every step that is not optional has a result. `stopped`: `--until` was reached. */
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
 * @param unlocked used to take the lock; what happens under it uses the engine that the lock gives, and `conclude` gets that one too
 * @throws FailureError `run.locked` when another process holds the lock, `run.lock-lost` when it was lost on the way, `plan.mismatch` before anything is written when `request.plan` is
 * not what would be done
 */
export async function runQuarter(
  unlocked: Engine,
  request: RunRequest,
  signal: AbortSignal,
  conclude: (result: RunResult, engine: Engine) => Promise<Conclusion>,
): Promise<Conclusion> {
  const identity = thisProcess();
  const lock = await lockRun(unlocked, request);
  const { engine } = lock;
  try {
    const started = engine.clock.monotonic();
    const elapsed = () => (engine.clock.monotonic() - started) / 1000;
    if (request.plan !== undefined) await requirePlan(engine, request, request.plan);
    const earlier = await earlierRuns(engine, request);
    const run = await openRun(engine, request);
    await lock.describe(run.header.run);
    await engine.runs.log(run.header.run, {
      type: "session-started",
      pid: identity.pid,
      host: identity.host,
      runbook: request.runbook.digest,
      steps: request.graph.nodes.map(({ id }) => id),
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
    const services = createServices(registry, engine.clock, engine.workers, earlier);
    const steps = await runSteps({
      engine,
      request: asBegun(request, run),
      run,
      services,
      signal,
      done: new Map(),
      abandoned: null,
    });
    const result = { run, steps, state: stateOf(steps, signal), seconds: elapsed() };
    const conclusion = await conclude(result, engine).catch((error: unknown) => {
      // Without a report, the failure that the report would have told is what a person has to know.
      const failure = steps.find(({ failure, optional }) => failure !== null && !optional)?.failure;
      throw failure == null ? error : new FailureError(failure, { cause: error });
    });
    const trail = request.dryRun ? undefined : await trailLeft(engine, registry, steps);
    const isCutShort = result.state !== "done" && !isOpenEnded(conclusion.verdict);
    await engine.runs.log(run.header.run, {
      type: "run-finished",
      ...conclusion,
      ...(isCutShort ? { unfinished: true } : {}),
      ...(trail === undefined ? {} : { trail }),
    });
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
      overrides: request.runbook.overrides.map(engine.mask),
      retrain: engine.code.retrain,
      ...(request.fresh ? { fresh: true } : {}),
    }))
  );
}

function stateOf(steps: readonly StepOutcome[], signal: AbortSignal): RunResult["state"] {
  const needed = steps.filter(({ optional }) => !optional);
  const isBroken = ({ failure, skip }: StepOutcome) =>
    (failure !== null && failure.code !== "run.interrupted") || skip === "blocked";
  if (needed.some(isBroken)) return "failed";
  const isOver = (step: StepOutcome) => step.record !== null || (step.optional && isBroken(step));
  const isComplete = steps.every(isOver);
  if (signal.aborted && !isComplete) return "interrupted";
  return isComplete ? "done" : "stopped";
}

async function runSteps(session: Session): Promise<StepOutcome[]> {
  const { request, done } = session;
  const outcomes: StepOutcome[] = [];
  for (const node of request.graph.nodes) {
    const skip = skipOf(session, node);
    const outcome = skip === null ? await runStep(session, node) : await skipStep(session, node, skip);
    if (outcome.record !== null) done.set(node.id, outcome.record);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Why a step is not run now, or null when it is. */
function skipOf(
  { request, signal, abandoned, done }: Session,
  node: GraphNode,
): { readonly skip: Skip; readonly reason: string } | null {
  if (isBeyond(request, node)) return { skip: "until", reason: skipAfter(request.until!).reason };
  if (signal.aborted) return { skip: "interrupted", reason: "the run was interrupted" };
  if (abandoned !== null) return { skip: "blocked", reason: `${abandoned} did not stop at its time limit` };
  const missing = node.after.find((id) => !done.has(id) && !node.tolerates.includes(id));
  return missing === undefined ? null : { skip: "blocked", reason: `${missing} has no result` };
}
