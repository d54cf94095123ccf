import { appendRecord, journalEnds, readRecords } from "../../durable/journal.js";
import { fail } from "../../kit/failure.js";
import { refOf } from "../../kit/model-ref.js";
import type { AliasMove, AliasMoveOutcome, AliasMoveRequest, ModelRegistry } from "../../kit/registry.js";
import type { TrailEnd } from "../../kit/trail.js";
import { Move, mendLog, trailDamage } from "./alias-log.js";
import { checkAlias, checkModelName } from "./names.js";
import { FORMAT, layout, type Store, whileLocked } from "./store.js";
import { requireVersion } from "./versions.js";

type Aliases = Pick<ModelRegistry, "getAlias" | "moveAlias" | "aliasHistory" | "trail">;

/** The log is the truth: an alias names what its last move says. */
export function aliasesOf(store: Store): Aliases {
  let damage = store.damage ?? null;
  const checkFolder = (name: string): void => {
    if (damage === null) return;
    const path = layout.format(store);
    fail({ code: "registry.trail-damaged", retryable: false, name, path, detail: damage });
  };
  return {
    async getAlias(name, alias) {
      checkFolder(name);
      return current(store, name, alias);
    },
    async aliasHistory(name) {
      checkFolder(name);
      return history(store, name);
    },
    async trail(name) {
      checkFolder(name);
      return trail(store, name);
    },
    async moveAlias(request) {
      checkModelName(request.name);
      checkAlias(request.alias);
      if (!request.mend) checkFolder(request.name);
      return whileLocked(store, request.name, async (locked) => {
        const outcome = await moveOrMend(locked, request);
        if (damage !== null) await locked.files.writeAtomic(layout.format(store), FORMAT);
        damage = null;
        return outcome;
      });
    },
  };
}

async function moveOrMend(locked: Store, request: AliasMoveRequest): Promise<AliasMoveOutcome> {
  if (request.mend && (await mendLog(locked, request.name, (from) => moveOf(locked, request, from)))) {
    const moved = (await history(locked, request.name)).find(({ key }) => key === request.key)!;
    return { outcome: "moved", move: moved };
  }
  return move(locked, request);
}

async function move(store: Store, request: AliasMoveRequest): Promise<AliasMoveOutcome> {
  const { name, alias, to, expected, key } = request;
  const earlier = (await history(store, name)).find((one) => one.key === key);
  if (earlier !== undefined) return { outcome: "already", move: earlier };
  await requireVersion(store, name, to);
  const from = await current(store, name, alias);
  if (expected !== undefined && expected !== from) return { outcome: "conflict", current: from };
  const made = await moveOf(store, request, from);
  const log = layout.aliasLog(store, name);
  await appendRecord(store.files, log, made, trailDamage(name), { seal: "synced" });
  return { outcome: "moved", move: made };
}

async function moveOf(
  store: Store,
  { name, alias, to, by, reason, decision, key, at = store.clock.now(), model }: AliasMoveRequest,
  from: string | null,
): Promise<AliasMove> {
  const version = await requireVersion(store, name, to);
  return { alias, from, to, at, by, reason, decision, key, model: model ?? refOf(version) };
}

const ownMoves = (store: Store, name: string): Promise<AliasMove[]> =>
  readRecords(store.files, layout.aliasLog(store, name), Move, trailDamage(name), { seal: "synced" });

async function history(store: Store, name: string): Promise<readonly AliasMove[]> {
  return [...(await store.beneath.aliasHistory(name)), ...(await ownMoves(store, name))];
}

async function trail(store: Store, name: string): Promise<readonly TrailEnd[]> {
  const beneath = await store.beneath.trail(name);
  const log = layout.aliasLog(store, name);
  const own = await journalEnds(store.files, log, trailDamage(name), { seal: "synced" });
  const before = beneath.at(-1)?.length ?? 0;
  return [...beneath, ...own.map(({ length, hash }) => ({ length: before + length, hash }))];
}

async function current(store: Store, name: string, alias: string): Promise<string | null> {
  const own = (await ownMoves(store, name)).findLast((one) => one.alias === alias);
  return own?.to ?? store.beneath.getAlias(name, alias);
}
