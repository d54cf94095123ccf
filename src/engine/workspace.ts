import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf, withErrno } from "../durable/errno.js";
import { fail } from "../kit/failure.js";
import { mayGoOn } from "../kit/secrets/hidden.js";
import type { Workspace } from "../kit/step.js";

export interface OpenWorkspace extends Workspace {
  /** Closes the log and removes the scratch folder. */
  close(): Promise<void>;
}

/**
 * The scratch folder has a name of its own: a process that outlived a killed run cannot write into the one of the next attempt. What a kill leaves of
 * it is hidden, and goes with the step's folder or with `retrain clean`.
 * @param logTitle written first when this is not the first attempt, whose log is kept
 */
export function openWorkspace(
  stepFolder: string,
  logFile: string,
  logTitle: string | null,
  mask: (text: string) => string,
  stateFolder: string,
): OpenWorkspace {
  let log: number | null = null;
  const folders: string[] = [];
  /** Lines that a secret may go on after: they are written together, so that it is known. */
  let held: string[] = [];

  const write = (line: string): void => {
    held.push(line);
    if (mayGoOn(held.join("\n"))) return;
    flush();
  };

  const flush = (): void => {
    if (held.length === 0) return;
    const text = held.join("\n");
    held = [];
    try {
      if (log === null) {
        mkdirSync(dirname(logFile), { recursive: true });
        log = openSync(logFile, logTitle === null ? "w" : "a");
        if (logTitle !== null) writeSync(log, `${logTitle}\n`);
      }
      writeSync(log, `${mask(text)}\n`);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === null) throw error;
      fail({ code: "fs.failed", retryable: true, operation: "write", path: logFile, errno }, error);
    }
  };

  return {
    logFile,
    stateFolder,
    log: write,
    scratch: () =>
      withErrno("make folder", stepFolder, async () => {
        await mkdir(stepFolder, { recursive: true });
        const folder = await mkdtemp(join(stepFolder, ".tmp-work-"));
        folders.push(folder);
        return folder;
      }),
    async close() {
      flush();
      if (log !== null) closeSync(log);
      for (const folder of folders)
        await withErrno("remove", folder, () => rm(folder, { recursive: true, force: true }));
    },
  };
}
