import { type Failure, fail } from "../kit/failure.js";

/** Conditions that pass by themselves or that a person can lift without touching the run: worth another attempt. */
const RETRYABLE = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO", "EAGAIN"]);

/** The errno name of an operating system error (`ENOSPC`), or null for any other value. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : null;
}

/**
 * Runs one operation on a path.
 * @throws FailureError `fs.failed` where the operating system said no; anything else passes through
 */
export async function withErrno<T>(operation: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    return fail({ code: "fs.failed", retryable: RETRYABLE.has(errno), operation, path, errno }, error);
  }
}

/**
 * The failure behind an operating system error that reached us as it is, from a library for example; null for any other value. An error that
 * names no path counts only where it is about the disk or open files: other codes are of networks too.
 * @param around what the path is inside of, where the error does not name it
 */
export function systemFailure(error: unknown, around: string): Failure | null {
  const errno = errnoOf(error);
  if (errno === null) return null;
  const { path, syscall } = error as NodeJS.ErrnoException;
  const isAboutDisk = RETRYABLE.has(errno) || errno === "EROFS";
  if (path === undefined && !(isAboutDisk && errno !== "EAGAIN")) return null;
  return {
    code: "fs.failed",
    retryable: RETRYABLE.has(errno),
    operation: syscall ?? "go on",
    path: path ?? around,
    errno,
  };
}
