import type { Random } from "../../stats/random.js";

/** `size` of the numbers 0..count − 1, rising, each set equally likely (Knuth's algorithm S). */
export function sampleOf(count: number, size: number, random: Random): Int32Array {
  const chosen = new Int32Array(size);
  for (let i = 0, taken = 0; taken < size; i++) {
    if (random.uniform() * (count - i) < size - taken) chosen[taken++] = i;
  }
  return chosen;
}
