import { createRandom } from "../../stats/random.js";

/** A categorical column as numbers. */
export interface TargetStatistics {
  /** [rows]: of each training row, from the rows before it in a random order alone, so that no target is in its own feature. */
  readonly training: Float64Array;
  /** [levels + 1]: of each code, from all training rows, for new rows; the last is for unknown codes. */
  readonly byCode: Float64Array;
}

/**
 * Ordered target statistics (Prokhorenkova et al. 2018): the mean target of a code, drawn towards that of all rows as
 * `strength` rows with the mean of all would draw it.
 * @param codes one a training row, 0..levels − 1; anything else is unknown, which is a code like the others
 * @param y one finite number a row, at least one
 * @param seed of the order of the rows
 */
export function targetStatistics(
  codes: Int32Array,
  levels: number,
  y: Float64Array,
  seed: number,
  strength = 1,
): TargetStatistics {
  if (codes.length !== y.length || y.length === 0) {
    throw new RangeError(
      `${codes.length} codes for ${y.length} targets; as many and at least one are expected`,
    );
  }
  let total = 0;
  for (const target of y) total += target;
  const prior = total / y.length;
  const sums = new Float64Array(levels + 1);
  const counts = new Float64Array(levels + 1);
  const meanOf = (place: number) => (sums[place]! + strength * prior) / (counts[place]! + strength);

  const training = new Float64Array(y.length);
  for (const row of shuffled(y.length, seed)) {
    const code = codes[row]!;
    const place = code >= 0 && code < levels ? code : levels;
    training[row] = meanOf(place);
    sums[place]! += y[row]!;
    counts[place]! += 1;
  }
  return { training, byCode: Float64Array.from(sums, (_, place) => meanOf(place)) };
}

/** 0..count − 1, each order equally likely (Fisher & Yates). */
function shuffled(count: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const other = order[j]!;
    order[j] = order[i]!;
    order[i] = other;
  }
  return order;
}
