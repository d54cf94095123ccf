/**
 * Independent pieces of work. `shared`, every task and every result survive a structured clone, and `run` is
 * an exported function of a module that closes over nothing: an executor may run it in this thread, in
 * others, or on other machines.
 */
interface Job<Shared, Task, Result> {
  readonly shared: Shared;
  readonly tasks: readonly Task[];
  readonly run: (shared: Shared, task: Task) => Result;
}

interface ExecutorControl {
  /** Looked at before each task; when it is aborted, `runAll` rejects with its reason. */
  readonly signal: AbortSignal;
  /** Called once a finished task, in any order, with the index of the task. */
  readonly onFinished: (task: number) => void;
}

/**
 * Runs jobs. Results come in the order of the tasks, whatever order they ran in, so that nothing downstream
 * depends on the number of workers. Callers know this interface only: an implementation on worker threads
 * replaces the inline one where it is chosen.
 */
export interface Executor {
  runAll<Shared, Task, Result>(
    job: Job<Shared, Task, Result>,
    control: ExecutorControl,
  ): Promise<readonly Result[]>;
}

/**
 * One task after the other in this thread. Between two tasks the event loop turns, so that signals and
 * progress get through.
 */
export const inlineExecutor: Executor = {
  async runAll(job, control) {
    const results = [];
    for (const [index, task] of job.tasks.entries()) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      control.signal.throwIfAborted();
      results.push(job.run(job.shared, task));
      control.onFinished(index);
    }
    return results;
  },
};
