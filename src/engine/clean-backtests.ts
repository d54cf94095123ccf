import { join } from "node:path";
import { fencedFiles } from "../durable/fenced-files.js";
import { acquireLock } from "../durable/file-lock.js";
import { thisProcess } from "../durable/process-identity.js";
import { CLEANING } from "../kit/failures/engine.js";
import { liveHolder } from "./clean-lock.js";
import type { Engine } from "./engine.js";

type Cleaned = Pick<Engine, "files" | "clock" | "state">;

/** What a backtest left that nobody works on and that never came to its end. */
export interface Abandoned {
  /** Its folder, or, beside a document of an earlier run of the same backtest, its state in it. */
  readonly path: string;
  readonly lock: string;
  /** Text of that document. */
  readonly document: string | null;
}

/**
 * Backtests that were killed or interrupted. The state of one that came to its document was asked for, or shows a quarter that failed: it stays,
 * unless the process died that was making the document anew. A process at work holds the backtest's lock.
 */
export async function abandonedBacktests(cleaned: Cleaned): Promise<Abandoned[]> {
  const { files, state } = cleaned;
  const names = await files.list(state.backtests);
  const abandoned: Abandoned[] = [];
  for (const id of names.filter((name) => /^[0-9a-f]{12}$/.test(name))) {
    const folder = join(state.backtests, id);
    const replay = join(folder, "state");
    const lock = `${folder}.lock`;
    if (!(await files.exists(replay)) || (await liveHolder(cleaned, lock)) !== null) continue;
    const document = await files.readText(join(folder, "backtest.json"));
    const isOver = document !== null && !(await files.exists(lock));
    if (!isOver) abandoned.push({ path: document === null ? folder : replay, lock, document });
  }
  return abandoned;
}

/**
 * Removes it under that backtest's own lock.
 * @returns false where somebody has taken it up again meanwhile
 */
export async function removeAbandoned(
  { files, clock }: Cleaned,
  { path, lock: at, document }: Abandoned,
): Promise<boolean> {
  const lock = await acquireLock(files, at, { ...thisProcess(), since: clock.now(), run: CLEANING });
  if (!lock.held) return false;
  try {
    const now = await files.readText(join(at.replace(/\.lock$/, ""), "backtest.json"));
    if (now !== document) return false;
    await fencedFiles(files, lock.fence).remove(path);
    return true;
  } finally {
    await lock.release();
  }
}
