import { execa } from "execa";
import type { RunDocument } from "../../report/run-document.js";
import { installed } from "../version.js";
import type { Answer } from "./end-state.js";
import type { Order } from "./victim.js";

const BINARY = installed("bin/retrain.js");
const VICTIM = installed("dist/bundle/drill-victim.js");

export interface Ended extends Answer {
  readonly signal: string | undefined;
  /** What it said to people. */
  readonly talk: string;
}

export interface Child {
  readonly ended: Promise<Ended>;
  kill(): void;
}

/** `retrain quarter`, as a user starts it. */
export const startQuarter = (cwd: string, order: Omit<Order, "task">): Child =>
  start(BINARY, cwd, [
    "quarter",
    order.quarter,
    ...["--runbook", order.runbook, "--state-dir", order.stateDir, "--json"],
    ...order.set.flatMap((value) => ["--set", value]),
  ]);

export const startVictim = (cwd: string, order: Order): Child => start(VICTIM, cwd, [JSON.stringify(order)]);

function start(module: string, cwd: string, args: readonly string[]): Child {
  const child = execa(process.execPath, [module, ...args], { cwd, reject: false, env: { NO_COLOR: "1" } });
  return {
    ended: child.then(({ exitCode, signal, stdout, stderr }) => ({
      exitCode: exitCode ?? null,
      signal,
      talk: stderr,
      document: stdout === "" ? null : (JSON.parse(stdout) as RunDocument),
    })),
    kill: () => void child.kill("SIGKILL"),
  };
}
