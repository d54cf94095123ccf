import { canonicalJson } from "../../kit/json.js";
import type { Executor, ExecutorControl, Job, TaskResult } from "../executor.js";
import type { Tasks } from "../tasks.js";

/** Bytes of forecasts to keep: those of some hundred learners and folds of a large panel. */
const DEFAULT_BYTES = 256 * 2 ** 20;

/**
 * Remembers what learners forecast in CV, so that trials which share a learner train it once. For one panel and
 * one grouping into segments. What was used longest ago is forgotten first.
 */
export function cachedExecutor(executor: Executor, bytes = DEFAULT_BYTES): Executor {
  const known = new Map<string, Forecasts>();
  let held = 0;

  const recall = (key: string): Forecasts | null => {
    const forecasts = known.get(key);
    if (forecasts === undefined) return null;
    known.delete(key);
    known.set(key, forecasts);
    return copyOf(forecasts);
  };
  const keep = (key: string, forecasts: Forecasts): void => {
    known.set(key, copyOf(forecasts));
    held += sizeOf(forecasts);
    for (const [oldest, old] of known) {
      if (held <= bytes) return;
      known.delete(oldest);
      held -= sizeOf(old);
    }
  };

  const backtest = async (job: Job<"backtest">, control: ExecutorControl): Promise<readonly Forecasts[]> => {
    const keys = job.tasks.map((task) => keyOf(job, task));
    const recalled = keys.map(recall);
    const missing = [...keys.keys()].filter((index) => recalled[index] === null);
    for (const index of keys.keys()) if (recalled[index] !== null) control.onFinished(index);
    const made = await executor.runAll(
      { ...job, tasks: missing.map((index) => job.tasks[index]!) },
      { signal: control.signal, onFinished: (task) => control.onFinished(missing[task]!) },
    );
    for (const [m, index] of missing.entries()) keep(keys[index]!, made[m]!);
    return recalled.map((forecasts, index) => forecasts ?? made[missing.indexOf(index)]!);
  };

  return {
    async runAll<Kind extends keyof Tasks>(job: Job<Kind>, control: ExecutorControl) {
      if (job.kind !== "backtest") return executor.runAll(job, control);
      return (await backtest(job as unknown as Job<"backtest">, control)) as readonly TaskResult<Kind>[];
    },
  };
}

type Forecasts = TaskResult<"backtest">;

/** CV blanks rows in place. */
const copyOf = (forecasts: Forecasts): Forecasts => forecasts.map((forecast) => forecast.slice());

const sizeOf = (forecasts: Forecasts): number =>
  forecasts.reduce((sum, { byteLength }) => sum + byteLength, 0);

function keyOf({ data }: Job<"backtest">, task: Job<"backtest">["tasks"][number]): string {
  const { context, horizon, sums } = data;
  const since = Number.isFinite(task.since) ? task.since : null;
  return canonicalJson({ context, horizon, withSums: sums !== undefined, ...task, since });
}
