import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { errnoOf, withErrno } from "../../durable/errno.js";
import { acquireLock, type HeldLock, isHeirOf } from "../../durable/file-lock.js";
import { isOver, type LockRecord, parseLock } from "../../durable/lock-record.js";
import { thisProcess } from "../../durable/process-identity.js";
import { CLEANING } from "../../kit/failures/engine.js";
import type { RegistryPlace } from "./registry.js";

const TEMP = ".tmp-";

/**
 * What killed processes left in a registry folder: files that are not in place yet, models that were half copied, locks. A file is removed only
 * if it was there before the locks of all models were, and none of them is held by anybody else: whoever writes one has taken such a lock
 * before, so it is nobody's.
 * @param measure what removing a file gives back
 * @returns what was removed, or with `dryRun` would be
 */
export async function cleanRegistry(
  { folder, files, clock }: RegistryPlace,
  { dryRun, measure }: { readonly dryRun: boolean; measure(path: string): Promise<number> },
): Promise<{ readonly path: string; readonly bytes: number }[]> {
  const found = await leftovers(folder);
  if (found.length === 0) return [];
  const models = join(folder, "models");
  const locks = (await files.list(models)).map((model) => join(models, model, "lock"));
  const held: HeldLock[] = [];
  const busy: string[] = [];
  const dead = new Set<string>();
  try {
    for (const path of locks) {
      const text = await files.readText(path);
      const record = text === null ? null : parseLock(text);
      if (record !== null && isDead(record)) dead.add(path);
      const isFree = text === null || dead.has(path);
      if (!isFree) busy.push(dirname(path));
      if (dryRun || !isFree) continue;
      const lock = await acquireLock(files, path, { ...thisProcess(), since: clock.now(), run: CLEANING });
      if (lock.held) held.push(lock);
      else busy.push(dirname(path));
    }
    const isNobodys = (path: string) =>
      path.startsWith(models + sep) ? !busy.some((model) => path.startsWith(model + sep)) : busy.length === 0;
    const gone: { path: string; bytes: number }[] = [];
    for (const path of found) {
      const isLock = basename(path) === "lock";
      if (isLock ? !dead.has(path) : !isNobodys(path) || (await isWaiting(path, files.readText))) continue;
      gone.push({ path, bytes: await measure(path) });
      // That of a dead process was taken over, and goes when it is given back.
      if (!dryRun && !isLock) await files.remove(path, () => held[0]?.fence.check());
    }
    return gone;
  } finally {
    for (const lock of held.reverse()) await lock.release();
  }
}

const isDead = (record: LockRecord): boolean => record.host === thisProcess().host && isOver(record);

/** A process that waits for a lock writes the record that it would put into place: that one lives. */
async function isWaiting(path: string, readText: (path: string) => Promise<string | null>): Promise<boolean> {
  const isLock = basename(path).startsWith(TEMP) || basename(path).startsWith("lock");
  const text = isLock ? await readText(path).catch(() => null) : null;
  const record = text === null ? null : parseLock(text);
  return record !== null && !isDead(record);
}

async function leftovers(folder: string): Promise<string[]> {
  const entries = await withErrno("list", folder, async () => {
    try {
      return await readdir(folder, { recursive: true, withFileTypes: true });
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "")) return [];
      throw error;
    }
  });
  return entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => isLeftover(relative(folder, path).split(sep)))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Inside of what goes as a whole nothing is listed by itself. */
function isLeftover(path: readonly string[]): boolean {
  const [name, above] = [path.at(-1)!, path.slice(0, -1)];
  const isStaging = (at: number) =>
    path[at] === "staging" && path[at - 2] === "versions" && path[0] === "models";
  if (above.some((part, at) => part.startsWith(TEMP) || isStaging(at))) return false;
  if (name.startsWith(TEMP) || isStaging(path.length - 1)) return true;
  return path[0] === "models" && path.length === 3 && (name === "lock" || isHeirOf("lock", name));
}
