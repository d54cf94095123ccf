import { stat } from "node:fs/promises";
import { FilesNotChanged, type Programs } from "../kit/programs.js";
import type { Workspace } from "../kit/step.js";
import { amongChangedFiles, namespaceFlags, setupFailed } from "./changed-files.js";
import { commandEnvironment } from "./environment.js";
import { watchOpenFiles } from "./open-files.js";
import { runInGroup } from "./process.js";

/** Lines of the log that a failure shows. */
const LAST_LINES = 10;

/** @param signal the step's: when it is aborted, what runs is ended */
export function programsOf(workspace: Workspace, signal: AbortSignal): Programs {
  const environment = (given: Readonly<Record<string, string>>) =>
    commandEnvironment(process.env, given, process.platform);
  const flagsHere = () => namespaceFlags(environment({}));
  return {
    logFile: workspace.logFile,
    stateFolder: workspace.stateFolder,
    log: (line) => workspace.log(line),
    scratch: () => workspace.scratch(),
    cannotChangeFiles: async () =>
      (await flagsHere()) === null
        ? "this machine gives no program a mount namespace of its own (unshare of util-linux, and the right to use it)"
        : null,
    async run({ command, cwd, env, timeoutMs, changed, watched = [] }) {
      const [program, ...args] = command;
      const limit = timeoutMs === null ? null : AbortSignal.timeout(timeoutMs);
      const lines: string[] = [];
      const plain = { program: program!, args, cwd, env: environment(env) };
      const line =
        changed === undefined ? plain : amongChangedFiles(plain, changed, (await flagsHere()) ?? []);
      const watch = watchOpenFiles(watched);
      const ending = await runInGroup(
        line,
        limit === null ? signal : AbortSignal.any([signal, limit]),
        (line) => {
          workspace.log(line);
          lines.push(line);
          if (lines.length > LAST_LINES) lines.shift();
        },
        watch.start,
      ).finally(watch.stop);
      signal.throwIfAborted();
      if (changed !== undefined && ending.started && setupFailed(ending.exitCode, lines))
        throw new FilesNotChanged();
      if (ending.started)
        return { ...ending, timedOut: limit?.aborted ?? false, lines, opened: watch.opened() };
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
