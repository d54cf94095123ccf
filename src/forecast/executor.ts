import type { Tasks } from "./tasks.js";
import type { TrainingData } from "./training-view.js";

/** Independent pieces of work of one kind on the same data. They and their results survive a structured clone. */
export interface Job<Kind extends keyof Tasks> {
  readonly kind: Kind;
  readonly data: TrainingData;
  readonly tasks: readonly Parameters<Tasks[Kind]>[1][];
}

export interface ExecutorControl {
  /** Looked at before each task; when it is aborted, `runAll` rejects with its reason. */
  readonly signal: AbortSignal;
  /** Called once a finished task, in any order, with the index of the task. */
  readonly onFinished: (task: number) => void;
}

export type TaskResult<Kind extends keyof Tasks> = Awaited<ReturnType<Tasks[Kind]>>;

/**
 * Runs jobs: in this thread, in others, or on other machines. Results come in the order of the tasks, whatever
 * order they ran in, so that nothing downstream depends on the number of workers.
 */
export interface Executor {
  runAll<Kind extends keyof Tasks>(
    job: Job<Kind>,
    control: ExecutorControl,
  ): Promise<readonly TaskResult<Kind>[]>;
}
