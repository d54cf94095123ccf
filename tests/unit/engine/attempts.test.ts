import { describe, expect, test } from "vitest";
import { runAttempts, STOP_GRACE_MS, systemWait } from "../../../src/engine/attempts.js";
import { type AttemptPolicy, ONE_ATTEMPT, type Wait } from "../../../src/kit/attempts.js";
import { type Failure, type FailureError, fail } from "../../../src/kit/failure.js";
import { errorOf, openBench, stepType, writeValue } from "./bench.js";

const busy: Failure = { code: "registry.busy", retryable: true, path: "/r", holder: "p" };
const flaky = (failures: number, failure: Failure = busy) => {
  let calls = 0;
  return { calls: () => calls, run: async () => (++calls <= failures ? fail(failure) : "done") };
};

/** A wait that notes what it was asked and passes at once, or never for the limits that are named. */
function fakeWait(never: readonly number[] = []): { wait: Wait; waited: number[] } {
  const waited: number[] = [];
  const wait: Wait = async (ms, signal) => {
    waited.push(ms);
    if (never.includes(ms) && !signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  };
  return { wait, waited };
}

const options = (policy: Partial<AttemptPolicy>, wait: Wait, signal = new AbortController().signal) => ({
  step: "train",
  policy: { ...ONE_ATTEMPT, ...policy },
  signal,
  wait,
  onRetry: async () => undefined,
});

describe("retries", () => {
  test("waits twice as long each time, and succeeds at the attempt that does", async () => {
    const { wait, waited } = fakeWait();
    const { run, calls } = flaky(3);
    expect(await runAttempts(options({ attempts: 5, backoffMs: 2000 }, wait), run)).toBe("done");
    expect(waited).toEqual([2000, 4000, 8000]);
    expect(calls()).toBe(4);
  });

  test("never waits longer than an hour", async () => {
    const { wait, waited } = fakeWait();
    await runAttempts(options({ attempts: 10, backoffMs: 1_500_000 }, wait), flaky(3).run);
    expect(waited).toEqual([1_500_000, 3_000_000, 3_600_000]);
  });

  test("gives up with the last failure", async () => {
    const { run, calls } = flaky(9);
    const error = await errorOf(runAttempts(options({ attempts: 3, backoffMs: 1 }, fakeWait().wait), run));
    expect((error as FailureError).failure).toEqual(busy);
    expect(calls()).toBe(3);
  });

  test.each([
    ["a failure that will not pass", { code: "data.empty", retryable: false, file: "a" } as Failure],
  ])("%s is tried once", async (_name, failure) => {
    const { run, calls } = flaky(9, failure);
    await errorOf(runAttempts(options({ attempts: 3 }, fakeWait().wait), run));
    expect(calls()).toBe(1);
  });

  test("a bug is tried once", async () => {
    let calls = 0;
    const bug = async () => {
      calls++;
      throw new TypeError("x");
    };
    await errorOf(runAttempts(options({ attempts: 3 }, fakeWait().wait), bug));
    expect(calls).toBe(1);
  });

  test("Ctrl-C ends the pause", async () => {
    const stop = new AbortController();
    const { run, calls } = flaky(9);
    const given = {
      ...options({ attempts: 3, backoffMs: 3_600_000 }, systemWait, stop.signal),
      onRetry: async () => void setTimeout(() => stop.abort("SIGINT"), 5),
    };
    await errorOf(runAttempts(given, run));
    expect(calls()).toBe(1);
  });
});

describe("a time limit", () => {
  const timeout = { ms: 600_000, text: "10m" };

  test("aborts the step's signal with the failure as reason", async () => {
    const reasons: unknown[] = [];
    const error = await errorOf(
      runAttempts(
        options({ timeout }, fakeWait([STOP_GRACE_MS]).wait),
        (_attempt, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              reasons.push(signal.reason);
              reject(new Error("stopped"));
            });
          }),
      ),
    );
    const failure = { code: "step.timeout", retryable: true, step: "train", limit: "10m", stopped: true };
    expect((error as FailureError).failure).toEqual(failure);
    expect((reasons[0] as FailureError).failure).toEqual(failure);
  });

  test("is one attempt's: the next one has it anew", async () => {
    let attempts = 0;
    const { wait, waited } = fakeWait([STOP_GRACE_MS]);
    const limited = options({ timeout, attempts: 3, backoffMs: 1000 }, wait);
    await errorOf(
      runAttempts(limited, (_attempt, signal) => {
        attempts++;
        return new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new Error("stopped"))),
        );
      }),
    );
    expect(attempts).toBe(3);
    expect(waited.filter((ms) => ms === timeout.ms)).toHaveLength(3);
    expect(waited.filter((ms) => ms < timeout.ms && ms !== STOP_GRACE_MS)).toEqual([1000, 2000]);
  });

  test("a step that goes on is given up after the grace period, and not tried again", async () => {
    let attempts = 0;
    const error = await errorOf(
      runAttempts(options({ timeout, attempts: 3 }, fakeWait().wait), () => {
        attempts++;
        return new Promise(() => undefined);
      }),
    );
    expect((error as FailureError).failure).toMatchObject({
      code: "step.timeout",
      retryable: false,
      stopped: false,
    });
    expect(attempts).toBe(1);
  });

  test("does not touch a step that is in time", async () => {
    const { wait } = fakeWait([timeout.ms]);
    expect(await runAttempts(options({ timeout }, wait), async () => 7)).toBe(7);
    const error = await errorOf(runAttempts(options({ timeout }, wait), async () => fail(busy)));
    expect((error as FailureError).failure).toEqual(busy);
  });

  test("Ctrl-C is no time-out", async () => {
    const stop = new AbortController();
    const error = await errorOf(
      runAttempts(options({ timeout }, fakeWait([timeout.ms]).wait, stop.signal), (_attempt, signal) => {
        queueMicrotask(() => stop.abort("SIGINT"));
        return new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      }),
    );
    expect(error).toBe("SIGINT");
  });
});

describe("in a run", () => {
  const panel = (failures: number) => {
    const attempts = flaky(failures);
    const run = async (ctx: Parameters<typeof writeValue>[0]) => {
      ctx.workspace.log(`hello secret ${attempts.calls() + 1}`);
      await attempts.run();
      await writeValue(ctx);
      return { summary: "made" };
    };
    return stepType("panel", {}, { panel: "panel" }, { run });
  };
  const policy = { attempts: 3, backoffMs: 1, timeout: null };

  test("each attempt is told, journalled and logged", async () => {
    const bench = await openBench({ mask: (text) => text.replaceAll("secret", "***") });
    const ran = await bench.run([{ id: "p", type: panel(2), policy }]);
    expect(ran.statuses).toEqual(["p succeeded"]);
    const told = bench.events.filter(({ type }) => type === "step-retrying");
    expect(told).toMatchObject([
      { step: "p", attempt: 2, attempts: 3, waitSeconds: 0.001, failure: { code: "registry.busy" } },
      { step: "p", attempt: 3, attempts: 3, waitSeconds: 0.002 },
    ]);
    const { entries } = await bench.engine.runs.get("2025Q2-1");
    expect(entries.map(({ type }) => type)).toEqual([
      "session-started",
      "step-started",
      "step-retried",
      "step-retried",
      "step-succeeded",
      "run-finished",
    ]);
    expect(await bench.engine.files.readText(bench.engine.runs.stepLog("2025Q2-1", "p"))).toBe(
      "hello *** 1\n--- attempt 2 of 3 ---\nhello *** 2\n--- attempt 3 of 3 ---\nhello *** 3\n",
    );
  });

  test("neither retry nor timeout makes a step stale", async () => {
    const bench = await openBench();
    await bench.run([{ id: "p", type: panel(0) }]);
    const timeout = { ms: 60_000, text: "1m" };
    const ran = await bench.run([{ id: "p", type: panel(0), policy: { ...policy, timeout } }]);
    expect(ran.statuses).toEqual(["p reused"]);
  });

  test("an attempt loads anew what the last one failed to load", async () => {
    const bench = await openBench();
    const loading = flaky(1);
    const run = async (ctx: Parameters<typeof writeValue>[0]) => {
      await ctx.services.memo("panel", loading.run);
      await writeValue(ctx);
      return { summary: "made" };
    };
    const type = stepType("panel", {}, { panel: "panel" }, { run });
    expect((await bench.run([{ id: "p", type, policy }])).statuses).toEqual(["p succeeded"]);
  });
});
