import { sha256 } from "../../../durable/hash.js";
import { fail } from "../../../kit/failure.js";
import { ledgerName } from "../names.js";
import type { Entry, Ledger, LedgerEnd } from "./replay.js";

/** An entry of the ledger, and the text as which it stands there. */
export interface Written {
  readonly number: number;
  readonly text: string;
  /** Null where the text is none. */
  readonly entry: Entry | null;
}

/** A hash over the texts of all entries that the ledger has until there, by number. */
export type Links = ReadonlyMap<number, string>;

const NOTHING: LedgerEnd = { number: 0, hash: sha256("") };

/** A ledger as far as a process has read it. */
export interface KnownLedger {
  readonly ledger: Ledger;
  readonly links: Links;
}

export const NO_LINKS: Links = new Map();

/** What the next entry says that it comes after. */
export function lastLink(links: Links): LedgerEnd {
  const [number, hash] = [...links].at(-1) ?? [NOTHING.number, NOTHING.hash];
  return { number, hash };
}

/**
 * The links with those of more entries. Each entry says how the ledger ended for whoever appended it, and so vouches for all before; entries of programs
 * that did not say it are vouched for by the next one that does.
 * @param mended entries up to this number are as a person has accepted them
 * @throws FailureError `registry.trail-damaged`
 */
export function withLinks(name: string, links: Links, entries: readonly Written[], mended: number): Links {
  const all = new Map(links);
  let { hash: before } = lastLink(links);
  for (const { number, text, entry } of entries) {
    const problem = number > mended ? problemOf(entry, number, all) : null;
    if (problem !== null)
      return fail({
        code: "registry.trail-damaged",
        retryable: false,
        name,
        path: `version ${number} of the registered model ${ledgerName(name)}`,
        detail: `entry ${number} ${problem}`,
      });
    before = sha256(before + text);
    all.set(number, before);
  }
  return all;
}

function problemOf(entry: Entry | null, number: number, links: Links): string | null {
  if (entry === null) return "cannot be read";
  const { after } = entry;
  // One that comes after an end beyond itself stands in a ledger that was deleted and begun anew: then the trail counts.
  if (after === undefined || after.number >= number) return null;
  const expected = after.number === NOTHING.number ? NOTHING.hash : links.get(after.number);
  if (after.hash === expected) return null;
  return `does not follow from entry ${after.number}: that, or one before it, was edited or removed`;
}
