import { z } from "zod";
import { chainedLine } from "../../../durable/chain.js";
import { FailureError, fail } from "../../../kit/failure.js";
import { answer, answerUnless, MISSING, REPEATABLE } from "../api.js";
import { ensureModel, findModel, findVersion, setModelTag, versionsAfter } from "../model-calls.js";
import { ledgerName } from "../names.js";
import { Answers, type RegisteredModel, type Version } from "../schemas.js";
import type { Store } from "../store.js";
import { append, EMPTY, Entry, type Judged, type Ledger } from "./replay.js";
import { chainOf } from "./trail-chain.js";

/**
 * The ledger is a registered model beside the model: each request to move an alias is appended as one version of it. The server gives the numbers,
 * one at a time and never twice, so they are one order for everybody. Judged entries are copied to tags of the model itself, where people and
 * MLflow's pages see them: the trail.
 */
const ENTRY = "retrain.move";
export const trailKey = (number: number): string => `retrain.move.${String(number).padStart(10, "0")}`;
const TRAIL_KEY = /^retrain\.move\.(\d{10,})$/;

/** Characters of a tag of a registered model, in the column where a server on PostgreSQL keeps it, without those of the hash. */
const MAX_TRAIL = 4900;

const TrailEntry = Entry.omit({ expected: true }).extend({
  from: z.string().nullable(),
  void: z.enum(["already", "conflict"]).optional(),
  /** The reason was cut: the ledger has it whole. */
  cut: z.boolean().optional(),
});

/** What the server holds about the aliases of a model. */
export interface Seen {
  readonly ledger: Ledger;
  /** What aliases name, by alias. */
  readonly named: ReadonlyMap<string, string>;
  /** Entries up to this number are in the trail. */
  readonly trailed: number;
  /** What the next entry of the trail is chained to. */
  readonly chain: string;
}

/**
 * Null when there is no such model. What this process has read of a ledger is not read again, as long as the trail goes so far too. Model and ledger are
 * asked at the same time then, so an alias may be newer than the ledger: as if somebody had moved it right after the look.
 */
export async function look(store: Store, name: string): Promise<Seen | null> {
  const known = store.ledgers.get(name);
  const early = known === undefined ? undefined : extended(store, name, known);
  const [model, longer] = await Promise.all([findModel(store, name), early]);
  store.ledgers.delete(name);
  if (model === null) return null;
  const chain = chainOf(model.name, numberedTags(model));
  const trailed = lastTrailed(model);
  const isKnown =
    known !== undefined && longer !== undefined && known.last <= trailed && trailed <= longer.last;
  const ledger = isKnown ? longer : await extended(store, name, await trailOf(store, model));
  store.ledgers.set(name, ledger);
  const named = new Map(model.aliases.map(({ alias, version }) => [alias, version]));
  return { ledger, named, trailed, chain };
}

/** The ledger with the entries that came since. */
async function extended(store: Store, name: string, ledger: Ledger): Promise<Ledger> {
  const added = await versionsAfter(store, ledgerName(name), ledger.last);
  return added.reduce((sum, version) => append(sum, Number(version.version), entryOf(version)), ledger);
}

/** The ledger up to an entry that was just appended. Only if others came in between they are asked for: numbers are given one by one. */
export async function withEntry(
  store: Store,
  name: string,
  ledger: Ledger,
  { number, entry }: { readonly number: number; readonly entry: Entry },
): Promise<Ledger> {
  return number === ledger.last + 1 ? append(ledger, number, entry) : extended(store, name, ledger);
}

/** Appends a request; its number tells where it stands among all others. */
export async function appendEntry(store: Store, name: string, entry: Entry, after: number): Promise<number> {
  let number = after === 0 ? null : await appendOrDenied(store, name, entry);
  // Numbers that the trail has already are those of a ledger that somebody deleted.
  while (number === null || number <= after) {
    if (number === null) await startLedger(store, name);
    number = await tryAppend(store, name, entry);
  }
  return number;
}

/** A server that asks for users does not say whether a model is not there or not theirs: null for both. */
async function appendOrDenied(store: Store, name: string, entry: Entry): Promise<number | null> {
  try {
    return await tryAppend(store, name, entry);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === "registry.denied") return null;
    throw error;
  }
}

async function tryAppend(store: Store, name: string, entry: Entry): Promise<number | null> {
  const body = {
    name: ledgerName(name),
    // No model is behind it: MLflow wants a source, and takes an address that nobody follows. A run or a model would have to be one that the
    // user may read.
    source: "retrain:/move",
    tags: [{ key: ENTRY, value: JSON.stringify(entry) }],
  };
  // An entry that is appended twice counts once: the second has a key that came before.
  const call = store.api.client.POST("/api/2.0/mlflow/model-versions/create", { body, ...REPEATABLE });
  const made = await answerUnless(MISSING, "model-versions/create", Answers.version, call);
  return made === null ? null : Number(made.model_version.version);
}

async function startLedger(store: Store, name: string): Promise<void> {
  const description = `Requests to move aliases of ${name}, in their order. Written by retrain: it holds no model.`;
  await ensureModel(store, ledgerName(name), description);
}

/** Points the alias at a version, whatever it names. */
export async function setAlias(store: Store, name: string, alias: string, version: string): Promise<void> {
  const body = { name, alias, version };
  const call = store.api.client.POST("/api/2.0/mlflow/registered-models/alias", { body, ...REPEATABLE });
  await answer("registered-models/alias", Answers.nothing, call);
}

/**
 * Copies entries to the trail, in order: a prefix of the ledger is always there whole. Their texts follow from the ledger, so whoever copies them writes the same.
 * @param chain hash of the entry before
 */
export async function writeTrail(
  store: Store,
  name: string,
  entries: readonly Judged[],
  chain: string,
): Promise<void> {
  let before = chain;
  for (const { number, void: reason, ...said } of entries) {
    const entry = { ...said, ...(reason === null ? {} : { void: reason }) };
    const { line, hash } = chainedLine(fitting(entry), before);
    await setModelTag(store, name, trailKey(number), line);
    before = hash;
  }
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

const lastTrailed = (model: RegisteredModel): number => numberedTags(model).at(-1)?.[0] ?? 0;

async function trailOf(store: Store, model: RegisteredModel): Promise<Ledger> {
  const { name } = model;
  const entries = await Promise.all(
    numberedTags(model).map(async ([number, text]): Promise<Judged> => {
      const parsed = parse(TrailEntry, text, `tag ${trailKey(number)} of ${name}`);
      const { cut, void: reason = null, ...said } = parsed;
      return { ...said, void: reason, number, ...(cut ? await wholeReason(store, name, number) : {}) };
    }),
  );
  return { ...EMPTY, entries, last: entries.at(-1)?.number ?? 0 };
}

/** Every entry of which the ledger tells, judged, and what only the trail has kept. */
export async function ledgerOf(store: Store, model: RegisteredModel): Promise<readonly Judged[]> {
  const versions = await versionsAfter(store, ledgerName(model.name), 0);
  const there = new Map(versions.map((version) => [Number(version.version), entryOf(version)]));
  let ledger = EMPTY;
  const tags = new Map(numberedTags(model));
  for (const number of [...new Set([...there.keys(), ...tags.keys()])].sort((a, b) => a - b)) {
    const entry = there.get(number) ?? entryOfTag(tags.get(number)) ?? lostEntry(number);
    ledger = append(ledger, number, entry);
  }
  return ledger.entries;
}

/** In the place of a move that nobody knows any more: it counts for no alias. */
const lostEntry = (number: number): Entry => ({
  alias: "lost",
  expected: "unknown",
  to: null,
  by: "retrain",
  reason: "what was written here was damaged",
  decision: null,
  key: `lost ${number}`,
  at: "",
});

function entryOfTag(text: string | undefined): Entry | null {
  try {
    const { cut: _, void: __, from: ___, ...said } = TrailEntry.parse(JSON.parse(text ?? ""));
    return said;
  } catch {
    return null;
  }
}

async function wholeReason(store: Store, name: string, number: number): Promise<{ reason?: string }> {
  const version = await findVersion(store, ledgerName(name), String(number));
  return version === null ? {} : { reason: entryOf(version).reason };
}

function entryOf({ name, version, tags }: Version): Entry {
  const text = tags.find(({ key }) => key === ENTRY)?.value ?? "";
  return parse(Entry, text, `version ${version} of ${name}`);
}

function parse<T>(schema: z.ZodType<T>, text: string, path: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const detail = error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 300) : "";
    return fail({ code: "registry.corrupt", retryable: false, path, detail }, error);
  }
}
