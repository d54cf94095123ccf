import { setTimeout as delay } from "node:timers/promises";
import type { AttemptPolicy, Wait } from "../kit/attempts.js";
import { type Failure, FailureError } from "../kit/failure.js";

/** No pause between two attempts is longer than this, whatever the backoff. */
const LONGEST_WAIT_MS = 3_600_000;

/** How long a step whose signal was aborted may take to come to its end. Longer than a command's processes get for theirs. */
export const STOP_GRACE_MS = 15_000;

export const systemWait: Wait = async (ms, signal) => {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

/** An attempt that failed with a failure that may pass, and when the next one starts. */
export interface Retry {
  /** Number of the next attempt, from 2. */
  readonly attempt: number;
  readonly waitMs: number;
  readonly failure: Failure;
}

export interface AttemptOptions {
  readonly step: string;
  readonly policy: AttemptPolicy;
  /** Ctrl-C: ends an attempt and a pause alike, and no further attempt is made. */
  readonly signal: AbortSignal;
  readonly wait: Wait;
  /** Told before each pause. */
  onRetry(retry: Retry): Promise<void>;
}

/**
 * Runs something until it succeeds, fails for good, or has had its attempts. Only failures that say `retryable` are tried again; the pause before
 * attempt k is backoff · 2^(k−2), without jitter, and at most an hour.
 * @param run gets the number of the attempt and a signal that is aborted at the time limit (with the failure as its reason) and on Ctrl-C
 * @throws FailureError `step.timeout` when an attempt reached the limit; otherwise whatever the last attempt threw
 */
export async function runAttempts<T>(
  options: AttemptOptions,
  run: (attempt: number, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { policy, signal, wait, onRetry } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await withinLimit(options, (limited) => run(attempt, limited));
    } catch (error) {
      const isWorthIt = error instanceof FailureError && error.failure.retryable;
      if (signal.aborted || !isWorthIt || attempt >= policy.attempts) throw error;
      const waitMs = Math.min(LONGEST_WAIT_MS, policy.backoffMs * 2 ** (attempt - 1));
      await onRetry({ attempt: attempt + 1, waitMs, failure: error.failure });
      await wait(waitMs, signal);
      if (signal.aborted) throw error;
    }
  }
}

/**
 * One attempt under its time limit. A promise cannot be killed: a step that goes on after its signal was aborted is waited for as long as the grace
 * period, and then given up for good. It may still be writing, so nothing may be tried again or run beside it, and the process has to end.
 */
async function withinLimit<T>(
  { step, policy: { timeout }, signal, wait }: AttemptOptions,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeout === null) return run(signal);
  const failure = (stopped: boolean) =>
    new FailureError({ code: "step.timeout", retryable: stopped, step, limit: timeout.text, stopped });
  const limit = new AbortController();
  const over = new AbortController();
  const running = run(AbortSignal.any([signal, limit.signal])).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const ended = await Promise.race([running, giveUp()]);
  over.abort();
  if (ended === "given up") throw failure(false);
  if (limit.signal.aborted && !signal.aborted) throw failure(true);
  if ("error" in ended) throw ended.error;
  return ended.value;

  async function giveUp(): Promise<"given up"> {
    await wait(timeout!.ms, AbortSignal.any([signal, over.signal]));
    if (!over.signal.aborted && !signal.aborted) {
      limit.abort(failure(true));
      await wait(STOP_GRACE_MS, over.signal);
      if (!over.signal.aborted) return "given up";
    }
    // Interrupted, or over: the attempt itself says how it ends.
    return new Promise(() => undefined);
  }
}

/** Whether this error says that a step went on after its grace period. */
export const isGivenUp = (error: unknown): boolean =>
  error instanceof FailureError && error.failure.code === "step.timeout" && !error.failure.stopped;
