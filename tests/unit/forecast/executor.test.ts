import { describe, expect, test } from "vitest";
import { inlineExecutor } from "../../../src/forecast/executor.js";

const job = (run: (shared: number, task: number) => number) => ({ shared: 10, tasks: [1, 2, 3], run });

describe("inlineExecutor", () => {
  test("answers in the order of the tasks and reports each", async () => {
    const finished: number[] = [];
    const results = await inlineExecutor.runAll(
      job((shared, task) => shared * task),
      { signal: new AbortController().signal, onFinished: (task) => finished.push(task) },
    );
    expect(results).toEqual([10, 20, 30]);
    expect(finished).toEqual([0, 1, 2]);
  });

  test("starts no task after an abort, and rejects with its reason", async () => {
    const controller = new AbortController();
    const ran: number[] = [];
    const running = inlineExecutor.runAll(
      job((_, task) => ran.push(task)),
      {
        signal: controller.signal,
        onFinished: (task) => {
          if (task === 1) controller.abort(new Error("stop"));
        },
      },
    );
    await expect(running).rejects.toThrow("stop");
    expect(ran).toEqual([1, 2]);
  });

  test("lets timers and signals through between two tasks", async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort(new Error("signal")));
    const running = inlineExecutor.runAll(
      job((_, task) => task),
      { signal: controller.signal, onFinished: () => {} },
    );
    await expect(running).rejects.toThrow("signal");
  });
});
