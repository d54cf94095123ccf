import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import type { Executor } from "../../../src/forecast/executor.js";
import { inlineExecutor } from "../../../src/forecast/inline-executor.js";
import type { LearnerSpec } from "../../../src/forecast/learners/spec.js";
import { trainForecaster } from "../../../src/forecast/train.js";
import { REPOSITORY } from "../../support/cli.js";
import { panelOf, withFeatures } from "../../support/panels.js";
import { quietControl, trainOptions, twoKindsOfSeries } from "../../support/training.js";

/** Threads load compiled code, so what is tested is what was built. */
const BUILT = join(REPOSITORY, "dist", "src", "forecast", "worker-executor.js");
if (!existsSync(BUILT)) throw new Error(`${BUILT} is missing: npm run build`);
const { workerExecutor } = (await import(
  pathToFileURL(BUILT).href
)) as typeof import("../../../src/forecast/worker-executor.js");

/** Threads for however small a job. */
const ALWAYS = 0;

const panel = withFeatures(panelOf(twoKindsOfSeries(3)));
const data = {
  panel,
  horizon: 3,
  context: 36,
  segments: { ids: ["all"], codes: new Int32Array(panel.series.length) },
};
const task = (origin: number, learner: LearnerSpec) => ({
  origin,
  origins: [origin, origin + 2],
  since: Number.NEGATIVE_INFINITY,
  gap: 0,
  learner: learner as "theta",
});
const tasks = [40, 66, 50].flatMap((t) =>
  (["ets-bank", "pooled-ridge", "seasonal-naive"] as const).map((name) => task(2015 * 12 + t, name)),
);
const quiet = () => ({ signal: new AbortController().signal, onFinished: () => {} });

const train = async (executor: Executor) => {
  const learners: LearnerSpec[] = ["theta", "pooled-ridge", { use: "boosted-trees", trees: 5, minLeaf: 5 }];
  const trained = await trainForecaster(
    panel,
    panel.lastPeriod,
    { ids: ["g", "s"], codes: Int32Array.from(panel.series, (id) => (id.startsWith("g") ? 0 : 1)) },
    trainOptions({ horizon: 3, ensemble: "full", learners, context: 36 }),
    quietControl(executor),
  );
  return JSON.stringify(trained);
};

describe("workerExecutor", () => {
  test.each([1, 2, 4])(
    "%i workers answer what this thread does, in the order of the tasks",
    async (workers) => {
      const finished: number[] = [];
      const control = { ...quiet(), onFinished: (index: number) => finished.push(index) };
      const executor = workerExecutor(workers, ALWAYS);
      const expected = await inlineExecutor.runAll({ kind: "backtest", data, tasks }, quiet());
      expect(await executor.runAll({ kind: "backtest", data, tasks }, control)).toEqual(expected);
      expect(finished.sort((a, b) => a - b)).toEqual(tasks.map((_, index) => index));
      expect(await executor.runAll({ kind: "fit", data, tasks }, quiet())).toEqual(
        await inlineExecutor.runAll({ kind: "fit", data, tasks }, quiet()),
      );
    },
    60_000,
  );

  test("the model and the report are the same bytes, whatever the number of workers", async () => {
    const alone = await train(inlineExecutor);
    for (const workers of [1, 2, 4]) {
      expect(await train(workerExecutor(workers, ALWAYS)), `${workers} workers`).toBe(alone);
    }
  }, 120_000);

  test("rejects with the reason of an abort", async () => {
    const controller = new AbortController();
    const running = workerExecutor(2, ALWAYS).runAll(
      { kind: "backtest", data, tasks },
      { signal: controller.signal, onFinished: () => controller.abort(new Error("stop")) },
    );
    await expect(running).rejects.toThrow("stop");
    const before = workerExecutor(2, ALWAYS).runAll(
      { kind: "backtest", data, tasks },
      { ...quiet(), signal: AbortSignal.abort(new Error("never began")) },
    );
    await expect(before).rejects.toThrow("never began");
  }, 60_000);

  test("rejects with the error of a task that fails", async () => {
    const broken = [task(2015 * 12 + 50, "ets-bank"), task(0, "none" as never)];
    const inline = inlineExecutor.runAll({ kind: "fit", data, tasks: broken }, quiet());
    const own = await inline.then(
      () => "no error",
      (error: unknown) => String(error),
    );
    expect(own).toContain("TypeError");
    const running = workerExecutor(2, ALWAYS).runAll({ kind: "fit", data, tasks: broken }, quiet());
    await expect(running.catch((error: unknown) => String(error))).resolves.toBe(own);
  }, 60_000);

  test("starts no thread for a small job", async () => {
    const reports: string[] = [];
    const small = workerExecutor(4).runAll(
      { kind: "backtest", data, tasks: tasks.slice(0, 2) },
      { ...quiet(), onFinished: (index) => reports.push(String(index)) },
    );
    await small;
    // In this thread, one after the other.
    expect(reports).toEqual(["0", "1"]);
  });
});
