import { setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import { fail } from "../kit/failure.js";
import { coresOf, lendCores } from "./boosting/cores.js";
import type { Executor, TaskResult } from "./executor.js";
import { inlineExecutor } from "./inline-executor.js";
import { isSlow } from "./learners/spec.js";
import type { Tasks } from "./tasks.js";
import type { WorkerAnswer, WorkerData } from "./worker.js";

/** Rows of the panel × tasks below which starting threads costs more than they save: about half a second in one. */
const WORTH_THREADS = 2_000_000;
/** Tasks that a slow one counts for. */
const SLOW_TASKS = 10;

/**
 * Runs the tasks of a job on worker threads; a small job in this one.
 * @param workers threads at most
 * @param worthThreads see `WORTH_THREADS`
 * @throws FailureError forecast.thread-lost when a thread runs out of memory
 */
export function workerExecutor(workers = availableParallelism(), worthThreads = WORTH_THREADS): Executor {
  return {
    async runAll<Kind extends keyof Tasks>(
      job: Parameters<Executor["runAll"]>[0] & { kind: Kind },
      control: Parameters<Executor["runAll"]>[1],
    ) {
      const { kind, data, tasks } = job;
      const threads = Math.min(workers, tasks.length);
      const count = tasks.reduce((sum, { learner }) => sum + (isSlow(learner) ? SLOW_TASKS : 1), 0);
      if (threads < 2 || data.panel.period.length * count < worthThreads) {
        lendCores(coresOf(workers));
        return inlineExecutor.runAll<Kind>(job, control);
      }
      // One listener a task, on a signal that ends with the job.
      const signal = AbortSignal.any([control.signal]);
      setMaxListeners(0, signal);
      const { Tinypool } = await import("tinypool");
      const pool = new Tinypool({
        filename: new URL("./worker.js", import.meta.url).href,
        workerData: {
          data,
          cores: workers,
          busy: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
        } satisfies WorkerData,
        minThreads: threads,
        maxThreads: threads,
      });
      try {
        return await Promise.all(
          tasks.map(async (task, index) => {
            const answer = (await pool.run({ kind, task }, { signal })) as WorkerAnswer;
            if ("failure" in answer) return fail(answer.failure);
            control.onFinished(index);
            return answer.result as TaskResult<Kind>;
          }),
        );
      } catch (error) {
        // The pool has words of its own for an aborted task.
        control.signal.throwIfAborted();
        if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY")
          fail({ code: "forecast.thread-lost", retryable: true, seconds: null }, error);
        throw error;
      } finally {
        await pool.destroy();
      }
    },
  };
}
