import { basename, dirname, join } from "node:path";
import { fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import { acquireLock, isHeirOf, unlessGone } from "./file-lock.js";
import { appendRecord, FLAT } from "./journal.js";
import { holderOf, isOver, type LockHolder, type LockRecord, parseLock } from "./lock-record.js";
import { thisProcess } from "./process-identity.js";

/** Beside the lock file: one line of JSON for every lock that a person removed. */
export const UNLOCK_LOG = "unlocks.jsonl";

const WRITER_WAIT_MS = 10_000;

export interface UnlockRequest {
  /** This host. */
  readonly host: string;
  /** Who asks, and when (ISO 8601, UTC), for the log. */
  readonly by: string;
  readonly at: string;
  /** Remove the lock of a process that runs on this host. */
  readonly force: boolean;
  /** Remove a lock of which nobody here can tell whether its holder runs. */
  readonly declaredDead: boolean;
}

/** `running`: on this host. `elsewhere`: on another host. `unreadable`: the file is no lock record. */
type Obstacle = "running" | "elsewhere" | "unreadable";

export type Unlocked =
  | { readonly outcome: "free" }
  | { readonly outcome: "removed"; readonly holder: LockHolder | null }
  | { readonly outcome: "refused"; readonly why: Obstacle; readonly holder: LockHolder | null };

/** Removes the lock at `path`, and the second locks of whoever is taking it over, and logs it first. A holder that lives finds its lock lost. */
export async function breakLock(
  files: DurableFiles,
  path: string,
  request: UnlockRequest,
): Promise<Unlocked> {
  const folder = dirname(path);
  const heirs = (await files.list(folder)).filter((name) => isHeirOf(basename(path), name));
  let removed: Unlocked = { outcome: "free" };
  for (const target of [...heirs.map((name) => join(folder, name)), path]) {
    const text = await files.readText(target);
    if (text === null) continue;
    const record = parseLock(text);
    const holder = record === null ? null : holderOf(record);
    const why = obstacleOf(record, request.host);
    const isAllowed = why === null || (why === "running" ? request.force : request.declaredDead);
    if (!isAllowed) return { outcome: "refused", why, holder };

    const { at, by } = request;
    const entry = { at, by, lock: basename(target), was: why ?? "dead", holder };
    await writeDown(files, join(folder, UNLOCK_LOG), entry, request);
    if (record === null) await files.remove(target);
    else await unlessGone({ path: target, token: record.token }, (check) => files.remove(target, check));
    removed = { outcome: "removed", holder };
  }
  return removed;
}

/** Two people may break two locks at once, and each line follows from the one before. */
async function writeDown(
  files: DurableFiles,
  log: string,
  entry: object,
  { at }: UnlockRequest,
): Promise<void> {
  const writer = `${log.replace(/\.jsonl$/, "")}.writer`;
  const holder = { ...thisProcess(), since: at, run: "unlock" };
  const lock = await acquireLock(files, writer, holder, { waitMs: WRITER_WAIT_MS });
  if (!lock.held)
    return fail({
      code: "registry.busy",
      retryable: true,
      path: writer,
      holder: `process ${lock.by.pid} on ${lock.by.host}`,
    });
  try {
    await appendRecord(files, log, entry, "store.corrupt", { seal: "quick", format: FLAT });
  } finally {
    await lock.release();
  }
}

function obstacleOf(record: LockRecord | null, host: string): Obstacle | null {
  if (record === null) return "unreadable";
  if (record.host !== host) return "elsewhere";
  return isOver(record) ? null : "running";
}
