import { z } from "zod";
import { chainedLine } from "../../../durable/chain.js";
import { fail } from "../../../kit/failure.js";
import type { TrailEnd } from "../../../kit/trail.js";
import { findVersion, setModelTag } from "../model-calls.js";
import { ledgerName } from "../names.js";
import type { RegisteredModel } from "../schemas.js";
import type { Store } from "../store.js";
import { writtenIn } from "./entries.js";
import { EMPTY, Entry, type Judged, type Ledger } from "./replay.js";

/** The trail: judged entries of the ledger, copied to tags of the model itself, where people and MLflow's pages see them. */
export const trailKey = (number: number): string => `retrain.move.${String(number).padStart(10, "0")}`;
const TRAIL_KEY = /^retrain\.move\.(\d{10,})$/;

/** Characters of a tag of a registered model, in the column where a server on PostgreSQL keeps it, without those of the hash. */
const MAX_TRAIL = 4900;

const TrailEntry = Entry.omit({ expected: true, after: true }).extend({
  from: z.string().nullable(),
  void: z.enum(["already", "conflict"]).optional(),
  /** The reason was cut: the ledger has it whole. */
  cut: z.boolean().optional(),
});

/** Text of an entry of the trail, and how the trail ends with it. */
interface TrailLine extends TrailEnd {
  readonly text: string;
}

/**
 * Entries as they stand in the trail. Their texts follow from the ledger, so whoever writes them writes the same.
 * @param chain hash of the entry before
 */
export function trailLines(entries: readonly Judged[], chain: string): readonly TrailLine[] {
  let before = chain;
  return entries.map(({ number, void: reason, ...said }) => {
    const entry = { ...said, ...(reason === null ? {} : { void: reason }) };
    const { line, hash } = chainedLine(fitting(entry), before);
    before = hash;
    return { text: line, length: number, hash };
  });
}

/** Copies entries to the trail, in order: a prefix of the ledger is always there whole. */
export async function writeTrail(
  store: Store,
  name: string,
  entries: readonly Judged[],
  chain: string,
): Promise<void> {
  for (const { length, text } of trailLines(entries, chain))
    await setModelTag(store, name, trailKey(length), text);
}

/** The entry, with so much of the reason as a tag holds. */
function fitting(entry: z.infer<typeof TrailEntry>): z.infer<typeof TrailEntry> {
  const { length } = JSON.stringify(entry);
  if (length <= MAX_TRAIL) return entry;
  const keep = Math.max(0, entry.reason.length - (length - MAX_TRAIL) - 100);
  const reason = entry.reason.slice(0, Math.floor(keep / 2)).replace(/[\uD800-\uDBFF]$/, "");
  return { ...entry, reason, cut: true };
}

export const numberedTags = ({ tags }: RegisteredModel): readonly [number, string][] =>
  tags
    .flatMap(({ key, value }): [number, string][] => {
      const number = TRAIL_KEY.exec(key)?.[1];
      return number === undefined ? [] : [[Number(number), value]];
    })
    .sort(([a], [b]) => a - b);

export const lastTrailed = (model: RegisteredModel): number => numberedTags(model).at(-1)?.[0] ?? 0;

/** What the trail says of the ledger. */
export async function trailOf(store: Store, model: RegisteredModel): Promise<Ledger> {
  const { name } = model;
  const entries = await Promise.all(
    numberedTags(model).map(async ([number, text]): Promise<Judged> => {
      const parsed = entryIn(text) ?? unreadable(name, number);
      const { cut, void: reason = null, ...said } = parsed;
      return { ...said, void: reason, number, ...(cut ? await wholeReason(store, name, number) : {}) };
    }),
  );
  return { ...EMPTY, entries, last: entries.at(-1)?.number ?? 0 };
}

async function wholeReason(store: Store, name: string, number: number): Promise<{ reason?: string }> {
  const version = await findVersion(store, ledgerName(name), String(number));
  const entry = version === null ? null : writtenIn(version).entry;
  return entry === null ? {} : { reason: entry.reason };
}

/** The request that an entry of the trail tells of, or null where it cannot be read. */
export function entryOfTag(text: string | undefined): Entry | null {
  const entry = entryIn(text ?? "");
  if (entry === null) return null;
  const { cut: _, void: __, from: ___, ...said } = entry;
  return said;
}

function entryIn(text: string): z.infer<typeof TrailEntry> | null {
  try {
    return TrailEntry.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const unreadable = (name: string, number: number): never =>
  fail({
    code: "registry.trail-damaged",
    retryable: false,
    name,
    path: `tag ${trailKey(number)} of the registered model ${name}`,
    detail: `move ${number} cannot be read`,
  });
