import { stat } from "node:fs/promises";
import type { Programs } from "../kit/programs.js";
import type { Workspace } from "../kit/step.js";
import { commandEnvironment } from "./environment.js";
import { runInGroup } from "./process.js";

/** Lines of the log that a failure shows. */
const LAST_LINES = 10;

/** @param signal the step's: when it is aborted, what runs is ended */
export function programsOf(workspace: Workspace, signal: AbortSignal): Programs {
  return {
    logFile: workspace.logFile,
    log: (line) => workspace.log(line),
    scratch: () => workspace.scratch(),
    async run({ command, cwd, env, timeoutMs }) {
      const [program, ...args] = command;
      const limit = timeoutMs === null ? null : AbortSignal.timeout(timeoutMs);
      const lines: string[] = [];
      const ending = await runInGroup(
        { program: program!, args, cwd, env: commandEnvironment(process.env, env, process.platform) },
        limit === null ? signal : AbortSignal.any([signal, limit]),
        (line) => {
          workspace.log(line);
          lines.push(line);
          if (lines.length > LAST_LINES) lines.shift();
        },
      );
      signal.throwIfAborted();
      if (ending.started) return { ...ending, timedOut: limit?.aborted ?? false, lines };
      return { ...ending, what: (await isFolder(cwd)) ? "program" : "folder" };
    },
  };
}

/** The operating system gives the same answer for a program and a folder that are not there. */
const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
