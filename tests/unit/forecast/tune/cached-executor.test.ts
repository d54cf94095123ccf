import { expect, test } from "vitest";
import type { Executor, Job } from "../../../../src/forecast/executor.js";
import type { TrainingData } from "../../../../src/forecast/training-view.js";
import { cachedExecutor } from "../../../../src/forecast/tune/cached-executor.js";

/** Answers each task with a number of its own, and counts. */
function counting(): { executor: Executor; ran: string[] } {
  const ran: string[] = [];
  const executor = {
    runAll: async ({ kind, tasks }: Job<"backtest">, control: Parameters<Executor["runAll"]>[1]) =>
      tasks.map((task, index) => {
        ran.push(`${kind} ${task.origin}`);
        control.onFinished(index);
        return [Float64Array.of(task.origin, ran.length)];
      }),
  } as unknown as Executor;
  return { executor, ran };
}

const data = (context: number) => ({ context, horizon: 2 }) as TrainingData;
const job = (origins: readonly number[], context = 24): Job<"backtest"> => ({
  kind: "backtest",
  data: data(context),
  tasks: origins.map((origin) => ({
    origin,
    since: Number.NEGATIVE_INFINITY,
    gap: 0,
    learner: "theta",
    origins: [origin],
  })),
});

test("a task runs once, in its place among others, and every task is said to be finished", async () => {
  const { executor, ran } = counting();
  const cached = cachedExecutor(executor);
  const finished: number[] = [];
  const control = { signal: new AbortController().signal, onFinished: (task: number) => finished.push(task) };
  const first = await cached.runAll(job([1, 2]), control);
  // CV blanks rows of what it gets.
  first[1]![0]!.fill(Number.NaN);
  const again = await cached.runAll(job([3, 2, 1]), control);
  expect(ran).toEqual(["backtest 1", "backtest 2", "backtest 3"]);
  expect(again.map(([forecast]) => [...forecast!])).toEqual([
    [3, 3],
    [2, 2],
    [1, 1],
  ]);
  expect(finished).toEqual([0, 1, 1, 2, 0]);
});

test("another context is another task, and what does not fit is forgotten, the oldest first", async () => {
  const { executor, ran } = counting();
  const cached = cachedExecutor(executor, 32);
  const control = { signal: new AbortController().signal, onFinished: () => undefined };
  await cached.runAll(job([1]), control);
  await cached.runAll(job([1], 36), control);
  expect(ran).toHaveLength(2);
  await cached.runAll(job([1]), control);
  expect(ran).toHaveLength(2);
  await cached.runAll(job([2]), control);
  await cached.runAll(job([1]), control);
  expect(ran).toHaveLength(3);
  await cached.runAll(job([1], 36), control);
  expect(ran).toHaveLength(4);
});
