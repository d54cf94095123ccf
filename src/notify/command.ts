import { basename } from "node:path";
import { type Channel, type Refusal, shortHash } from "./channel.js";
import { clip } from "./notice.js";

/** EX_TEMPFAIL of sysexits.h: what a mailer says when trying again makes sense. */
const TRY_AGAIN = 75;

/** Enough for the last line of it. */
const STDERR_BYTES = 64 * 1024;

/**
 * Runs a program without a shell, in the runbook's folder and with this process's environment. It gets the payload as JSON on its standard input and the
 * key in RETRAIN_NOTIFICATION_KEY. Exit code 0: delivered; 75: try again; any other: refused.
 */
export const commandChannel = (argv: readonly [string, ...string[]], cwd: string): Channel => ({
  id: `command-${shortHash(JSON.stringify(argv))}`,
  target: `command ${basename(argv[0])}`,
  secrets: [],
  limitMs: 30_000,
  send: ({ payload }, key, signal) => run(argv, cwd, JSON.stringify(payload), key, signal),
});

async function run(
  [program, ...args]: readonly [string, ...string[]],
  cwd: string,
  input: string,
  key: string,
  signal: AbortSignal,
): Promise<Refusal | null> {
  // Loaded only here: most runs tell no command.
  const { execa } = await import("execa");
  const isPosix = process.platform !== "win32";
  const subprocess = execa(program, args, {
    cwd,
    input,
    env: { RETRAIN_NOTIFICATION_KEY: key },
    stdout: "ignore",
    maxBuffer: { stderr: STDERR_BYTES },
    reject: false,
    // The leader of a group, so that what it started ends with it.
    detached: isPosix,
    windowsHide: true,
  });
  const kill = () => {
    if (isPosix && subprocess.pid !== undefined) killGroup(subprocess.pid);
    else subprocess.kill("SIGKILL");
  };
  signal.addEventListener("abort", kill, { once: true });
  try {
    const { exitCode, signal: killedBy, stderr, cause } = await subprocess;
    signal.throwIfAborted();
    if (subprocess.pid === undefined) {
      const { code = "unknown" } = (cause ?? {}) as NodeJS.ErrnoException;
      return { problem: `it could not be started: ${code}`, retryable: false };
    }
    if (exitCode === 0) return null;
    const ending = exitCode === undefined ? `ended by ${killedBy ?? "a signal"}` : `exit code ${exitCode}`;
    const said = stderr.trimEnd().split("\n").at(-1) ?? "";
    return {
      problem: said === "" ? ending : `${ending}: ${clip(said, 200)}`,
      retryable: exitCode === TRY_AGAIN,
    };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    // Nothing of it is left.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
