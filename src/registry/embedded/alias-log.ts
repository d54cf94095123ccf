import { z } from "zod";
import { chainedLine } from "../../durable/chain.js";
import { sha256 } from "../../durable/hash.js";
import { type DescribeDamage, readRecords, soundPart } from "../../durable/journal.js";
import { writeSeal } from "../../durable/seal.js";
import { FailureError } from "../../kit/failure.js";
import { ModelRef } from "../../kit/model-ref.js";
import type { AliasMove } from "../../kit/registry.js";
import { layout, type Store } from "./store.js";

export const Move = z.object({
  alias: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  at: z.string(),
  by: z.string(),
  reason: z.string(),
  decision: z.string().nullable(),
  key: z.string(),
  model: ModelRef.optional(),
});

export const trailDamage =
  (name: string): DescribeDamage =>
  ({ line, expected, actual }, path) => ({
    code: "registry.trail-damaged",
    retryable: false,
    name,
    path,
    detail: `line ${line}: expected ${expected}, found ${actual}`,
  });

/**
 * Makes a damaged log one that can be gone on with: the lines before the damage, and the move by which a person says what is live. What was found is kept
 * beside it. Killed anywhere, it does the same when it is asked again.
 * @param moveFrom the move, given what its alias names by the sound lines
 * @returns false when the log is sound
 */
export async function mendLog(
  store: Store,
  name: string,
  moveFrom: (from: string | null) => Promise<AliasMove>,
): Promise<boolean> {
  const { files } = store;
  const log = layout.aliasLog(store, name);
  if (!(await isDamaged(store, name))) return false;
  const sound = await soundPart(files, log, Move);
  const moves = sound.records;
  const asked = await moveFrom(null);
  const from = moves.findLast(({ alias }) => alias === asked.alias)?.to ?? null;
  const made = { ...asked, from };
  // A kill came after the log was written and before its seal.
  const isWritten = moves.at(-1)?.key === made.key && sound.bytes.length === Buffer.byteLength(sound.text);
  if (isWritten) {
    await writeSeal(files, log, { length: sound.lines, hash: sound.hash }, "synced");
    return true;
  }
  const aside = `${log.replace(/\.jsonl$/, "")}.damaged-${sha256(sound.bytes).slice(0, 12)}`;
  if (sound.bytes.length > 0) await files.copyInto(log, `${aside}.jsonl`);
  else if (await files.exists(log)) await files.renameExclusive(log, aside);
  const seq = sound.lines + 1;
  const { line, hash } = chainedLine({ seq, record: made }, sound.hash);
  await files.writeAtomic(log, `${sound.text}${line}\n`);
  await writeSeal(files, log, { length: seq, hash }, "synced");
  return true;
}

async function isDamaged(store: Store, name: string): Promise<boolean> {
  const log = layout.aliasLog(store, name);
  try {
    await readRecords(store.files, log, Move, trailDamage(name), { seal: "synced" });
    return false;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === "registry.trail-damaged") return true;
    throw error;
  }
}
