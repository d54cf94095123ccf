import { join } from "node:path";
import { systemFailure } from "../durable/errno.js";
import { fenceOf } from "../durable/fenced-files.js";
import { digest } from "../durable/hash.js";
import type { StepStatus } from "../kit/events.js";
import { type Failure, FailureError, fail } from "../kit/failure.js";
import { canonicalJson, mapTexts } from "../kit/json.js";
import type { InputPorts, MetricMap, OutputPorts, Services, StepContext } from "../kit/step.js";
import type { GraphNode } from "../plan/graph.js";
import { artifactWriter } from "./artifact-writer.js";
import { isGivenUp, type Retry, runAttempts } from "./attempts.js";
import type { Engine, RunRequest } from "./engine.js";
import { type Examination, examineStep, metricsOf } from "./examine.js";
import type { StepRecord } from "./records.js";
import type { StoredRun } from "./run-store.js";
import { openWorkspace } from "./workspace.js";

/** One process working on one run. */
export interface Session {
  readonly engine: Engine;
  readonly request: RunRequest;
  readonly run: StoredRun;
  readonly services: Services;
  readonly signal: AbortSignal;
  /** Steps that have a result, by id; the loop fills it. */
  readonly done: Map<string, StepRecord>;
  /** The step that did not stop at its time limit: nothing may run beside what is left of it. */
  abandoned: string | null;
}

/** Why a step was not run: after `--until`, the run was interrupted, or a step that it needs has no result. */
export type Skip = "until" | "interrupted" | "blocked";

export interface StepOutcome {
  readonly id: string;
  readonly type: string;
  /** Whether the run may do without it. */
  readonly optional: boolean;
  readonly status: StepStatus;
  /** Null for a step that was not skipped. */
  readonly skip: Skip | null;
  readonly seconds: number;
  readonly summary: string;
  readonly warnings: readonly string[];
  /** Present for steps that succeeded or were reused. */
  readonly record: StepRecord | null;
  readonly failure: Failure | null;
}

export async function skipStep(
  session: Session,
  node: GraphNode,
  { skip, reason }: { readonly skip: Skip; readonly reason: string },
): Promise<StepOutcome> {
  const { engine, run } = session;
  await engine.runs.log(run.header.run, { type: "step-skipped", step: node.id, reason });
  return finished(engine, node, {
    status: "skipped",
    skip,
    seconds: 0,
    summary: reason,
    record: null,
    failure: null,
  });
}

function finished(
  engine: Engine,
  node: GraphNode,
  outcome: Omit<StepOutcome, "id" | "type" | "optional" | "skip" | "warnings"> & { readonly skip?: Skip },
): StepOutcome {
  const { status, seconds, summary, failure, record, skip = null } = outcome;
  const { optional } = node.step;
  engine.emit({
    type: "step-finished",
    step: node.id,
    status,
    seconds,
    summary,
    failure,
    metrics: record?.metrics ?? {},
    ...(failure !== null && optional ? { optional } : {}),
  });
  return {
    ...outcome,
    id: node.id,
    type: node.type.type,
    optional,
    skip,
    warnings: record?.warnings ?? [],
  };
}

/** Reuses the step's record or runs it, and journals what happened. A failure is an outcome, not an exception. */
export async function runStep(session: Session, node: GraphNode): Promise<StepOutcome> {
  const { engine, request, run, done, services, signal } = session;
  const started = engine.clock.monotonic();
  const seconds = () => (engine.clock.monotonic() - started) / 1000;
  try {
    const examination = await examineStep(engine, request, node, done, services);
    const { decision, record } = examination;
    if (decision.action === "reuse" && record !== null) {
      await showRecord(engine, run, node, record);
      await engine.runs.log(run.header.run, {
        type: "step-reused",
        step: node.id,
        fingerprint: record.fingerprint,
      });
      return finished(engine, node, {
        status: "reused",
        seconds: seconds(),
        summary: record.summary,
        record,
        failure: null,
      });
    }
    engine.emit({ type: "step-started", step: node.id, reason: decision.reason });
    await engine.runs.log(run.header.run, {
      type: "step-started",
      step: node.id,
      fingerprint: examination.fingerprint,
      reason: decision.reason,
    });
    const policy = node.step.policy;
    const attempts = {
      step: node.id,
      policy,
      signal,
      wait: engine.wait,
      onRetry: (retry: Retry) => tellRetry(session, node, retry),
    };
    const made = await runAttempts(attempts, async (attempt, limited) => {
      const title = attempt === 1 ? null : `--- attempt ${attempt} of ${policy.attempts} ---`;
      const record = await execute(session, node, examination, { seconds, title, signal: limited });
      // What is done when Ctrl-C comes is kept; what is done after its time limit is not.
      if (limited.reason instanceof FailureError) throw limited.reason;
      await engine.records.commit(record);
      return record;
    });
    await engine.runs.keepStepRecord(run.header.run, node.id, made);
    await engine.runs.log(run.header.run, {
      type: "step-succeeded",
      step: node.id,
      fingerprint: made.fingerprint,
    });
    return finished(engine, node, {
      status: "succeeded",
      seconds: seconds(),
      summary: made.summary,
      record: made,
      failure: null,
    });
  } catch (error) {
    if (isGivenUp(error)) session.abandoned = node.id;
    const failure = asFailure(error, signal, node.id, engine.runs.stepFolder(run.header.run, node.id));
    try {
      await engine.runs.log(run.header.run, {
        type: "step-failed",
        step: node.id,
        code: failure.code,
        detail: mapTexts(failure, engine.mask),
        ...(node.step.optional ? { optional: true } : {}),
      });
    } catch (unlogged) {
      // The disk is full, say. What went wrong first is what a person has to know.
      throw new FailureError(failure, { cause: unlogged });
    }
    return finished(engine, node, {
      status: "failed",
      seconds: seconds(),
      summary: failure.code,
      record: null,
      failure,
    });
  }
}

async function tellRetry({ engine, run }: Session, node: GraphNode, retry: Retry): Promise<void> {
  const { attempt, failure } = retry;
  const waitSeconds = retry.waitMs / 1000;
  await engine.runs.log(run.header.run, {
    type: "step-retried",
    step: node.id,
    attempt,
    waitSeconds,
    code: failure.code,
    detail: mapTexts(failure, engine.mask),
  });
  const { attempts } = node.step.policy;
  engine.emit({ type: "step-retrying", step: node.id, attempt, attempts, waitSeconds, failure });
}

/** A reused step shows its files in this run's folder too. */
async function showRecord(
  engine: Engine,
  run: StoredRun,
  node: GraphNode,
  record: StepRecord,
): Promise<void> {
  const folder = engine.runs.stepFolder(run.header.run, node.id);
  await engine.files.remove(folder);
  for (const [port, artifact] of Object.entries(record.outputs))
    await engine.objects.show(artifact, join(folder, port));
  await engine.runs.keepStepRecord(run.header.run, node.id, record);
}

async function execute(
  session: Session,
  node: GraphNode,
  examination: Examination,
  attempt: {
    readonly seconds: () => number;
    readonly title: string | null;
    readonly signal: AbortSignal;
  },
): Promise<StepRecord> {
  const { engine, request, run, done } = session;
  const folder = engine.runs.stepFolder(run.header.run, node.id);
  await engine.files.remove(folder);
  if (node.type.effect === "external") await engine.records.forget(examination.fingerprint);
  const ports = Object.entries(node.type.outputs);
  for (const [port] of ports) await engine.files.makeFolder(join(folder, port));
  const writer = (port: string) => artifactWriter(join(folder, port), fenceOf(engine.files)?.check);
  const warnings: string[] = [];
  const logFile = engine.runs.stepLog(run.header.run, node.id);
  const workspace = openWorkspace(folder, logFile, attempt.title, engine.mask, engine.state.root);
  const context: StepContext<unknown, InputPorts, OutputPorts> = {
    ...examination.context,
    outputs: Object.fromEntries(ports.map(([port]) => [port, writer(port)])),
    workspace,
    run: { id: run.header.run, dryRun: request.dryRun, step: node.id },
    lineage: { code: engine.code, runbook: request.runbook.digest },
    idempotencyKey: idempotencyKey(request, node, examination),
    signal: attempt.signal,
    metrics: metricsOf(done),
    progress: (doneCount, total, label) =>
      engine.emit({ type: "step-progress", step: node.id, done: doneCount, total, label }),
    warn: (message) => {
      warnings.push(message);
      engine.emit({ type: "step-warned", step: node.id, message });
    },
  };
  const result = await node.type.run(context).finally(() => workspace.close());
  checkMetrics(node, result.metrics ?? {});
  const artifacts: [port: string, artifact: StepRecord["outputs"][string]][] = [];
  for (const [port, kind] of ports) {
    const artifact = await engine.objects.take(kind, join(folder, port));
    if (artifact.files.length === 0)
      fail({ code: "step.output-missing", retryable: false, step: node.id, port });
    artifacts.push([port, { ...artifact, files: [...artifact.files] }]);
  }
  return {
    fingerprint: examination.fingerprint,
    components: examination.components,
    outputs: Object.fromEntries(artifacts),
    summary: engine.mask(result.summary),
    metrics: { ...result.metrics },
    warnings: warnings.map(engine.mask),
    seconds: attempt.seconds(),
  };
}

/** JSON has no NaN: it would come back from the record as a null that nobody explains. */
function checkMetrics(node: GraphNode, metrics: MetricMap): void {
  for (const [name, { value }] of Object.entries(metrics)) {
    if (value !== null && !Number.isFinite(value))
      throw new Error(
        `step ${node.id} (${node.type.type}) reports ${name} as ${value}, not as null with a reason`,
      );
  }
}

/** Names the effect, not the attempt and not the place: the same inputs never register twice, also after a state directory moved. */
function idempotencyKey(request: RunRequest, node: GraphNode, { components }: Examination): string {
  const { registry: _registry, ...external } = components.external as Record<string, unknown>;
  const effect = {
    ...components,
    external,
    model: request.scope.model.name,
    quarter: request.quarter.label,
    step: node.id,
  };
  return digest(canonicalJson(effect));
}

function asFailure(error: unknown, signal: AbortSignal, step: string, folder: string): Failure {
  if (signal.aborted) {
    const reason: unknown = signal.reason;
    return {
      code: "run.interrupted",
      retryable: true,
      signal: reason === "SIGTERM" ? "SIGTERM" : "SIGINT",
      step,
    };
  }
  if (error instanceof FailureError) return error.failure;
  const refused = systemFailure(error, folder);
  if (refused !== null) return refused;
  const bug = error instanceof Error ? error : new Error(String(error));
  return { code: "internal.bug", retryable: false, message: bug.message, stack: bug.stack ?? "" };
}
