import { sortNumbers } from "./sort-numbers.js";

const LARGEST = 3.4028234663852886e38;

/**
 * Where to cut a feature into bins that hold about the same number of values. A value that alone fills a bin gets
 * one of its own, and the others share the rest (as in LightGBM). Every distinct value has its own bin where there
 * are bins enough.
 * @param sample NaN where missing
 * @param bins at most
 * @returns rising, below the largest value: bin b holds cuts[b − 1] < x ≤ cuts[b]
 */
export function cutPoints(sample: Float32Array, bins: number): Float32Array {
  const { values, counts } = distinct(sample);
  if (values.length <= bins)
    return Float32Array.from({ length: Math.max(0, values.length - 1) }, (_, i) =>
      between(values[i]!, values[i + 1]!),
    );
  let left = 0;
  for (let i = 0; i < counts.length; i++) left += counts[i]!;
  let free = bins;
  const large = left / bins;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i]! < large) continue;
    left -= counts[i]!;
    free--;
  }
  let share = left / free;
  const cuts: number[] = [];
  let filled = 0;
  for (let i = 0; i < values.length - 1 && cuts.length < bins - 1; i++) {
    filled += counts[i]!;
    const isLarge = counts[i]! >= large;
    if (!isLarge) left -= counts[i]!;
    const nextIsLarge = counts[i + 1]! >= large;
    if (!isLarge && filled < share && !(nextIsLarge && filled >= Math.max(1, share / 2))) continue;
    cuts.push(between(values[i]!, values[i + 1]!));
    filled = 0;
    if (!isLarge) share = left / --free;
  }
  return Float32Array.from(cuts);
}

/** The distinct numbers, rising, and how often each occurs. Infinite ones count as the largest of float32. */
function distinct(sample: Float32Array): { values: Float32Array; counts: Int32Array } {
  const sorted = sortNumbers(sample);
  const values = new Float32Array(sorted.length);
  const counts = new Int32Array(sorted.length);
  let last = -1;
  for (let i = 0; i < sorted.length; i++) {
    const number = sorted[i]!;
    const value = number > LARGEST ? LARGEST : number < -LARGEST ? -LARGEST : number;
    if (last < 0 || value !== values[last]) values[++last] = value;
    counts[last]! += 1;
  }
  return { values: values.subarray(0, last + 1), counts: counts.subarray(0, last + 1) };
}

/** A float32 in [low, high): half-way where there is one between them, else `low`. */
export function between(low: number, high: number): number {
  const middle = Math.fround(low / 2 + high / 2);
  // A sum with zero turns −0 into 0.
  return (middle < high && middle >= low ? middle : low) + 0;
}
