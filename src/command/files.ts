import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { fail } from "../kit/failure.js";

/**
 * sha256 of the files that a command is made of, by path relative to its folder: those that the step lists, and every word of the command
 * line that is a path of a file, so that an edited script is never reused by mistake.
 * @throws FailureError `command.not-found` for a listed file that is not there
 */
export async function hashFiles(
  listed: readonly string[],
  commandLine: readonly string[],
  cwd: string,
): Promise<Record<string, string>> {
  const [program = "", ...args] = commandLine;
  // A program without a slash is found on the PATH, whatever lies in the folder.
  const words = program.includes("/") ? commandLine : args;
  const hashes: [string, string][] = [];
  for (const path of new Set([...listed, ...words.map((word) => resolve(cwd, word))])) {
    const errno = await unreadable(path);
    if (errno === null) hashes.push([relative(cwd, path).split(sep).join("/"), await sha256(path)]);
    else if (listed.includes(path))
      fail({ code: "command.not-found", retryable: false, step: null, what: "file", name: path, errno });
  }
  return Object.fromEntries(hashes);
}

async function unreadable(path: string): Promise<string | null> {
  try {
    return (await stat(path)).isFile() ? null : "EISDIR";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

/** What a folder holds that an artifact cannot: a link or another special file; null when there is none, "" for an empty folder. */
export async function strangeFile(folder: string): Promise<string | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (!entries.some((entry) => !entry.isDirectory())) return "";
  const strange = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  return strange === undefined ? null : relative(folder, join(strange.parentPath, strange.name));
}

/** Moves a finished folder into the place of an empty one. */
export async function moveFolder(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}
