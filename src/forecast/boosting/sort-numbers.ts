/** Bits of a key that one pass sorts by; three passes go through 32 bits. */
const DIGIT = 11;
const DIGITS = 1 << DIGIT;
const MASK = DIGITS - 1;

/** The values that are numbers, rising, −0 before 0: a radix sort, several times faster than `sort` on long columns. */
export function sortNumbers(values: Float32Array): Float32Array {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let from = new Int32Array(values.length);
  const counts = [new Int32Array(DIGITS), new Int32Array(DIGITS), new Int32Array(DIGITS)] as const;
  let length = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    const key = flip(bits[i]!);
    from[length++] = key;
    counts[0][key & MASK]! += 1;
    counts[1][(key >>> DIGIT) & MASK]! += 1;
    counts[2][key >>> (2 * DIGIT)]! += 1;
  }
  let to = new Int32Array(length);
  counts.forEach((count, digit) => {
    const shift = digit * DIGIT;
    for (let place = 0, d = 0; d < DIGITS; d++) {
      const own = count[d]!;
      count[d] = place;
      place += own;
    }
    for (let i = 0; i < length; i++) {
      const key = from[i]!;
      const d = (key >>> shift) & MASK;
      const place = count[d]!;
      to[place] = key;
      count[d] = place + 1;
    }
    [from, to] = [to, from];
  });
  for (let i = 0; i < length; i++) from[i] = unflip(from[i]!);
  return new Float32Array(from.buffer, 0, length);
}

/** The bits of a float as those of a whole number without a sign that rises with it. */
const flip = (bits: number): number => bits ^ ((bits >> 31) | 0x80000000);

const unflip = (key: number): number => key ^ (~(key >> 31) | 0x80000000);
