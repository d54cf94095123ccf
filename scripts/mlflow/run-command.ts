import { spawn } from "node:child_process";
import { constants } from "node:os";
import { StartProblem } from "./problem.js";

/**
 * Runs the command that was asked for on this program's own input and output. Resolves with its exit code, or with 128 + n when signal n ended it,
 * as a shell does.
 * @param onStart gets a function that passes a signal on
 */
export function runCommand(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  onStart: (pass: (signal: NodeJS.Signals) => void) => void,
): Promise<number> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: "inherit", env });
  onStart((signal) => void child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", ({ code }: NodeJS.ErrnoException) =>
      reject(
        new StartProblem(
          `${program} cannot be started (${code})`,
          "name a program that is on the PATH, e.g. npx retrain quarter 2025Q2; for a shell line: sh -c '…'",
        ),
      ),
    );
    child.once("close", (exitCode, signal) =>
      resolve(exitCode ?? 128 + constants.signals[signal ?? "SIGKILL"]),
    );
  });
}
