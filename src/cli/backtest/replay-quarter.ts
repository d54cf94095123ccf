import type { Engine, RunRequest } from "../../engine/engine.js";
import type { StepRecord } from "../../engine/records.js";
import { runQuarter } from "../../engine/run.js";
import type { StoredRun } from "../../engine/run-store.js";
import { Promotion } from "../../kit/artifacts/promotion.js";
import { type Failure, FailureError, fail } from "../../kit/failure.js";
import { exitCodeOfVerdict } from "../exit-codes.js";
import { artifactOf, type StepRecords, verdictOf } from "./artifacts.js";

/** What a quarter's run left. */
export interface QuarterRun {
  readonly run: string;
  readonly steps: StepRecords;
  readonly seconds: number;
  readonly failure: { readonly step: string; readonly failure: Failure } | null;
  /** Whether it was run before this process. */
  readonly isKept: boolean;
}

/** Failures that follow from the data that the quarter had: the quarters after it can still be replayed. */
const OF_THE_QUARTER = /^(data|forecast|learner|command)\./;

/**
 * Runs a quarter, or takes what an earlier process of the same backtest left: a quarter that has its verdict is not run again, since later
 * quarters may have moved the alias by now.
 * @throws FailureError for a failure that is none of the quarter's data, and `run.interrupted`
 */
export async function replayQuarter(
  engine: Engine,
  request: RunRequest,
  signal: AbortSignal,
): Promise<QuarterRun> {
  const done = await finishedRun(engine, request);
  if (done !== null) {
    const steps = await recordsOf(engine, done);
    return { run: done.header.run, steps, seconds: secondsOf(steps, 0), failure: null, isKept: true };
  }
  let left: QuarterRun | null = null;
  const conclusion = await runQuarter(engine, request, signal, async (result, locked) => {
    const steps = new Map(result.steps.flatMap(({ id, record }) => (record === null ? [] : [[id, record]])));
    const failed = result.steps.find(({ failure, optional }) => failure !== null && !optional);
    left = {
      run: result.run.header.run,
      steps,
      seconds: secondsOf(steps, failed?.seconds ?? 0),
      failure: failed === undefined ? null : { step: failed.id, failure: failed.failure! },
      isKept: false,
    };
    const { state } = result;
    const promotion = artifactOf(locked.objects, steps, "promotion");
    const verdict =
      state === "failed" || state === "interrupted"
        ? state
        : verdictOf(await promotion?.readJson("promotion.json", Promotion));
    return { verdict, exitCode: exitCodeOfVerdict(verdict, signalName(signal)) };
  });
  const { failure } = left!;
  if (conclusion.verdict === "interrupted")
    return fail({ code: "run.interrupted", retryable: true, signal: signalName(signal), step: null });
  if (failure !== null && (failure.failure.retryable || !OF_THE_QUARTER.test(failure.failure.code)))
    throw new FailureError(failure.failure);
  return left!;
}

async function finishedRun(
  engine: Engine,
  { quarter, scope, dryRun }: RunRequest,
): Promise<StoredRun | null> {
  const runs = await engine.runs.ofQuarter(quarter.label);
  const own = runs.filter(({ header }) => header.model === scope.model.name && header.dryRun === dryRun);
  const last = own.at(-1);
  return last === undefined || last.unfinished ? null : last;
}

/** By the fingerprints in the journal: the run's own copies of the records are for browsing. */
async function recordsOf(engine: Engine, run: StoredRun): Promise<StepRecords> {
  const steps = new Map<string, StepRecord>();
  for (const entry of run.entries) {
    if (entry.type !== "step-succeeded" && entry.type !== "step-reused") continue;
    const record = await engine.records.find(entry.fingerprint);
    if (record === null || record === "damaged")
      return fail({
        code: "store.corrupt",
        retryable: false,
        path: engine.state.records,
        expected: `the record ${entry.fingerprint} of the step ${entry.step} of ${run.header.run}`,
        actual: record ?? "nothing",
      });
    steps.set(entry.step, record);
  }
  return steps;
}

const secondsOf = (steps: StepRecords, more: number): number =>
  [...steps.values()].reduce((sum, { seconds }) => sum + seconds, more);

const signalName = ({ reason }: AbortSignal): "SIGINT" | "SIGTERM" =>
  reason === "SIGTERM" ? "SIGTERM" : "SIGINT";
