import type { Stats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { FailureError, fail } from "../kit/failure.js";

/**
 * Refuses what is no file with an end: reading a folder fails, and a pipe, a device or a socket may never end.
 * @throws FailureError `data.source-missing`, `data.source-not-a-file`, `fs.failed`
 */
export async function requireRegularFile(path: string): Promise<Stats> {
  const found = await statOf(path);
  const kind = kindOf(found);
  if (kind !== null) fail({ code: "data.source-not-a-file", retryable: false, source: path, kind });
  return found;
}

async function statOf(path: string): Promise<Stats> {
  if (path.includes("\0")) fail({ code: "data.source-missing", retryable: false, source: path });
  try {
    return await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      const link = await isLink(path);
      throw new FailureError(
        {
          code: "data.source-missing",
          retryable: false,
          source: path,
          ...(link ? { dangling: true as const } : {}),
        },
        { cause: error },
      );
    }
    throw fileFailure(path, error);
  }
}

const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );

function kindOf(found: Stats): "folder" | "pipe" | "socket" | "device" | null {
  if (found.isFile()) return null;
  if (found.isDirectory()) return "folder";
  if (found.isFIFO()) return "pipe";
  return found.isSocket() ? "socket" : "device";
}

/** What the operating system said about a file of the user's; any other error as it is. */
export const fileFailure = (path: string, error: unknown): FailureError =>
  refusal(error, { operation: "read", path, option: "data.source" });

/** What the operating system said about a copy that we write; any other error as it is. */
export const copyFailure = (path: string, error: unknown): FailureError =>
  refusal(error, { operation: "write", path });

function refusal(
  error: unknown,
  of: { readonly operation: string; readonly path: string; readonly option?: "data.source" },
): FailureError {
  const { errno, code } = error as NodeJS.ErrnoException;
  if (errno === undefined || code === undefined) throw error;
  return new FailureError({ code: "fs.failed", retryable: false, errno: code, ...of }, { cause: error });
}
