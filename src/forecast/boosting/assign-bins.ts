import { between } from "./cut-points.js";

/** Cells of float32 by sign, exponent and six bits of the mantissa. */
const CELL_BITS = 15;

/**
 * Writes the bin of each value; missing values get the bin after those of the numbers.
 * @param cuts rising
 * @returns the cuts, moved half-way between the values of this column that they part
 */
export function assignBins(column: Float32Array, cuts: Float32Array, bins: Uint8Array): Float64Array {
  const missing = cuts.length + 1;
  const first = cellStarts(cuts);
  const bits = new Int32Array(column.buffer, column.byteOffset, column.length);
  const lowest = new Float32Array(missing).fill(Number.POSITIVE_INFINITY);
  const highest = new Float32Array(missing).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < column.length; row++) {
    const value = column[row]!;
    let bin = missing;
    if (!Number.isNaN(value)) {
      const cell = cellOf(bits[row]!);
      bin = first[cell]!;
      let end = first[cell + 1]!;
      while (bin < end) {
        const middle = (bin + end) >> 1;
        if (cuts[middle]! < value) bin = middle + 1;
        else end = middle;
      }
      if (value < lowest[bin]!) lowest[bin] = value;
      if (value > highest[bin]!) highest[bin] = value;
    }
    bins[row] = bin;
  }
  return Float64Array.from(cuts, (cut, bin) =>
    Number.isFinite(highest[bin]!) && Number.isFinite(lowest[bin + 1]!)
      ? between(highest[bin]!, lowest[bin + 1]!)
      : cut,
  );
}

/** By cell: how many cuts lie in the cells below. The bins of a cell's values are from there to the next cell's. */
function cellStarts(cuts: Float32Array): Uint8Array {
  const starts = new Uint8Array((1 << CELL_BITS) + 1);
  const bits = new Int32Array(cuts.buffer, cuts.byteOffset, cuts.length);
  for (const word of bits) starts[cellOf(word) + 1]! += 1;
  for (let cell = 0; cell < 1 << CELL_BITS; cell++) starts[cell + 1]! += starts[cell]!;
  return starts;
}

/** Rises with the float of these bits. */
const cellOf = (bits: number): number => (bits ^ ((bits >> 31) | 0x80000000)) >>> (32 - CELL_BITS);
