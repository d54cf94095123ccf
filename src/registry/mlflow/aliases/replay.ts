import { z } from "zod";
import { ModelRef } from "../../../kit/model-ref.js";

/** How the ledger ended once: number of its last entry, and a hash over all of them. */
const LedgerEnd = z.object({ number: z.number().int(), hash: z.string() });
export type LedgerEnd = z.infer<typeof LedgerEnd>;

/** A request to move an alias, as it was appended to the ledger. */
export const Entry = z.object({
  alias: z.string(),
  /** The version that the alias must name; null: it must name none; absent: whatever it names. */
  expected: z.string().nullable().optional(),
  /** Null only for an alias that somebody removed outside of retrain. */
  to: z.string().nullable(),
  by: z.string(),
  reason: z.string(),
  decision: z.string().nullable(),
  key: z.string(),
  at: z.string(),
  /** Which model `to` was. */
  model: ModelRef.optional(),
  /** How the ledger ended for whoever appended this. Absent in entries of programs that did not say it. */
  after: LedgerEnd.optional(),
});
export type Entry = z.infer<typeof Entry>;

/** In the place of a move that nobody knows any more: it counts for no alias. */
export const lostEntry = (number: number): Entry => ({
  alias: "lost",
  expected: "unknown",
  to: null,
  by: "retrain",
  reason: "what was written here was damaged",
  decision: null,
  key: `lost ${number}`,
  at: "",
});

/** What an entry came to, given all that stands before it. */
export type Judged = Omit<Entry, "expected" | "after"> & {
  readonly number: number;
  readonly from: string | null;
  /** `already`: a request with this key came before it. `conflict`: the alias did not name what it expected. */
  readonly void: "already" | "conflict" | null;
};

/** All entries up to some number, judged. Everybody who replays the same ledger comes to the same state. */
export interface Ledger {
  readonly entries: readonly Judged[];
  readonly last: number;
}

export const EMPTY: Ledger = { entries: [], last: 0 };

export function append({ entries }: Ledger, number: number, entry: Entry): Ledger {
  const { expected, after: _, ...said } = entry;
  const from = currentOf({ entries, last: 0 }, entry.alias);
  const reason = entries.some((earlier) => earlier.void === null && earlier.key === entry.key)
    ? "already"
    : expected !== undefined && expected !== from
      ? "conflict"
      : null;
  return { entries: [...entries, { ...said, number, from, void: reason }], last: number };
}

/** The move that counts for an alias. */
export const lastMove = ({ entries }: Ledger, alias: string): Judged | undefined =>
  entries.findLast((entry) => entry.void === null && entry.alias === alias);

export const currentOf = (ledger: Ledger, alias: string): string | null =>
  lastMove(ledger, alias)?.to ?? null;

export const movesOf = ({ entries }: Ledger): readonly Judged[] =>
  entries.filter((entry) => entry.void === null);
