import { sha256 } from "../../../durable/hash.js";
import { fail } from "../../../kit/failure.js";

const TRAILER = /,"hash":"([0-9a-f]{64})"\}$/;

/**
 * The hash at the end of a trail: each text ends with one over the hash before and its own beginning, and the first of them is over the texts of a
 * program that wrote none. An entry that was cut off at the end is written again from the ledger; any other that is gone or was edited shows.
 * @param entries by number
 * @throws FailureError `registry.trail-damaged`
 */
export function chainOf(name: string, entries: readonly (readonly [number, string])[]): string {
  const plain: string[] = [];
  let chain: string | null = null;
  for (const [number, text] of entries) {
    const [trailer, hash] = TRAILER.exec(text) ?? [];
    if (trailer === undefined && chain === null) {
      plain.push(text);
      continue;
    }
    const before: string = chain ?? sha256(plain.join("\n"));
    if (trailer === undefined || sha256(before + text.slice(0, -trailer.length)) !== hash)
      return fail({
        code: "registry.trail-damaged",
        retryable: false,
        name,
        path: `tag retrain.move.${String(number).padStart(10, "0")} of the registered model ${name}`,
        detail: `move ${number} does not follow from the one before it: it, or one before it, was edited or removed`,
      });
    chain = hash!;
  }
  return chain ?? sha256(plain.join("\n"));
}
