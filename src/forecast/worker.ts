import { workerData } from "node:worker_threads";
import { type Failure, FailureError } from "../kit/failure.js";
import { lendCores } from "./boosting/cores.js";
import { TASKS, type Tasks } from "./tasks.js";
import type { TrainingData } from "./training-view.js";

/** What the threads of a job are started with. */
export interface WorkerData {
  readonly data: TrainingData;
  /** Cores that the job may use. */
  readonly cores: number;
  /** One number in shared memory: how many of the threads are at a task. */
  readonly busy: Int32Array;
}

/** What a task came to. A failure is no longer one when it was thrown from thread to thread. */
export type WorkerAnswer = { readonly result: unknown } | { readonly failure: Failure };

/** The pool puts its own data before ours. */
const [, { data, cores, busy }] = workerData as [unknown, WorkerData];

// Cores of threads that have nothing left to do are free for the others.
lendCores({
  most: cores,
  now: () => Math.floor(cores / Math.max(1, Atomics.load(busy, 0))),
});

/** Entry of a worker thread. The data of the job comes once, with the thread. */
export default async function run({
  kind,
  task,
}: {
  readonly kind: keyof Tasks;
  readonly task: never;
}): Promise<WorkerAnswer> {
  Atomics.add(busy, 0, 1);
  try {
    return { result: await (TASKS[kind] as (data: TrainingData, task: never) => unknown)(data, task) };
  } catch (error) {
    if (error instanceof FailureError) return { failure: error.failure };
    throw error;
  } finally {
    Atomics.sub(busy, 0, 1);
  }
}
