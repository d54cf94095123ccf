import { fencedFiles } from "../../durable/fenced-files.js";
import { acquireLock } from "../../durable/file-lock.js";
import { thisProcess } from "../../durable/process-identity.js";
import { refuseWhileCleaning } from "../../engine/clean-lock.js";
import { lockPath } from "../../engine/lock.js";
import type { StateFolder } from "../../engine/state-folder.js";
import { fail } from "../../kit/failure.js";
import { TUNING } from "../../kit/failures/engine.js";
import type { DurableFiles } from "../../kit/files.js";
import type { Adapters } from "../adapters.js";

/**
 * Holds the lock of a model's searches while `use` writes through the files that it gets. It is not the lock of the
 * model's runs, so a quarter can run meanwhile; `retrain clean` cannot.
 * @throws FailureError `run.locked` when another search holds it, `run.lock-lost` when it was lost on the way
 */
export async function whileTuning<T>(
  { files, clock }: Pick<Adapters, "files" | "clock">,
  state: StateFolder,
  model: string,
  use: (files: DurableFiles) => Promise<T>,
): Promise<T> {
  const name = `${model}.tune`;
  const path = lockPath(state, name);
  const identity = thisProcess();
  const lock = await acquireLock(files, path, { ...identity, since: clock.now(), run: TUNING });
  if (!lock.held) {
    return fail({
      code: "run.locked",
      retryable: true,
      path,
      model: name,
      host: identity.host,
      holder: lock.by,
    });
  }
  try {
    await refuseWhileCleaning({ files, clock, state }, name);
    return await use(fencedFiles(files, lock.fence));
  } finally {
    await lock.release();
  }
}
