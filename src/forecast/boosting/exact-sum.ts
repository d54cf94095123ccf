/**
 * The largest power of two by which |value| ≤ `largest` can be multiplied so that it stays below 2^bits; 1 where
 * all values are 0.
 */
export function gridScale(largest: number, bits: number): number {
  if (largest === 0) return 1;
  let exponent = Math.floor(Math.log2(largest)) + 1;
  // A logarithm may round up to the next whole number, and does not see that there is one more bit.
  if (2 ** (exponent - 1) > largest) exponent--;
  return 2 ** Math.min(1000, Math.max(-1000, bits - exponent));
}

/** Bits that `count` values may have each so that sums of them stay exact. */
export const bitsFor = (count: number): number => 52 - Math.ceil(Math.log2(count + 1));

/**
 * The sum of values that are first rounded to a common grid, fine enough that only the sum's last digits differ from
 * the true one and coarse enough that no order of the values changes it.
 */
export function exactSum(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const scale = gridScale(largest, bitsFor(values.length));
  let sum = 0;
  for (const value of values) sum += Math.floor(value * scale + 0.5);
  return sum / scale;
}
