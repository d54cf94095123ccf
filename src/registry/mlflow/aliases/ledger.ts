import { FailureError } from "../../../kit/failure.js";
import type { TrailEnd } from "../../../kit/trail.js";
import { answer, answerUnless, MISSING, REPEATABLE } from "../api.js";
import { ensureModel, findModel, versionsAfter } from "../model-calls.js";
import { ledgerName } from "../names.js";
import { Answers, type RegisteredModel } from "../schemas.js";
import type { Store } from "../store.js";
import { ENTRY, writtenIn } from "./entries.js";
import { type KnownLedger, lastLink, NO_LINKS, type Written, withLinks } from "./links.js";
import { append, EMPTY, type Entry, type Judged, type Ledger, lostEntry } from "./replay.js";
import { entryOfTag, lastTrailed, numberedTags, trailOf } from "./trail.js";
import { endsOf, hashAfter } from "./trail-chain.js";

/**
 * The ledger is a registered model beside the model: each request to move an alias is appended as one version of it. The server gives the numbers,
 * one at a time and never twice, so they are one order for everybody. Each entry says which end of the ledger it was appended to.
 */

/** Tag of a model: entries of its ledger up to this number are as a person has accepted them, with what is missing among them. */
export const MENDED = "retrain.moves-mended";

/** What the server holds about the aliases of a model. */
export interface Seen extends KnownLedger {
  /** What aliases name, by alias. */
  readonly named: ReadonlyMap<string, string>;
  /** Entries up to this number are in the trail. */
  readonly trailed: number;
  /** How the trail ended with each of them. */
  readonly ends: readonly TrailEnd[];
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
  const tags = numberedTags(model);
  const ends = endsOf(model.name, tags);
  const trailed = lastTrailed(model);
  const isKnown =
    known !== undefined && longer != null && known.ledger.last <= trailed && trailed <= longer.ledger.last;
  const now = isKnown ? longer : await readWhole(store, model);
  store.ledgers.set(name, now);
  const named = new Map(model.aliases.map(({ alias, version }) => [alias, version]));
  return { ...now, named, trailed, ends, chain: hashAfter(ends) };
}

/** The ledger with the entries that came since, or null where they do not say that they came after these. */
async function extended(
  store: Store,
  name: string,
  { ledger, links }: KnownLedger,
): Promise<KnownLedger | null> {
  const versions = await versionsAfter(store, ledgerName(name), ledger.last);
  try {
    const added = versions.map(writtenIn);
    const isLinked = ({ entry, number }: Written) => (entry?.after?.number ?? number) < number;
    if (!added.every(isLinked)) return null;
    return { ledger: replayed(ledger, added), links: withLinks(name, links, added, 0) };
  } catch (error) {
    if (isTrailDamage(error)) return null;
    throw error;
  }
}

/** What the trail has counts as the trail has it; that the ledger says the same is what the links are for. */
async function readWhole(store: Store, model: RegisteredModel): Promise<KnownLedger> {
  const { name } = model;
  const [trail, versions] = await Promise.all([
    trailOf(store, model),
    versionsAfter(store, ledgerName(name), 0),
  ]);
  const written = versions.map(writtenIn);
  return {
    ledger: replayed(
      trail,
      written.filter(({ number }) => number > trail.last),
    ),
    links: withLinks(name, NO_LINKS, written, mendedUpTo(model)),
  };
}

const replayed = (ledger: Ledger, entries: readonly Written[]): Ledger =>
  entries.reduce((sum, { number, entry }) => append(sum, number, entry ?? lostEntry(number)), ledger);

const mendedUpTo = ({ tags }: RegisteredModel): number =>
  Number(tags.find(({ key }) => key === MENDED)?.value ?? 0);

const isTrailDamage = (error: unknown): boolean =>
  error instanceof FailureError && error.failure.code === "registry.trail-damaged";

/** The ledger up to an entry that was just appended. Only if others came in between they are asked for: numbers are given one by one. */
export async function withEntry(
  store: Store,
  name: string,
  ledger: Ledger,
  { number, entry }: { readonly number: number; readonly entry: Entry },
): Promise<Ledger> {
  if (number === ledger.last + 1) return append(ledger, number, entry);
  return replayed(ledger, (await versionsAfter(store, ledgerName(name), ledger.last)).map(writtenIn));
}

/** Appends a request to what was seen; its number tells where it stands among all others. */
export async function appendEntry(store: Store, name: string, entry: Entry, seen: Seen): Promise<number> {
  const last = Math.max(seen.ledger.last, seen.trailed);
  const linked = { ...entry, after: lastLink(seen.links) };
  let number = last === 0 ? null : await appendOrDenied(store, name, linked);
  if (number !== null && number > last) return number;
  // There was none before, or somebody deleted it: then there is nothing that it comes after, and numbers that the trail has are passed over.
  store.ledgers.delete(name);
  while (number === null || number <= last) {
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

/** Every entry of which the ledger tells, judged, and what only the trail has kept; and the number of the ledger's last one. */
export async function ledgerOf(
  store: Store,
  model: RegisteredModel,
): Promise<{ readonly entries: readonly Judged[]; readonly last: number }> {
  const versions = (await versionsAfter(store, ledgerName(model.name), 0)).map(writtenIn);
  const there = new Map(versions.map(({ number, entry }) => [number, entry]));
  let ledger = EMPTY;
  const tags = new Map(numberedTags(model));
  for (const number of [...new Set([...there.keys(), ...tags.keys()])].sort((a, b) => a - b)) {
    const entry = there.get(number) ?? entryOfTag(tags.get(number)) ?? lostEntry(number);
    ledger = append(ledger, number, entry);
  }
  return { entries: ledger.entries, last: versions.at(-1)?.number ?? 0 };
}
