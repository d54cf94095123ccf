import { setTimeout as delay } from "node:timers/promises";
import { processGroup } from "./group.js";

/** How long the processes of a command have between SIGTERM and SIGKILL. */
export const TERM_GRACE_MS = 5000;

/** How long a process that left the group may keep the output of a command open after its end. */
const DRAIN_MS = 1000;

export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

export type Ending =
  | { readonly started: true; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly started: false; readonly errno: string };

/**
 * Runs a program without a shell, as the leader of a process group of its own, and gives every line of its standard output and error. Whatever it
 * started ends with it: at its own end, when the signal is aborted, and when this process exits.
 * @param onStart told its process id, which is the id of its group
 */
export async function runInGroup(
  command: CommandLine,
  signal: AbortSignal,
  onLine: (line: string) => void,
  onStart: (leader: number) => void = () => undefined,
): Promise<Ending> {
  // A hundred modules that a run without commands has no use for.
  const { execa } = await import("execa");
  const subprocess = execa(command.program, [...command.args], {
    cwd: command.cwd,
    env: command.env,
    extendEnv: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const { pid } = subprocess;
  if (pid === undefined) {
    const { cause } = await subprocess;
    return { started: false, errno: (cause as NodeJS.ErrnoException | undefined)?.code ?? "unknown" };
  }
  const group = processGroup(pid);
  onStart(pid);
  const exit = new Promise<void>((resolve) => subprocess.once("exit", () => resolve()));
  // Apart, so that half a line of one is never joined to a line of the other.
  const streams = ["stdout", "stderr"] as const;
  const lines = Promise.all(streams.map((from) => readLines(subprocess.iterable({ from }), onLine)));
  lines.catch(() => group.kill());
  const onAbort = () => void group.end(TERM_GRACE_MS);
  signal.addEventListener("abort", onAbort, { once: true });
  process.once("exit", group.kill);
  if (signal.aborted) onAbort();
  try {
    await exit;
    await group.end(TERM_GRACE_MS);
    await Promise.race([lines, delay(DRAIN_MS, undefined, { ref: false })]);
    for (const name of streams) subprocess[name].destroy();
    await lines;
    const { exitCode, signal: endedBy } = await subprocess;
    return { started: true, exitCode: exitCode ?? null, signal: endedBy ?? null };
  } finally {
    signal.removeEventListener("abort", onAbort);
    process.off("exit", group.kill);
  }
}

async function readLines(lines: AsyncIterable<string>, onLine: (line: string) => void): Promise<void> {
  for await (const line of lines) onLine(line);
}
