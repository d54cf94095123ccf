import { fail } from "../kit/failure.js";
import type { BeforeCommit, DurableFiles } from "../kit/files.js";
import { holderOf, type LockMark, parseLock, readNow } from "./lock-record.js";

export interface Fence {
  readonly mark: LockMark;
  /**
   * Passes while the lock file carries the token of `mark`.
   * @throws FailureError `run.lock-lost`
   */
  readonly check: BeforeCommit;
}

/** The fence around a lock: whoever finds another lock in the file, or none, has lost it and must not write any more. */
export function fenceAt(mark: LockMark): Fence {
  return {
    mark,
    check() {
      const text = readNow(mark.path);
      const current = text === null ? null : parseLock(text);
      if (current?.token === mark.token) return;
      const holder = current === null ? null : holderOf(current);
      fail({ code: "run.lock-lost", retryable: false, path: mark.path, holder });
    },
  };
}

const fences = new WeakMap<DurableFiles, Fence>();

/** The fence that every change through these files passes, or null. */
export const fenceOf = (files: DurableFiles): Fence | null => fences.get(files) ?? null;

/**
 * The same files for the holder of a lock: a change fails with `run.lock-lost` once the lock is lost, e.g. when the process was stopped, the lock
 * was broken or taken over, and the process goes on late. The lock is looked at before a call starts and again right before the system call
 * that makes the change visible.
 *
 * What remains: a process that is stopped between that last look and the system call after it (no other code of the process runs in between)
 * makes this one change when it goes on; the next one fails. A file system cannot compare and write in one call, so it cannot be closed here.
 */
export function fencedFiles(files: DurableFiles, fence: Fence): DurableFiles {
  const { check } = fence;
  const both =
    (given: BeforeCommit | undefined): BeforeCommit =>
    () => {
      check();
      given?.();
    };
  const fenced: DurableFiles = {
    async writeAtomic(path, content, given) {
      check();
      await files.writeAtomic(path, content, both(given));
    },
    async writeUnsynced(path, content, given) {
      check();
      await files.writeUnsynced(path, content, both(given));
    },
    async createExclusive(path, content, given) {
      check();
      return files.createExclusive(path, content, both(given));
    },
    async appendLine(path, line, given) {
      check();
      await files.appendLine(path, line, both(given));
    },
    async copyInto(source, target, given) {
      check();
      await files.copyInto(source, target, both(given));
    },
    async renameExclusive(from, to, given) {
      check();
      return files.renameExclusive(from, to, both(given));
    },
    async makeFolder(path) {
      check();
      await files.makeFolder(path);
    },
    async remove(path, given) {
      check();
      await files.remove(path, both(given));
    },
    readText: (path) => files.readText(path),
    readBytes: (path) => files.readBytes(path),
    list: (path) => files.list(path),
    exists: (path) => files.exists(path),
    sha256: (path) => files.sha256(path),
  };
  fences.set(fenced, fence);
  return fenced;
}
