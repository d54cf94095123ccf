import { lstat, readdir } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { errnoOf, withErrno } from "../durable/errno.js";
import { isOver, parseLock } from "../durable/lock-record.js";
import { isTagOfEnded, thisProcess } from "../durable/process-identity.js";
import { abandonedBacktests, removeAbandoned } from "./clean-backtests.js";
import { liveHolder, whileNothingRuns } from "./clean-lock.js";
import { parseDerived } from "./derived-texts.js";
import type { Engine } from "./engine.js";

/** In the order in which they go. */
const UNDER_STATE_LOCK = ["derived", "records", "objects", "leftovers"] as const;
export const PRUNABLE = [...UNDER_STATE_LOCK, "backtests"] as const;
export type Prunable = (typeof PRUNABLE)[number];

export interface Pruned {
  readonly path: string;
  readonly kind: Prunable;
  /** What removing it gives back: nothing where a run's folder still shows the same file by a link. */
  readonly bytes: number;
}

type Cleaned = Pick<Engine, "files" | "clock" | "state" | "runs">;

/**
 * Prunes what no run refers to: step records (a cache), objects that neither a run nor a record that stays needs, derived texts of artifacts that
 * are gone, what killed processes left, and backtests that never came to their end. Runs and their files are never touched. What points to an object goes before it, so a
 * kill at any time leaves a state that runs can use.
 * @returns what was removed, or with `dryRun` would be, in that order
 * @throws FailureError `run.locked` while a run is at work; `store.corrupt` when a run cannot be read: what it refers to is not known
 */
export async function cleanState(engine: Cleaned, { dryRun }: { dryRun: boolean }): Promise<Pruned[]> {
  return whileNothingRuns(engine, async () => {
    const pruned = await findPrunable(engine);
    if (!dryRun) for (const { path } of pruned) await engine.files.remove(path);
    return [...pruned, ...(await pruneBacktests(engine, dryRun))];
  });
}

/** A backtest has a lock of its own: one at work keeps its folder, and not the rest of the state directory. */
async function pruneBacktests(engine: Cleaned, dryRun: boolean): Promise<Pruned[]> {
  const pruned: Pruned[] = [];
  for (const abandoned of await abandonedBacktests(engine)) {
    const bytes = await freedBy(abandoned.path);
    if (dryRun || (await removeAbandoned(engine, abandoned)))
      pruned.push({ path: abandoned.path, kind: "backtests", bytes });
  }
  return pruned;
}

async function findPrunable(engine: Cleaned): Promise<Pruned[]> {
  const { state, files } = engine;
  const live = await referredByRuns(engine);
  const found: Record<(typeof UNDER_STATE_LOCK)[number], string[]> = {
    derived: [],
    records: [],
    objects: [],
    leftovers: [],
  };

  for (const { path, hash } of await hashed(engine, state.records, ".json")) {
    if (!live.has(hash)) found.records.push(path);
    else addHashes(live, await files.readText(path));
  }
  for (const { path, hash } of await hashed(engine, state.objects, "")) {
    if (!live.has(hash)) found.objects.push(path);
  }
  for (const { path } of await hashed(engine, state.derived, ".json")) {
    const entry = parseDerived(await files.readText(path));
    const isNeeded = entry?.artifacts.every((hash) => live.has(hash.replace("sha256:", "")));
    if (isNeeded !== true) found.derived.push(path);
  }
  found.leftovers.push(...(await deadHeirs(engine)), ...(await deadLockTemps(engine)));
  for (const folder of [state.runs, state.objects, state.records, state.derived])
    found.leftovers.push(...(await tempFiles(folder)));

  const pruned: Pruned[] = [];
  for (const kind of UNDER_STATE_LOCK) {
    for (const path of found[kind]) pruned.push({ path, kind, bytes: await freedBy(path) });
  }
  return pruned;
}

/**
 * Every sha256 that a run's step records name, whatever the version of their format, and the fingerprints in its journal: a kill may have come
 * between a step's record and the run's copy of it, and a power cut may have taken the copy.
 */
async function referredByRuns({ runs, files }: Cleaned): Promise<Set<string>> {
  const live = new Set<string>();
  for (const { entries } of await runs.list()) addHashes(live, JSON.stringify(entries));
  for (const run of await files.list(runs.folder)) {
    for (const step of await files.list(join(runs.folderOf(run), "steps")))
      addHashes(live, await files.readText(join(runs.stepFolder(run, step), "record.json")));
  }
  return live;
}

function addHashes(live: Set<string>, text: string | null): void {
  for (const [hash] of (text ?? "").matchAll(/\b[0-9a-f]{64}\b/g)) live.add(hash);
}

/** Files named by a hash, `ab/cdef…`. Whatever else lies there is somebody else's. */
async function hashed(
  { files }: Cleaned,
  folder: string,
  suffix: string,
): Promise<{ path: string; hash: string }[]> {
  const found: { path: string; hash: string }[] = [];
  for (const head of await files.list(folder)) {
    for (const name of await files.list(join(folder, head))) {
      const hash = `${head}${name.slice(0, name.length - suffix.length)}`;
      if (/^[0-9a-f]{2}$/.test(head) && name.endsWith(suffix) && /^[0-9a-f]{64}$/.test(hash))
        found.push({ path: join(folder, head, name), hash });
    }
  }
  return found;
}

/** Second locks of processes that died while they took over a lock. */
async function deadHeirs(engine: Cleaned): Promise<string[]> {
  const dead: string[] = [];
  for (const name of await engine.files.list(engine.state.locks)) {
    const path = join(engine.state.locks, name);
    if (name.includes(".after-") && (await liveHolder(engine, path)) === null) dead.push(path);
  }
  return dead;
}

/** Locks that processes were about to put into place when they died. A run that is just being refused may be writing one, and lives. */
async function deadLockTemps(engine: Cleaned): Promise<string[]> {
  const dead: string[] = [];
  for (const path of await tempFiles(engine.state.locks)) {
    const record = parseLock((await engine.files.readText(path)) ?? "");
    // One that was killed before it had written its lock is told by the file's name.
    const isDead =
      record === null
        ? isTagOfEnded(basename(path).slice(TEMP.length))
        : record.host === thisProcess().host && isOver(record);
    if (isDead) dead.push(path);
  }
  return dead;
}

/** Files that a kill left half-written, and folders that it left half-removed. */
async function tempFiles(folder: string): Promise<string[]> {
  const entries = await withErrno("list", folder, async () => {
    try {
      return await readdir(folder, { recursive: true, withFileTypes: true });
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw error;
    }
  });
  return entries
    .filter(({ name, parentPath }) => isTemp(name) && !parentPath.split(sep).some(isTemp))
    .map(({ name, parentPath }) => join(parentPath, name))
    .sort((a, b) => (a < b ? -1 : 1));
}

const TEMP = ".tmp-";
const isTemp = (name: string): boolean => name.startsWith(TEMP);

/** What removing a file or a folder gives back: nothing where another name shows the same file. */
export async function freedBy(path: string): Promise<number> {
  const stat = await withErrno("stat", path, () => lstat(path));
  if (!stat.isDirectory()) return stat.nlink > 1 ? 0 : stat.size;
  const sizes = (await withErrno("list", path, () => readdir(path))).map((name) => freedBy(join(path, name)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
