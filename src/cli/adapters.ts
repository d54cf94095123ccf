import { nodeFiles } from "../durable/node-files.js";
import type { Clock } from "../kit/clock.js";
import type { DurableFiles } from "../kit/files.js";
import type { ModelRegistry } from "../kit/registry.js";
import { deliverNotice } from "../notify/deliver.js";

/** Everything outside the process that a run changes or reads the time from. A drill passes ones that fail or die at a chosen call. */
export interface Adapters {
  readonly files: DurableFiles;
  readonly clock: Clock;
  /** Wraps the registry that a run writes to. */
  registry(opened: ModelRegistry): ModelRegistry;
  readonly notify: typeof deliverNotice;
}

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  monotonic: () => performance.now(),
};

export const systemAdapters: Adapters = {
  files: nodeFiles(),
  clock: systemClock,
  registry: (opened) => opened,
  notify: deliverNotice,
};
