import { z } from "zod";
import { appendRecord, readRecords } from "../../durable/journal.js";
import type { AliasMove, ModelRegistry } from "../../kit/registry.js";
import { checkAlias, checkModelName } from "./names.js";
import { layout, type Store, whileLocked } from "./store.js";
import { requireVersion } from "./versions.js";

const Move = z.object({
  alias: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  at: z.string(),
  by: z.string(),
  reason: z.string(),
  decision: z.string().nullable(),
  key: z.string(),
});

type Aliases = Pick<ModelRegistry, "getAlias" | "moveAlias" | "aliasHistory">;

/** The log is the truth: an alias names what its last move says. */
export function aliasesOf(store: Store): Aliases {
  return {
    getAlias: (name, alias) => current(store, name, alias),
    aliasHistory: (name) => history(store, name),
    async moveAlias(request) {
      const { name, alias, to, by, reason, decision, key } = request;
      checkModelName(name);
      checkAlias(alias);
      return whileLocked(store, name, async (locked) => {
        const earlier = (await history(store, name)).find((move) => move.key === key);
        if (earlier !== undefined) return { outcome: "already", move: earlier } as const;
        await requireVersion(store, name, to);
        const from = await current(store, name, alias);
        if (request.expected !== undefined && request.expected !== from) {
          return { outcome: "conflict", current: from } as const;
        }
        const move: AliasMove = {
          alias,
          from,
          to,
          at: request.at ?? store.clock.now(),
          by,
          reason,
          decision,
          key,
        };
        await appendRecord(locked.files, layout.aliasLog(locked, name), move, "registry.corrupt");
        return { outcome: "moved", move } as const;
      });
    },
  };
}

const ownMoves = (store: Store, name: string): Promise<AliasMove[]> =>
  readRecords(store.files, layout.aliasLog(store, name), Move, "registry.corrupt");

async function history(store: Store, name: string): Promise<readonly AliasMove[]> {
  return [...(await store.beneath.aliasHistory(name)), ...(await ownMoves(store, name))];
}

async function current(store: Store, name: string, alias: string): Promise<string | null> {
  const own = (await ownMoves(store, name)).findLast((move) => move.alias === alias);
  return own?.to ?? store.beneath.getAlias(name, alias);
}
