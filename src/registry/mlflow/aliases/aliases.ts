import { fail } from "../../../kit/failure.js";
import { refOf, sameModel } from "../../../kit/model-ref.js";
import type { AliasMove, AliasMoveOutcome, AliasMoveRequest, ModelRegistry } from "../../../kit/registry.js";
import { checkAlias } from "../../embedded/names.js";
import { findModel, findVersion } from "../model-calls.js";
import { checkName } from "../names.js";
import type { Store } from "../store.js";
import { recordOf } from "../version-records.js";
import { appendEntry, look, type Seen, setAlias, withEntry } from "./ledger.js";
import { NO_LINKS } from "./links.js";
import { mendTrail } from "./mend.js";
import { currentOf, EMPTY, type Entry, type Judged, lastMove, movesOf } from "./replay.js";
import { trailLines, writeTrail } from "./trail.js";
import { hashAfter } from "./trail-chain.js";

/** A mover that has not set the alias for so long is taken for dead: it has two calls to make. */
const PATIENCE_MS = 2000;
const PAUSE_MS = 50;

/** By so much the clock of a machine may be behind that of the server, which says when a version was made. */
const CLOCKS_DIFFER_MS = 300_000;

/** Who a move is put down to that was made with MLflow's own means. */
export const OUTSIDE = "outside of retrain";

type Aliases = Pick<ModelRegistry, "getAlias" | "moveAlias" | "aliasHistory" | "trail">;

/**
 * MLflow sets an alias without a look at what it names, and keeps no history. So a move is decided by its place in the ledger: compare-and-set is
 * exact, and a move is neither lost nor made twice, whoever dies between two calls. The alias follows the ledger.
 *
 * What remains: a mover that stops after its last look at the ledger for longer than `PATIENCE_MS`, and then goes on, sets the alias to what was right
 * when it looked. It looks again at once and puts that right; until then, or if it dies right there, services see the older version, and
 * whoever moves the alias next takes it for a move by hand.
 */
export function aliasesOf(store: Store): Aliases {
  return {
    async getAlias(name, alias) {
      const model = await findModel(store, name);
      return model?.aliases.find((one) => one.alias === alias)?.version ?? null;
    },
    async moveAlias(request) {
      checkName(request.name);
      checkAlias(request.alias);
      return store.mutexes.run(`alias ${request.name}`, async () => {
        if (request.mend) await mendTrail(store, request.name);
        return move(store, request);
      });
    },
    async aliasHistory(name) {
      const seen = await look(store, name);
      return seen === null ? [] : movesOf(seen.ledger).flatMap((entry) => asMove(entry) ?? []);
    },
    // Entries that the trail lacks will stand in it just so: their texts follow from the ledger.
    async trail(name) {
      const seen = await look(store, name);
      if (seen === null) return [];
      const fresh = seen.ledger.entries.filter(({ number }) => number > seen.trailed);
      const added = trailLines(fresh, seen.chain).map(({ length, hash }) => ({ length, hash }));
      return [...seen.ends, ...added];
    },
  };
}

async function move(store: Store, request: AliasMoveRequest): Promise<AliasMoveOutcome> {
  const { name, alias, to, expected, key } = request;
  const [seen, version] = await Promise.all([settled(store, name, alias, key), findVersion(store, name, to)]);
  const earlier = moveWithKey(seen, key);
  if (earlier !== null) return { outcome: "already", move: earlier };
  if (version === null) fail({ code: "registry.version-missing", retryable: false, name, version: to });
  const current = currentOf(seen.ledger, alias);
  if (expected !== undefined && expected !== current) return { outcome: "conflict", current };
  const { by, reason, decision, at = store.clock.now(), model = refOf(recordOf(version)) } = request;
  const entry: Entry = { alias, to, by, reason, decision, key, at, model };
  if (expected !== undefined) entry.expected = expected;
  const number = await appendEntry(store, name, entry, seen);
  const after = { ...seen, ledger: await withEntry(store, name, seen.ledger, { number, entry }) };
  const judged = after.ledger.entries.find((one) => one.number === number);
  if (judged?.void === "conflict") return { outcome: "conflict", current: judged.from };
  // Sent twice because an answer got lost, or another process was first: the move with this key may still have to be carried out.
  if (judged?.void === "already") return move(store, request);
  await follow(store, name, alias, after);
  return { outcome: "moved", move: asMove(judged!)! };
}

/** Sets the alias to what the ledger says, reads back, and writes the trail. */
async function follow(store: Store, name: string, alias: string, seen: Seen): Promise<void> {
  let decided = lastMove(seen.ledger, alias);
  for (;;) {
    if (decided !== undefined && decided.to !== null) await setAlias(store, name, alias, decided.to);
    const now = await look(store, name);
    if (now === null) return;
    const latest = lastMove(now.ledger, alias);
    if (latest?.number === decided?.number || now.named.get(alias) === latest?.to) {
      await writeTrail(store, name, trailable(now), now.chain);
      return;
    }
    // Another move was decided after the look before: what was set may have undone it.
    decided = latest;
  }
}

/** Entries that the trail lacks, up to the first move that an alias does not follow yet. */
function trailable({ ledger, named, trailed }: Seen): readonly Judged[] {
  const fresh = ledger.entries.filter(({ number }) => number > trailed);
  const open = fresh.findIndex(
    (entry) =>
      lastMove(ledger, entry.alias)?.number === entry.number && (named.get(entry.alias) ?? null) !== entry.to,
  );
  return open < 0 ? fresh : fresh.slice(0, open);
}

/**
 * The state once the alias and the ledger agree. A decided move that nobody carries out is carried out; an alias that was moved by hand is put down in
 * the ledger as what it is: a fact.
 */
async function settled(store: Store, name: string, alias: string, key: string): Promise<Seen> {
  let seen = await lookOrEmpty(store, name);
  for (let patience = PATIENCE_MS; ; ) {
    const last = lastMove(seen.ledger, alias);
    const named = seen.named.get(alias) ?? null;
    if (named === (last?.to ?? null)) return seen;
    const isOpen =
      last !== undefined &&
      last.number > seen.trailed &&
      named === last.from &&
      (await isThere(store, name, last));
    if (patience <= 0 || (isOpen && last.key === key)) {
      if (isOpen) await follow(store, name, alias, seen);
      else await recordOutside(store, name, alias, seen);
      seen = await lookOrEmpty(store, name);
      patience = PATIENCE_MS;
      continue;
    }
    await store.wait(PAUSE_MS);
    const next = await lookOrEmpty(store, name);
    const isMoving = next.ledger.last !== seen.ledger.last || (next.named.get(alias) ?? null) !== named;
    patience = isMoving ? PATIENCE_MS : patience - PAUSE_MS;
    seen = next;
  }
}

/**
 * Whether the version that a move is about is still there. A model that was deleted and made again counts from 1 again, and an old move must not set
 * an alias to a version that came to have its number.
 */
async function isThere(store: Store, name: string, { to, model, at }: Judged): Promise<boolean> {
  const version = to === null ? null : await findVersion(store, name, to);
  if (version === null) return to === null;
  if (model !== undefined) return sameModel(model, refOf(recordOf(version))) !== false;
  return version.creation_timestamp <= Date.parse(at) + CLOCKS_DIFFER_MS;
}

async function recordOutside(store: Store, name: string, alias: string, seen: Seen): Promise<void> {
  const from = currentOf(seen.ledger, alias);
  const to = seen.named.get(alias) ?? null;
  const version = to === null ? null : await findVersion(store, name, to);
  const entry: Entry = {
    alias,
    expected: from,
    to,
    by: OUTSIDE,
    reason: "the alias was changed in MLflow; retrain found it so",
    decision: null,
    // Whoever finds it after the same move records the same.
    key: `${OUTSIDE}: ${alias} after ${lastMove(seen.ledger, alias)?.number ?? 0}`,
    at: store.clock.now(),
    ...(version === null ? {} : { model: refOf(recordOf(version)) }),
  };
  await appendEntry(store, name, entry, seen);
  const now = await lookOrEmpty(store, name);
  await writeTrail(store, name, trailable(now), now.chain);
}

const lookOrEmpty = async (store: Store, name: string): Promise<Seen> =>
  (await look(store, name)) ?? {
    ledger: EMPTY,
    links: NO_LINKS,
    named: new Map(),
    trailed: 0,
    ends: [],
    chain: hashAfter([]),
  };

function moveWithKey({ ledger }: Seen, key: string): AliasMove | null {
  const found = movesOf(ledger).find((entry) => entry.key === key);
  return found === undefined ? null : asMove(found);
}

/** Null for an alias that was removed, which is no move of the interface. */
function asMove({ alias, from, to, at, by, reason, decision, key, model }: Judged): AliasMove | null {
  return to === null
    ? null
    : { alias, from, to, at, by, reason, decision, key, ...(model === undefined ? {} : { model }) };
}
