import { join } from "node:path";
import { acquireLock, type HeldLock } from "../durable/file-lock.js";
import { nameOfFile } from "../durable/file-name.js";
import { holderOf, isOver, type LockHolder, readLock } from "../durable/lock-record.js";
import { thisProcess } from "../durable/process-identity.js";
import { fail } from "../kit/failure.js";
import { CLEANING } from "../kit/failures/engine.js";
import type { Engine } from "./engine.js";

type Locking = Pick<Engine, "files" | "clock" | "state">;

/** Not `<model>.lock`, so that it is no model's. */
const cleanLock = ({ state }: Locking): string => join(state.locks, "state.clean");

/**
 * Keeps every run out of a state directory while `use` works on it. A run takes its model's lock and then looks at this one; this takes its own
 * and then every model's. So of two that start together at least one sees the other.
 * @throws FailureError `run.locked` when a run or another `clean` is at work
 */
export async function whileNothingRuns<T>(engine: Locking, use: () => Promise<T>): Promise<T> {
  const identity = thisProcess();
  const held: HeldLock[] = [];
  const take = async (path: string, model: string) => {
    const holder = { ...identity, since: engine.clock.now(), run: CLEANING };
    const lock = await acquireLock(engine.files, path, holder);
    if (lock.held) held.push(lock);
    else fail({ code: "run.locked", retryable: true, path, model, host: identity.host, holder: lock.by });
  };
  try {
    await take(cleanLock(engine), "");
    for (const name of await engine.files.list(engine.state.locks)) {
      const model = /^(.*)\.lock$/.exec(name)?.[1];
      if (model !== undefined) await take(join(engine.state.locks, name), nameOfFile(model));
    }
    return await use();
  } finally {
    for (const lock of held.reverse()) await lock.release();
  }
}

/** For a run that has its model's lock. */
export async function refuseWhileCleaning(engine: Locking, model: string): Promise<void> {
  const path = cleanLock(engine);
  const { host } = thisProcess();
  const holder = await liveHolder(engine, path);
  if (holder !== null) fail({ code: "run.locked", retryable: true, path, model, host, holder });
}

/** Who holds the lock at `path`; null where nobody does, or a process of this host that has ended. */
export async function liveHolder({ files }: Locking, path: string): Promise<LockHolder | null> {
  const record = await readLock(files, path);
  if (record === null) return null;
  return record.host === thisProcess().host && isOver(record) ? null : holderOf(record);
}
