import { readFileSync } from "node:fs";
import { z } from "zod";
import { fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import { errnoOf } from "./errno.js";
import { isRunning } from "./process-identity.js";

const Holder = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** ISO 8601, UTC, by the clock of the holder's host: shown, never compared. */
  since: z.string(),
  /** What it is doing, e.g. a run id. */
  run: z.string(),
  processStart: z.string().nullable(),
});
export type LockHolder = z.infer<typeof Holder>;

/** One lock as it was when somebody took it: another token in the file is another lock. */
const LockMark = z.object({ path: z.string(), token: z.string() });
export type LockMark = z.infer<typeof LockMark>;

const LockRecord = Holder.extend({
  token: z.string(),
  /** The lock that its holder must also hold in order to write under this one. */
  under: LockMark.exactOptional(),
});
export type LockRecord = z.infer<typeof LockRecord>;

export const holderOf = (record: LockRecord): LockHolder => Holder.parse(record);

/** Null when the text is not a lock record. */
export function parseLock(text: string): LockRecord | null {
  try {
    return LockRecord.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * The lock record at `path`, or null when there is no file.
 * @throws FailureError `run.lock-unreadable` when the file is something else
 */
export async function readLock(files: DurableFiles, path: string): Promise<LockRecord | null> {
  const text = await files.readText(path);
  if (text === null) return null;
  const found = text.slice(0, 80);
  return parseLock(text) ?? fail({ code: "run.lock-unreadable", retryable: false, path, found });
}

/** Whether a lock of this host can be taken over: its process has ended, or has lost the lock that it writes under. */
export function isOver(record: LockRecord): boolean {
  return !isRunning(record) || (record.under !== undefined && !isInPlace(record.under));
}

export function isInPlace({ path, token }: LockMark): boolean {
  const text = readNow(path);
  return text !== null && parseLock(text)?.token === token;
}

/**
 * Reads without giving way to anything else in this process, so that a check and the system call after it are as close as they can be.
 * @returns null when there is no such file
 */
export function readNow(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    // ESTALE: a network file system's word for a file that was replaced.
    if (["ENOENT", "ENOTDIR", "ESTALE"].includes(errno)) return null;
    return fail({ code: "fs.failed", retryable: false, operation: "read", path, errno }, error);
  }
}
