import type { Executor, TaskResult } from "./executor.js";
import { TASKS, type Tasks } from "./tasks.js";

/**
 * One task after the other in this thread. Between two tasks the event loop turns, so that signals and
 * progress get through.
 */
export const inlineExecutor: Executor = {
  async runAll<Kind extends keyof Tasks>(
    { kind, data, tasks }: Parameters<Executor["runAll"]>[0] & { kind: Kind },
    control: Parameters<Executor["runAll"]>[1],
  ) {
    const run = TASKS[kind] as (shared: typeof data, task: (typeof tasks)[number]) => unknown;
    const results: TaskResult<Kind>[] = [];
    for (const [index, task] of tasks.entries()) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      control.signal.throwIfAborted();
      results.push((await run(data, task)) as TaskResult<Kind>);
      control.onFinished(index);
    }
    return results;
  },
};
