import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { processGroup } from "../../src/command/group.js";

/** A user that a program runs as, when that is not this process's own. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: User | null;
}

export interface Ended {
  /** Null when a signal ended it, or when it could not be started. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started, e.g. `ENOENT`. */
  readonly errno: string | null;
}

const identity = (user: User | null | undefined) =>
  user === null || user === undefined ? {} : { uid: user.uid, gid: user.gid };

function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      resolve({ exitCode: null, signal: null, errno: error.code ?? "unknown" }),
    );
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal, errno: null }));
  });
}

/** Runs a program to its end and keeps what it says. It does not outlive this process. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    ...identity(options.user),
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = await endOf(child);
  process.off("exit", kill);
  return { ...ended, stdout, stderr };
}

/** A program that runs on in a process group of its own, and what it says goes to the end of a file. */
export interface Service {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Null while it runs. */
  readonly end: () => Ended | null;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** SIGTERM to all of the group; SIGKILL to what is left after the grace period. */
  stop(graceMs: number): Promise<void>;
  /** SIGKILL to all of the group. */
  kill(): Promise<void>;
}

/** @throws Error when the program cannot be started at all */
export async function startService(
  program: string,
  args: readonly string[],
  log: string,
  options: ProgramOptions = {},
): Promise<Service> {
  const output = openSync(log, "a");
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", output, output],
    detached: true,
    ...identity(options.user),
  });
  closeSync(output);
  const ended = endOf(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} cannot be started: ${(await ended).errno}`);
  const group = processGroup(pid);
  process.once("exit", group.kill);
  let end: Ended | null = null;
  void ended.then((how) => {
    end = how;
    process.off("exit", group.kill);
    // Workers of a server whose own process was killed.
    group.kill();
  });
  return {
    pid,
    ended,
    end: () => end,
    signal: (signal) => void child.kill(signal),
    async stop(graceMs) {
      await group.end(graceMs);
      await ended;
    },
    async kill() {
      group.kill();
      await ended;
    },
  };
}

export function wordsOf({ exitCode, signal, errno }: Ended): string {
  if (errno !== null) return `could not be started (${errno})`;
  return signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
}
