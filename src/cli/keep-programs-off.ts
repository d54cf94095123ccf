import childProcess, { ChildProcess, type StdioOptions } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [OUTPUT, ERROR] = [1, 2];

/** Of a program that would inherit standard output: it gets standard error instead. */
export function offStandardOutput<T extends StdioOptions | undefined>(stdio: T): T | StdioOptions {
  if (stdio === "inherit") return ["inherit", ERROR, "inherit"];
  if (!Array.isArray(stdio)) return stdio;
  return stdio.map((one, place) => {
    const isOutput = one === OUTPUT || one === process.stdout || (place === OUTPUT && one === "inherit");
    return isOutput ? ERROR : one;
  });
}

let isDone = false;

/**
 * Called before code is loaded that is not ours: programs that it starts, and what it writes to the descriptor of standard output past the stream (as fast
 * loggers do), goes to standard error. Node has no other way: it cannot exchange a descriptor of its own process.
 */
export function keepProgramsOffStandardOutput(): void {
  if (isDone) return;
  isDone = true;
  // Behind `spawn`, `exec`, `execFile` and `fork`; not in the types.
  const prototype = ChildProcess.prototype as unknown as {
    spawn(options: { stdio?: StdioOptions }): unknown;
  };
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    options.stdio = offStandardOutput(options.stdio) ?? "pipe";
    return spawn.call(this, options);
  };
  for (const name of ["spawnSync", "execFileSync", "execSync"] as const) redirectOptions(name);
  for (const name of [
    "write",
    "writeSync",
    "writev",
    "writevSync",
    "writeFile",
    "writeFileSync",
    "appendFile",
    "appendFileSync",
  ] as const)
    redirectDescriptor(name);
  syncBuiltinESMExports();
}

type Call = (...args: unknown[]) => unknown;

function redirectOptions(name: "spawnSync" | "execFileSync" | "execSync"): void {
  const call = childProcess[name] as Call;
  const isOptions = (value: unknown): value is { readonly stdio?: StdioOptions } =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  (childProcess as unknown as Record<string, Call>)[name] = (...args) =>
    call(...args.map((arg) => (isOptions(arg) ? { ...arg, stdio: offStandardOutput(arg.stdio) } : arg)));
}

function redirectDescriptor(name: keyof typeof fs): void {
  const call = fs[name] as Call;
  const redirected = (first: unknown, ...rest: unknown[]) => call(first === OUTPUT ? ERROR : first, ...rest);
  // What hangs on the function, such as its form with a promise, stays.
  (fs as unknown as Record<string, Call>)[name] = Object.assign(redirected, call);
}
