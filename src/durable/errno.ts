import { fail } from "../kit/failure.js";

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
