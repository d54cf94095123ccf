import { beforeEach, describe, expect, test, vi } from "vitest";
import { workerExecutor } from "../../../src/forecast/worker-executor.js";
import { panelOf } from "../../support/panels.js";
import { twoKindsOfSeries } from "../../support/training.js";

/** What a task on another thread came to. */
const onThread = vi.hoisted(() => ({ run: (): Promise<unknown> => Promise.resolve() }));

vi.mock("tinypool", () => ({
  Tinypool: class {
    run = () => onThread.run();
    destroy = () => Promise.resolve();
  },
}));

const panel = panelOf(twoKindsOfSeries(2));
const task = { origin: 24220, since: Number.NEGATIVE_INFINITY, gap: 0, learner: "ses" as const };
const job = {
  kind: "fit" as const,
  data: {
    panel,
    horizon: 2,
    context: 24,
    segments: { ids: ["all"], codes: new Int32Array(panel.series.length) },
  },
  tasks: [task, task],
};

const finished: number[] = [];
const runAll = () =>
  workerExecutor(2, 0).runAll(job, {
    signal: new AbortController().signal,
    onFinished: (index) => finished.push(index),
  });

beforeEach(() => {
  finished.length = 0;
});

describe("workerExecutor", () => {
  test("a failure on a thread is the failure of the job", async () => {
    const failure = { code: "forecast.thread-lost", retryable: true, seconds: 120 };
    onThread.run = () => Promise.resolve({ failure });
    await expect(runAll()).rejects.toMatchObject({ name: "FailureError", failure });
    expect(finished).toEqual([]);
  });

  test("a thread without memory is a failure that a user can do something about", async () => {
    const cause = Object.assign(new Error("heap"), { code: "ERR_WORKER_OUT_OF_MEMORY" });
    onThread.run = () => Promise.reject(cause);
    await expect(runAll()).rejects.toMatchObject({
      failure: { code: "forecast.thread-lost", retryable: true, seconds: null },
      cause,
    });
  });

  test("any other error stays what it is", async () => {
    onThread.run = () => Promise.reject(new TypeError("a bug"));
    await expect(runAll()).rejects.toThrow(new TypeError("a bug"));
  });

  test("results come in the order of the tasks", async () => {
    let next = 0;
    onThread.run = () => Promise.resolve({ result: next++ });
    await expect(runAll()).resolves.toEqual([0, 1]);
    expect(finished).toEqual([0, 1]);
  });
});
