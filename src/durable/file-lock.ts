import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import { isRunning } from "./process-identity.js";

const Holder = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** ISO 8601, UTC. */
  since: z.string(),
  /** What it is doing, e.g. a run id. */
  run: z.string(),
  processStart: z.string().nullable(),
});
export type LockHolder = z.infer<typeof Holder>;

const LockRecord = Holder.extend({ token: z.string() });
type LockRecord = z.infer<typeof LockRecord>;

export type Lock =
  | { readonly held: true; release(): Promise<void> }
  | { readonly held: false; readonly by: LockHolder };

export interface LockOptions {
  /** How long to wait for a live holder before answering `held: false`; default 0. */
  readonly waitMs?: number;
}

const POLL_MS = 20;

/**
 * Takes the lock file at `path` for `holder` (this process). A holder of this host that no longer runs is taken over; one on
 * another host never is, since nobody here can tell whether it runs.
 * @returns `release`, which removes only this very lock, or who holds it
 * @throws FailureError `store.corrupt` when the file is not a lock record
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

/**
 * One attempt. Taking over is a race between everybody who saw the same dead holder, so it happens under a second lock that is
 * named after that holder's token, `<base>.after-<token>`, and acquired by this same function. Under it:
 * - the file still carries the dead token, or this attempt came late and starts again;
 * - nobody else changes the file: its owner is dead, newcomers only create where there is none, and every other heir needs
 *   this second lock first.
 * An heir that dies half-way leaves a second lock with a dead holder, which is taken over in the same way.
 */
async function tryLock(files: DurableFiles, base: string, path: string, holder: LockHolder): Promise<Lock> {
  const mine: LockRecord = { ...holder, token: randomUUID() };
  const content = `${JSON.stringify(mine)}\n`;
  for (;;) {
    const current = await readLock(files, path);
    if (current === null) {
      if (await files.createExclusive(path, content)) return owned(files, path, mine);
      continue;
    }
    if (current.host !== holder.host || isRunning(current)) return { held: false, by: Holder.parse(current) };

    const heir = await tryLock(files, base, `${base}.after-${current.token}`, holder);
    if (!heir.held) return heir;
    const stillDead = (await readLock(files, path))?.token === current.token;
    if (stillDead) await files.writeAtomic(path, content);
    await heir.release();
    if (stillDead) return owned(files, path, mine);
  }
}

function owned(files: DurableFiles, path: string, mine: LockRecord): Lock {
  return {
    held: true,
    async release() {
      if ((await readLock(files, path))?.token === mine.token) await files.remove(path);
    },
  };
}

async function readLock(files: DurableFiles, path: string): Promise<LockRecord | null> {
  const text = await files.readText(path);
  if (text === null) return null;
  try {
    return LockRecord.parse(JSON.parse(text));
  } catch (error) {
    return fail(
      {
        code: "store.corrupt",
        retryable: false,
        path,
        expected: "a lock record (JSON with pid, host, since, run, processStart, token)",
        actual: text.slice(0, 80),
      },
      error,
    );
  }
}
