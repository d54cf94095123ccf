import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { DurableFiles } from "../kit/files.js";
import { type Fence, fenceAt, fenceOf } from "./fenced-files.js";
import { holderOf, isInPlace, isOver, type LockHolder, type LockRecord, readLock } from "./lock-record.js";

export interface HeldLock {
  readonly held: true;
  /** Passes as long as the file carries this very lock; see `fencedFiles`. */
  readonly fence: Fence;
  /**
   * Says in the lock file what the holder is doing now.
   * @throws FailureError `run.lock-lost`
   */
  describe(run: string): Promise<void>;
  /** Removes the file if it still carries this very lock. */
  release(): Promise<void>;
}

export type Lock = HeldLock | { readonly held: false; readonly by: LockHolder };

export interface LockOptions {
  /** How long to wait for a live holder before answering `held: false`; default 0. */
  readonly waitMs?: number;
}

const POLL_MS = 20;

/**
 * Takes the lock file at `path` for `holder` (this process). A holder of this host that no longer runs is taken over, and so is one that has lost
 * the lock under which it took this one; a holder on another host never is, since nobody here can tell whether it runs.
 * @throws FailureError `run.lock-unreadable` when the file is not a lock record
 */
export async function acquireLock(
  files: DurableFiles,
  path: string,
  holder: LockHolder,
  options: LockOptions = {},
): Promise<Lock> {
  const polls = Math.ceil((options.waitMs ?? 0) / POLL_MS);
  for (let poll = 0; ; poll++) {
    const lock = await tryLock(files, path, path, holder);
    if (lock.held || poll >= polls) return lock;
    await sleep(POLL_MS);
  }
}

/** Where the heir of the lock with this token takes its second lock. */
const heirPath = (base: string, token: string): string => `${base}.after-${token}`;

/** Whether `name` is a second lock beside the lock file named `base`. */
export const isHeirOf = (base: string, name: string): boolean => name.startsWith(heirPath(base, ""));

/**
 * One attempt. Taking over is a race between everybody who saw the same dead holder, so it happens under a second lock that is
 * named after that holder's token, `<base>.after-<token>`, and acquired by this same function. Under it:
 * - the file still carries the dead token, or this attempt came late and starts again;
 * - nobody else changes the file: its owner is dead, newcomers only create where there is none, and every other heir needs
 *   this second lock first.
 * An heir that dies half-way leaves a second lock with a dead holder, which is taken over in the same way.
 */
async function tryLock(files: DurableFiles, base: string, path: string, holder: LockHolder): Promise<Lock> {
  const under = fenceOf(files)?.mark;
  const mine: LockRecord = { ...holder, token: randomUUID(), ...(under === undefined ? {} : { under }) };
  for (;;) {
    const current = await readLock(files, path);
    if (current === null) {
      if (await files.createExclusive(path, textOf(mine))) return owned(files, path, mine);
      continue;
    }
    if (current.host !== holder.host || !isOver(current)) return { held: false, by: holderOf(current) };

    const heir = await tryLock(files, base, heirPath(base, current.token), holder);
    if (!heir.held) return heir;
    const taken = await replace(files, path, current.token, mine);
    await heir.release();
    if (taken) return owned(files, path, mine);
  }
}

/** False when the file does not carry `token` any more, up to the moment before it would be replaced. */
async function replace(files: DurableFiles, path: string, token: string, by: LockRecord): Promise<boolean> {
  return unlessGone({ path, token }, (check) => files.writeAtomic(path, textOf(by), check));
}

/** Runs a change of a lock file that must still be `mark` when the change comes into effect; answers whether it was. */
export async function unlessGone(
  mark: { readonly path: string; readonly token: string },
  change: (check: () => void) => Promise<void>,
): Promise<boolean> {
  const gone = new Error("another lock is in place");
  const check = () => {
    if (!isInPlace(mark)) throw gone;
  };
  try {
    check();
    await change(check);
    return true;
  } catch (error) {
    if (error === gone) return false;
    throw error;
  }
}

function owned(files: DurableFiles, path: string, mine: LockRecord): HeldLock {
  const mark = { path, token: mine.token };
  const fence = fenceAt(mark);
  return {
    held: true,
    fence,
    async describe(run) {
      fence.check();
      await files.writeAtomic(path, textOf({ ...mine, run }), fence.check);
    },
    async release() {
      await unlessGone(mark, (check) => files.remove(path, check));
    },
  };
}

const textOf = (record: LockRecord): string => `${JSON.stringify(record)}\n`;
