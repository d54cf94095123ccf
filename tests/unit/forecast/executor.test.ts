import { describe, expect, test } from "vitest";
import { inlineExecutor } from "../../../src/forecast/inline-executor.js";
import { panelOf } from "../../support/panels.js";
import { twoKindsOfSeries } from "../../support/training.js";

const panel = panelOf(twoKindsOfSeries(2));
const data = {
  panel,
  horizon: 2,
  context: 24,
  segments: { ids: ["all"], codes: new Int32Array(panel.series.length) },
};

/** One task an origin; the seasonal naive forecasts what was a year before. */
const origins = [50, 30, 40].map((t) => 2015 * 12 + t);
const job = {
  kind: "backtest" as const,
  data,
  tasks: origins.map((origin) => ({
    origin,
    origins: [origin],
    since: Number.NEGATIVE_INFINITY,
    gap: 0,
    learner: "seasonal-naive" as const,
  })),
};

describe("inlineExecutor", () => {
  test("answers in the order of the tasks and reports each", async () => {
    const finished: number[] = [];
    const results = await inlineExecutor.runAll(job, {
      signal: new AbortController().signal,
      onFinished: (task) => finished.push(task),
    });
    const yearBefore = [50, 30, 40].map((t) => panel.target[t - 11]);
    expect(results.map(([forecast]) => forecast![0])).toEqual(yearBefore.map((value) => Math.fround(value!)));
    expect(finished).toEqual([0, 1, 2]);
  });

  test("starts no task after an abort, and rejects with its reason", async () => {
    const controller = new AbortController();
    const finished: number[] = [];
    const running = inlineExecutor.runAll(job, {
      signal: controller.signal,
      onFinished: (task) => {
        finished.push(task);
        if (task === 1) controller.abort(new Error("stop"));
      },
    });
    await expect(running).rejects.toThrow("stop");
    expect(finished).toEqual([0, 1]);
  });

  test("lets timers and signals through between two tasks", async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort(new Error("signal")));
    const running = inlineExecutor.runAll(job, { signal: controller.signal, onFinished: () => {} });
    await expect(running).rejects.toThrow("signal");
  });
});
