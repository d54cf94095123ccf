import { type Failure, fail } from "../kit/failure.js";

/** Conditions that pass by themselves or that a person can lift without touching the run: worth another attempt. */
const RETRYABLE = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO", "EAGAIN"]);

/** Codes that no network gives, so that they are about the disk although no path is named. */
const OF_PATHS = new Set(["EROFS", "EISDIR", "ENOTDIR", "ENOTEMPTY", "ELOOP", "ENAMETOOLONG"]);

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
 * The failure behind an operating system error that reached us as it is, from a library for example, or behind memory that ran out; null for any
 * other value. An error that names no path counts only where it is about the disk or open files: other codes are of networks too.
 * @param around what the path is inside of, where the error does not name it
 */
export function systemFailure(error: unknown, around: string): Failure | null {
  const exhausted = outOfMemory(error);
  if (exhausted !== null) return { code: "memory.exhausted", retryable: false, detail: exhausted };
  const errno = errnoOf(error);
  if (errno === null) return null;
  const { path, syscall } = error as NodeJS.ErrnoException;
  const isAboutDisk = RETRYABLE.has(errno) || OF_PATHS.has(errno);
  if (path === undefined && !(isAboutDisk && errno !== "EAGAIN")) return null;
  return {
    code: "fs.failed",
    retryable: RETRYABLE.has(errno),
    operation: syscall ?? "go on",
    path: path ?? around,
    errno,
  };
}

/** How engines and libraries say that there is no more memory, or that a text is longer than one can be. */
const OUT_OF_MEMORY = [
  /^Array buffer allocation failed/,
  /^Invalid string length/,
  /^Invalid typed array length: [1-9]/,
  /^(Map|Set) maximum size exceeded/,
  /could not allocate memory/i,
  /^Out of Memory Error/,
  /\bbad_alloc\b/,
  /failed to allocate memory/i,
];
const OUT_OF_MEMORY_CODES = [
  "ENOMEM",
  "ERR_STRING_TOO_LONG",
  "ERR_BUFFER_TOO_LARGE",
  "ERR_FS_FILE_TOO_LARGE",
  "ERR_MEMORY_ALLOCATION_FAILED",
  "ERR_WORKER_OUT_OF_MEMORY",
];

/** What an error says of memory that ran out; null for any other one. */
function outOfMemory(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as NodeJS.ErrnoException;
  const isMeant =
    (code !== undefined && OUT_OF_MEMORY_CODES.includes(code)) ||
    OUT_OF_MEMORY.some((words) => words.test(error.message));
  return isMeant ? error.message.split("\n")[0]! : null;
}
