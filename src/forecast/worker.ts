import { workerData } from "node:worker_threads";
import { TASKS, type Tasks } from "./tasks.js";
import type { TrainingData } from "./training-view.js";

/** The pool puts its own data before ours. */
const [, data] = workerData as [unknown, TrainingData];

/** Entry of a worker thread. The data of the job comes once, with the thread. */
export default function run({ kind, task }: { readonly kind: keyof Tasks; readonly task: never }): unknown {
  return (TASKS[kind] as (data: TrainingData, task: never) => unknown)(data, task);
}
