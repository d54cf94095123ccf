import { join } from "node:path";
import { fencedFiles } from "../durable/fenced-files.js";
import { acquireLock } from "../durable/file-lock.js";
import { fileNameOf } from "../durable/file-name.js";
import { thisProcess } from "../durable/process-identity.js";
import { fail } from "../kit/failure.js";
import { refuseWhileCleaning } from "./clean-lock.js";
import { createEngine, type Engine, type RunRequest } from "./engine.js";
import type { StateFolder } from "./state-folder.js";

/** Where the lock of a model lies in a state directory. */
export const lockPath = (state: StateFolder, model: string): string =>
  join(state.locks, `${fileNameOf(model)}.lock`);

export interface RunLock {
  /** The engine for as long as the lock is held: every change that it makes, and its registry too, fails once the lock is lost. */
  readonly engine: Engine;
  /** Names the run in the lock file. */
  describe(run: string): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock of the request's model and this state directory.
 * @throws FailureError `run.locked` when another process holds it, `run.lock-unreadable` when the lock file is something else
 */
export async function lockRun(engine: Engine, request: RunRequest): Promise<RunLock> {
  const { name: model } = request.scope.model;
  const path = lockPath(engine.state, model);
  const identity = thisProcess();
  const holder = { ...identity, since: engine.clock.now(), run: request.quarter.label };
  const lock = await acquireLock(engine.files, path, holder);
  if (!lock.held) {
    return fail({ code: "run.locked", retryable: true, path, model, host: identity.host, holder: lock.by });
  }
  try {
    await refuseWhileCleaning(engine, model);
  } catch (error) {
    await lock.release();
    throw error;
  }
  const files = fencedFiles(engine.files, lock.fence);
  return {
    engine: createEngine({ ...engine, files, registryFor: (run) => engine.registryFor({ files, ...run }) }),
    describe: lock.describe,
    release: lock.release,
  };
}
