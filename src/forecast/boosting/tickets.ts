import type { Workspace } from "./workspace.js";

/** Words of `Workspace.control`. */
export const CONTROL = {
  /** Which parts of the work on hand are taken, see `ticketOf`. */
  ticket: 0,
  /** Place of the work in `WORKS`. */
  work: 1,
  /** Parts that are done. */
  done: 2,
  /** Helpers that sleep until there is work. */
  sleepers: 3,
  /** 1 while the leader sleeps until all parts are done. */
  isWaiting: 4,
  /** 1 when a helper failed. */
  isBroken: 5,
} as const;

/** A ticket after which helpers end. */
export const CLOSED = -1;

const PART_BITS = 10;
const PART_MASK = (1 << PART_BITS) - 1;

/** The work's number, how many parts it has and how many of them are taken: in one word, so that all change at once. */
export const ticketOf = (work: number, parts: number): number =>
  ((work & 0x7ff) << (2 * PART_BITS)) | (parts << PART_BITS);

export const hasParts = (ticket: number): boolean =>
  ticket !== CLOSED && (ticket & PART_MASK) < ((ticket >>> PART_BITS) & PART_MASK);

/**
 * Takes a part of the work on hand. As its ticket counts, the work cannot have been replaced by another meanwhile,
 * and will not be until the part is done.
 * @returns the part and how many there are, or null where all are taken
 */
export function takePart({ control }: Workspace): { part: number; parts: number } | null {
  for (;;) {
    const ticket = Atomics.load(control, CONTROL.ticket);
    if (!hasParts(ticket)) return null;
    if (Atomics.compareExchange(control, CONTROL.ticket, ticket, ticket + 1) === ticket)
      return { part: ticket & PART_MASK, parts: (ticket >>> PART_BITS) & PART_MASK };
  }
}

/** Looks at a word so many times before a thread sleeps, about 50 µs: waking up takes as long. */
const LOOKS = 10_000;

/** Whether the word came to differ from `value` soon. */
export function changesSoon(control: Int32Array, word: number, value: number): boolean {
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(control, word) !== value) return true;
  return false;
}
