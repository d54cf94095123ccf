import { basename, join } from "node:path";
import { nameOfFile } from "../../durable/file-name.js";
import { isOver, parseLock } from "../../durable/lock-record.js";
import { thisProcess } from "../../durable/process-identity.js";
import type { DurableFiles } from "../../kit/files.js";
import { type Checkup, fine } from "../../report/checkup.js";
import type { Commands } from "../../report/commands.js";

/** A lock file, and the model whose runs it keeps apart; null for another lock, e.g. of the registry. */
export interface LockFile {
  readonly path: string;
  readonly model: string | null;
}

/** The locks of a state directory. */
export async function locksOf(files: DurableFiles, folder: string): Promise<readonly LockFile[]> {
  return (await files.list(folder)).flatMap((name): LockFile[] => {
    const model = /^(.*)\.lock$/.exec(name)?.[1];
    const path = join(folder, name);
    if (model !== undefined) return [{ path, model: nameOfFile(model) }];
    return name === "state.clean" ? [{ path, model: null }] : [];
  });
}

/** The short locks that changes of an embedded registry take. */
export async function locksOfRegistry(files: DurableFiles, folder: string): Promise<readonly LockFile[]> {
  const models = join(folder, "models");
  const locks = (await files.list(models)).map((name) => join(models, name, "lock"));
  const there = await Promise.all(locks.map((path) => files.exists(path)));
  return locks.filter((_, i) => there[i]).map((path) => ({ path, model: null }));
}

/** Whose each lock is, and whether anybody has to do something about it. */
export async function checkLocks(
  files: DurableFiles,
  locks: readonly LockFile[],
  commands: Commands,
): Promise<Checkup[]> {
  const found = await Promise.all(locks.map((lock) => checkLock(files, lock, commands)));
  const told = found.filter((one) => one !== null);
  return told.length === 0 ? [fine("locks", "Nobody holds a lock")] : told;
}

async function checkLock(files: DurableFiles, lock: LockFile, commands: Commands): Promise<Checkup | null> {
  const { path, model } = lock;
  const id = "locks";
  const text = await files.readText(path);
  // It was released meanwhile.
  if (text === null) return null;
  const record = parseLock(text);
  const target = model === null ? { path } : { model };
  if (record === null)
    return {
      id,
      state: "problem",
      title: `${basename(path)} is no lock, and keeps every run out`,
      where: path,
      details: [`it reads: ${JSON.stringify(text.slice(0, 60))}`],
      next: [`If nothing runs: \`${commands.unlock({ path }, "i-know-it-is-dead")}\``],
    };
  const holder = `${record.run}, process ${record.pid} on ${record.host} since ${record.since}`;
  if (record.host !== thisProcess().host)
    return {
      id,
      state: "warning",
      title: `A process on another host holds a lock: ${record.run}`,
      where: path,
      details: [holder, "nobody here can tell whether it still runs"],
      next: [`If you know that it is dead: \`${commands.unlock(target, "i-know-it-is-dead")}\``],
    };
  if (isOver(record))
    return fine(
      id,
      `A lock is left of a process that has ended (${holder}); the next run takes it over`,
      path,
    );
  return fine(id, `A lock is held by a process that is at work: ${holder}`, path);
}
