/**
 * A child process of the drill: `retrain quarter` with adapters that record every moment of the run, or die at one.
 * Arguments: an order as JSON (see `Order`).
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { systemAdapters } from "../adapters.js";
import { quarter } from "../commands/quarter.js";
import { instrument } from "./instrument.js";
import { dieAt, lookAtFolder, type Moment, recordMoments } from "./moments.js";
import { tearFileCall } from "./tear.js";

export interface Order {
  readonly quarter: string;
  readonly runbook: string;
  readonly stateDir: string;
  readonly set: readonly string[];
  /** Where to die, or the file that takes the list of moments. */
  readonly task: { readonly dieAt: Moment } | { readonly recordTo: string };
}

const order = JSON.parse(process.argv[2]!) as Order;
const { task, stateDir } = order;
const root = resolve(stateDir);
const run = (watch: Parameters<typeof instrument>[3]) =>
  quarter(order.quarter, { ...order, json: true }, instrument(systemAdapters, root, tearFileCall, watch));

if ("dieAt" in task) {
  await run(
    dieAt(task.dieAt, () => {
      process.kill(process.pid, "SIGKILL");
      // Nothing of this process may go on while the signal is on its way.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return new Promise<never>(() => undefined);
    }),
  );
} else {
  const { watch, moments } = recordMoments(() => lookAtFolder(root));
  await run(watch);
  writeFileSync(task.recordTo, JSON.stringify(moments));
}
