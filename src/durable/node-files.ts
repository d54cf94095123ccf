import { createHash, randomUUID } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  constants,
  copyFileSync,
  createReadStream,
  fstatSync,
  fsync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import * as fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { BeforeCommit, DurableFiles } from "../kit/files.js";
import { errnoOf, withErrno } from "./errno.js";
import { processTag } from "./process-identity.js";

/** Prefix of files that are not in place yet. `list` hides them, so that what a kill left behind is never read. */
const TEMP = ".tmp-";

/** Says which process writes it: nobody else can tell while nothing is in it. */
const tempName = (): string => `${TEMP}${processTag()}-${randomUUID()}`;

/** A file up to this many bytes is read, copied and hashed in one go. */
const SMALL_BYTES = 1 << 20;

/**
 * The file system of the machine. What a write puts into a file is on the disk (fsync'd) before it resolves, and so is the file's name, but for
 * `copyInto`: names of copies are fsync'd together, at the latest by the next other write. `writeUnsynced` and `makeFolder` wait for no disk.
 * Missing parent folders are made.
 *
 * Calls on metadata and small files are synchronous: handing one to the thread pool takes ten times as long as the call itself, and an engine makes
 * dozens of them a step. What may wait for a disk, an fsync or a large file, goes to the pool.
 */
export function nodeFiles(): DurableFiles {
  const names = new Names();
  return {
    writeAtomic: (path, content, beforeCommit) =>
      withErrno("write", path, async () => {
        await throughTemp(names, path, (temp) => writeSynced(temp, content), renameSync, beforeCommit);
        await names.sync();
      }),
    writeUnsynced: (path, content, beforeCommit) =>
      withErrno("write", path, async () => writeUnsynced(path, content, beforeCommit)),
    createExclusive: (path, content, beforeCommit) =>
      withErrno("create", path, async () => {
        const write = (temp: string) => writeSynced(temp, content);
        const created = await throughTemp(names, path, write, moveExclusive, beforeCommit);
        await names.sync();
        return created;
      }),
    appendLine: (path, line, beforeCommit) =>
      withErrno("append", path, () => appendSynced(names, path, `${line}\n`, beforeCommit)),
    copyInto: (source, target, beforeCommit) =>
      withErrno("copy", target, async () => {
        if (exists(target)) return;
        await throughTemp(names, target, (temp) => copySynced(source, temp), moveExclusive, beforeCommit);
      }),
    renameExclusive: (from, to, beforeCommit) =>
      withErrno("rename", to, () => renameExclusive(names, from, to, beforeCommit)),
    readText: (path) => withErrno("read", path, async () => orNull(() => readFileSync(path, "utf8"))),
    readBytes: (path) => withErrno("read", path, async () => orNull(() => readFileSync(path))),
    list: (path) =>
      withErrno("list", path, async () => {
        const names = orNull(() => readdirSync(path)) ?? [];
        return names.filter((name) => !name.startsWith(TEMP)).sort(byCodeUnit);
      }),
    exists: (path) => withErrno("stat", path, async () => exists(path)),
    makeFolder: (path) => withErrno("make folder", path, async () => void mkdirs(path)),
    remove: (path, beforeCommit) => withErrno("remove", path, () => remove(names, path, beforeCommit)),
    sha256: (path) => withErrno("hash", path, () => hashFile(path)),
  };
}

/** Folders in which names have changed since they were last on the disk. */
class Names {
  private readonly folders = new Set<string>();

  changedIn(folder: string): void {
    this.folders.add(folder);
  }

  /** Makes a folder, and those above it. */
  makeFolder(path: string): void {
    const first = mkdirs(path);
    if (first === undefined) return;
    for (let folder = path; folder.length >= first.length; folder = dirname(folder))
      this.changedIn(dirname(folder));
  }

  async sync(): Promise<void> {
    const folders = [...this.folders];
    await Promise.all(folders.map(syncFolder));
    for (const folder of folders) this.folders.delete(folder);
  }
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "")) return null;
    throw error;
  }
}

const statOrNull = (path: string): Stats | null =>
  orNull(() => lstatSync(path, { throwIfNoEntry: false })) ?? null;

const exists = (path: string): boolean => statOrNull(path) !== null;

/**
 * Fills a temp file beside `path` and puts it in place. Answers what `place` answered. `place` is one synchronous system call, here and below, so
 * that nothing of this process comes between `beforeCommit` and it.
 */
async function throughTemp<T>(
  names: Names,
  path: string,
  fill: (temp: string) => Promise<void>,
  place: (temp: string, path: string) => T,
  beforeCommit?: BeforeCommit,
): Promise<T> {
  const folder = dirname(path);
  const temp = join(folder, tempName());
  if (!exists(folder)) names.makeFolder(folder);
  try {
    await fill(temp);
    beforeCommit?.();
    const placed = place(temp, path);
    names.changedIn(folder);
    return placed;
  } catch (error) {
    discard(temp);
    throw error;
  }
}

function writeUnsynced(path: string, content: string | Uint8Array, beforeCommit?: BeforeCommit): void {
  const folder = dirname(path);
  const temp = join(folder, tempName());
  if (!exists(folder)) mkdirs(folder);
  try {
    writeFileSync(temp, content, { flag: "wx" });
    beforeCommit?.();
    renameSync(temp, path);
  } catch (error) {
    discard(temp);
    throw error;
  }
}

/** After an error, which is the one to tell: a temp file that stays behind is hidden and harmless. */
function discard(temp: string): void {
  try {
    rmSync(temp, { force: true });
  } catch {
    // See above.
  }
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = openSync(path, "wx");
  try {
    writeFileSync(file, content);
    await synced(file);
  } finally {
    closeSync(file);
  }
}

async function copySynced(source: string, target: string): Promise<void> {
  const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
  if (statSync(source).size <= SMALL_BYTES) copyFileSync(source, target, mode);
  else await fs.copyFile(source, target, mode);
  const file = openSync(target, "r");
  try {
    await synced(file);
  } finally {
    closeSync(file);
  }
}

async function appendSynced(
  names: Names,
  path: string,
  text: string,
  beforeCommit?: BeforeCommit,
): Promise<void> {
  const folder = dirname(path);
  if (!exists(folder)) names.makeFolder(folder);
  // A line may tell of files that were put into place before it.
  await names.sync();
  // Opening creates the file, so it is asked before that too, with nothing in between.
  beforeCommit?.();
  const file = openSync(path, "a");
  try {
    const isNew = fstatSync(file).size === 0;
    beforeCommit?.();
    appendFileSync(file, text);
    await synced(file);
    if (isNew) names.changedIn(folder);
    await names.sync();
  } finally {
    closeSync(file);
  }
}

const synced = promisify(fsync);

/** link() is the one call that both creates and refuses an existing name; rename() would replace it. */
function linkInto(existing: string, path: string): boolean {
  try {
    linkSync(existing, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

function moveExclusive(temp: string, path: string): boolean {
  const placed = linkInto(temp, path);
  unlinkSync(temp);
  return placed;
}

async function renameExclusive(
  names: Names,
  from: string,
  to: string,
  beforeCommit?: BeforeCommit,
): Promise<boolean> {
  const toFolder = dirname(to);
  if (!exists(toFolder)) names.makeFolder(toFolder);
  // What is renamed must be there as a whole.
  await names.sync();
  if (!lstatSync(from).isDirectory()) {
    beforeCommit?.();
    if (!linkInto(from, to)) return false;
    unlinkSync(from);
  } else {
    if (exists(to)) return false;
    try {
      beforeCommit?.();
      renameSync(from, to);
    } catch (error) {
      // Another process put a folder or a file there between the look and the rename.
      if (["EEXIST", "ENOTEMPTY", "ENOTDIR"].includes(errnoOf(error) ?? "")) return false;
      throw error;
    }
  }
  names.changedIn(toFolder);
  names.changedIn(dirname(from));
  await names.sync();
  return true;
}

/** A folder is renamed first: whatever stops the deletion half-way, it never goes on in a folder that somebody made anew at `path`. */
async function remove(names: Names, path: string, beforeCommit?: BeforeCommit): Promise<void> {
  const found = statOrNull(path);
  if (found === null) return;
  const folder = dirname(path);
  if (found.isDirectory()) {
    const temp = join(folder, tempName());
    beforeCommit?.();
    renameSync(path, temp);
    await fs.rm(temp, { recursive: true, force: true });
  } else {
    beforeCommit?.();
    unlinkSync(path);
  }
  names.changedIn(folder);
  await names.sync();
}

/** A recursive mkdir says ENOENT on a read-only file system; making one folder says what is the matter. */
function tellWhyNot(path: string, error: unknown): never {
  if (errnoOf(error) === "ENOENT") {
    let missing = path;
    while (!exists(dirname(missing))) missing = dirname(missing);
    mkdirSync(missing);
  }
  throw error;
}

/** @returns the outermost folder that was missing */
function mkdirs(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true });
  } catch (error) {
    return tellWhyNot(path, error);
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no handle on a folder; there the file system orders renames itself.
  if (process.platform === "win32") return;
  const folder = orNull(() => openSync(path, "r"));
  if (folder === null) return;
  try {
    await synced(folder);
  } catch (error) {
    // Some network file systems have no fsync on folders and answer EINVAL: there is nothing more to ask of them.
    if (errnoOf(error) !== "EINVAL") throw error;
  } finally {
    closeSync(folder);
  }
}

async function hashFile(path: string): Promise<string | null> {
  const size = orNull(() => statSync(path).size);
  if (size === null) return null;
  const hash = createHash("sha256");
  if (size <= SMALL_BYTES) {
    const bytes = orNull(() => readFileSync(path));
    return bytes === null ? null : hash.update(bytes).digest("hex");
  }
  for await (const chunk of createReadStream(path, { highWaterMark: SMALL_BYTES }))
    hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
