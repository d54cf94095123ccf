import { sha256 } from "../../../durable/hash.js";
import { fail } from "../../../kit/failure.js";
import type { TrailEnd } from "../../../kit/trail.js";

const TRAILER = /,"hash":"([0-9a-f]{64})"\}$/;

/** What the next entry of a trail is chained to. */
export const hashAfter = (ends: readonly TrailEnd[]): string => ends.at(-1)?.hash ?? sha256("");

/**
 * How a trail ended with each entry: each text ends with one over the hash before and its own beginning, and the first of them is over the texts of a
 * program that wrote none. An entry that was cut off at the end is written again from the ledger; any other that is gone or was edited shows.
 * @param entries by number
 * @throws FailureError `registry.trail-damaged`
 */
export function endsOf(name: string, entries: readonly (readonly [number, string])[]): readonly TrailEnd[] {
  const plain: string[] = [];
  const ends: TrailEnd[] = [];
  let isChained = false;
  for (const [number, text] of entries) {
    const [trailer, hash] = TRAILER.exec(text) ?? [];
    if (trailer === undefined && !isChained) {
      plain.push(text);
      ends.push({ length: number, hash: sha256(plain.join("\n")) });
      continue;
    }
    const before = hashAfter(ends);
    if (trailer === undefined || sha256(before + text.slice(0, -trailer.length)) !== hash)
      return fail({
        code: "registry.trail-damaged",
        retryable: false,
        name,
        path: `tag retrain.move.${String(number).padStart(10, "0")} of the registered model ${name}`,
        detail: `move ${number} does not follow from the one before it: it, or one before it, was edited or removed`,
      });
    ends.push({ length: number, hash: hash! });
    isChained = true;
  }
  return ends;
}
