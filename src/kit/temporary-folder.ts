import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FailureError } from "./failure.js";

/**
 * A new folder for files that go away again.
 * @param what it is for, e.g. `text`: its name begins with `retrain-text-`
 * @throws FailureError `fs.failed` that names TMPDIR
 */
export async function temporaryFolder(what: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), `retrain-${what}-`));
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (errno === undefined || code === undefined) throw error;
    throw refused({ operation: "make a folder", path: tmpdir(), errno: code }, error);
  }
}

/** The folder is gone when `use` is over; where the disk refuses a file in it, the failure names TMPDIR. */
export async function withTemporaryFolder<T>(what: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await temporaryFolder(what);
  try {
    return await use(folder);
  } catch (error) {
    throw ofTemporaries(error, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the operating system said about a path that begins so; any other error as it is. */
function ofTemporaries(error: unknown, start: string): unknown {
  if (error instanceof FailureError) {
    const { failure } = error;
    if (failure.code !== "fs.failed" || !failure.path.startsWith(start)) return error;
    return new FailureError({ ...failure, option: "TMPDIR" }, { cause: error });
  }
  const { code, errno, syscall, path } = error as NodeJS.ErrnoException;
  if (errno === undefined || code === undefined || (path !== undefined && !path.startsWith(start)))
    return error;
  return refused({ operation: syscall ?? "write", path: path ?? start, errno: code }, error);
}

const refused = (
  what: { readonly operation: string; readonly path: string; readonly errno: string },
  cause: unknown,
): FailureError =>
  new FailureError(
    { code: "fs.failed", retryable: RETRYABLE.has(what.errno), ...what, option: "TMPDIR" },
    { cause },
  );

const RETRYABLE: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE"]);
