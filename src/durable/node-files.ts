import { createHash, randomUUID } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  fsync,
  linkSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import * as fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { BeforeCommit, DurableFiles } from "../kit/files.js";
import { errnoOf, withErrno } from "./errno.js";

/** Prefix of files that are not in place yet. `list` hides them, so that what a kill left behind is never read. */
const TEMP = ".tmp-";

/**
 * The file system of the machine. Every write is on the disk (file and folder fsync'd) before it resolves.
 * Missing parent folders are made.
 */
export function nodeFiles(): DurableFiles {
  return {
    writeAtomic: (path, content, beforeCommit) =>
      withErrno("write", path, () =>
        throughTemp(path, (temp) => writeSynced(temp, content), renameSync, beforeCommit),
      ),
    createExclusive: (path, content, beforeCommit) =>
      withErrno("create", path, () =>
        throughTemp(path, (temp) => writeSynced(temp, content), linkInto, beforeCommit),
      ),
    appendLine: (path, line, beforeCommit) =>
      withErrno("append", path, () => appendSynced(path, `${line}\n`, beforeCommit)),
    copyInto: (source, target, beforeCommit) =>
      withErrno("copy", target, async () => {
        if (await exists(target)) return;
        await throughTemp(target, (temp) => copySynced(source, temp), linkInto, beforeCommit);
      }),
    renameExclusive: (from, to, beforeCommit) =>
      withErrno("rename", to, () => renameExclusive(from, to, beforeCommit)),
    readText: (path) => withErrno("read", path, () => orNull(fs.readFile(path, "utf8"))),
    readBytes: (path) => withErrno("read", path, () => orNull(fs.readFile(path))),
    list: (path) =>
      withErrno("list", path, async () => {
        const names = (await orNull(fs.readdir(path))) ?? [];
        return names.filter((name) => !name.startsWith(TEMP)).sort(byCodeUnit);
      }),
    exists: (path) => withErrno("stat", path, () => exists(path)),
    makeFolder: (path) => withErrno("make folder", path, () => makeFolder(path)),
    remove: (path, beforeCommit) => withErrno("remove", path, () => remove(path, beforeCommit)),
    sha256: (path) => withErrno("hash", path, () => orNull(hashFile(path))),
  };
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "");

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const statOrNull = (path: string): Promise<Stats | null> => orNull(fs.lstat(path));

const exists = async (path: string): Promise<boolean> => (await statOrNull(path)) !== null;

/**
 * Fills a temp file beside `path` and puts it in place. Answers what `place` answered. `place` is one synchronous system call, here and below, so
 * that nothing of this process comes between `beforeCommit` and it.
 */
async function throughTemp<T>(
  path: string,
  fill: (temp: string) => Promise<void>,
  place: (temp: string, path: string) => T,
  beforeCommit?: BeforeCommit,
): Promise<T> {
  const folder = dirname(path);
  const temp = join(folder, `${TEMP}${randomUUID()}`);
  if (!(await exists(folder))) await makeFolder(folder);
  try {
    await fill(temp);
    beforeCommit?.();
    const placed = place(temp, path);
    await fs.rm(temp, { force: true });
    await syncFolder(folder);
    return placed;
  } catch (error) {
    // The first error is the one to tell; a temp file that stays behind is hidden and harmless.
    await fs.rm(temp, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await fs.open(path, "wx");
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function copySynced(source: string, target: string): Promise<void> {
  await fs.copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const handle = await fs.open(target, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function appendSynced(path: string, text: string, beforeCommit?: BeforeCommit): Promise<void> {
  const folder = dirname(path);
  if (!(await exists(folder))) await makeFolder(folder);
  // Opening creates the file, so it is asked before that too, with nothing in between.
  beforeCommit?.();
  const file = openSync(path, "a");
  try {
    const isNew = fstatSync(file).size === 0;
    beforeCommit?.();
    appendFileSync(file, text);
    await synced(file);
    if (isNew) await syncFolder(folder);
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

async function renameExclusive(from: string, to: string, beforeCommit?: BeforeCommit): Promise<boolean> {
  const toFolder = dirname(to);
  if (!(await exists(toFolder))) await makeFolder(toFolder);
  if (!(await fs.lstat(from)).isDirectory()) {
    beforeCommit?.();
    if (!linkInto(from, to)) return false;
    await fs.unlink(from);
  } else {
    if (await exists(to)) return false;
    try {
      beforeCommit?.();
      renameSync(from, to);
    } catch (error) {
      // Another process put a folder or a file there between the look and the rename.
      if (["EEXIST", "ENOTEMPTY", "ENOTDIR"].includes(errnoOf(error) ?? "")) return false;
      throw error;
    }
  }
  await syncFolder(toFolder);
  if (dirname(from) !== toFolder) await syncFolder(dirname(from));
  return true;
}

/** A folder is renamed first: whatever stops the deletion half-way, it never goes on in a folder that somebody made anew at `path`. */
async function remove(path: string, beforeCommit?: BeforeCommit): Promise<void> {
  const found = await statOrNull(path);
  if (found === null) return;
  const folder = dirname(path);
  if (found.isDirectory()) {
    const temp = join(folder, `${TEMP}${randomUUID()}`);
    beforeCommit?.();
    renameSync(path, temp);
    await fs.rm(temp, { recursive: true, force: true });
  } else {
    beforeCommit?.();
    unlinkSync(path);
  }
  await syncFolder(folder);
}

/** A recursive mkdir says ENOENT on a read-only file system; making one folder says what is the matter. */
async function tellWhyNot(path: string, error: unknown): Promise<never> {
  if (errnoOf(error) === "ENOENT") {
    let missing = path;
    while (!(await exists(dirname(missing)))) missing = dirname(missing);
    await fs.mkdir(missing);
  }
  throw error;
}

async function makeFolder(path: string): Promise<void> {
  const first = await fs.mkdir(path, { recursive: true }).catch((error) => tellWhyNot(path, error));
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) {
    await syncFolder(dirname(folder));
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no handle on a folder; there the file system orders renames itself.
  if (process.platform === "win32") return;
  const handle = await orNull(fs.open(path, "r"));
  if (handle === null) return;
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems have no fsync on folders and answer EINVAL: there is nothing more to ask of them.
    if (errnoOf(error) !== "EINVAL") throw error;
  } finally {
    await handle.close();
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
