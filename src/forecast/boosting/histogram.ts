/** Cells of the histogram of a feature. */
export const BIN_SPACE = 256;

/*
 * Kernels that add `amounts[begin..end − 1]` to the bins that rows have of the features of a block; `words` holds these
 * rows side by side. Bin b of the k-th feature is cell 256·k + b. All sums are of whole numbers below 2⁵³, so they are
 * exact, and the order of the rows does not matter.
 */

/** Of a block with one word a row. */
export function addFour(
  histogram: Float64Array,
  words: Int32Array,
  amounts: Float64Array,
  begin: number,
  end: number,
): void {
  for (let place = begin, next = 0; place < end; place++, next++) {
    const word = words[next]!;
    const amount = amounts[place]!;
    histogram[word & 255]! += amount;
    histogram[256 | ((word >>> 8) & 255)]! += amount;
    histogram[512 | ((word >>> 16) & 255)]! += amount;
    histogram[768 | (word >>> 24)]! += amount;
  }
}

/** Of a block with two words a row. */
export function addEight(
  histogram: Float64Array,
  words: Int32Array,
  amounts: Float64Array,
  begin: number,
  end: number,
): void {
  for (let place = begin, next = 0; place < end; place++, next += 2) {
    const amount = amounts[place]!;
    const first = words[next]!;
    const second = words[next + 1]!;
    histogram[first & 255]! += amount;
    histogram[256 | ((first >>> 8) & 255)]! += amount;
    histogram[512 | ((first >>> 16) & 255)]! += amount;
    histogram[768 | (first >>> 24)]! += amount;
    histogram[1024 | (second & 255)]! += amount;
    histogram[1280 | ((second >>> 8) & 255)]! += amount;
    histogram[1536 | ((second >>> 16) & 255)]! += amount;
    histogram[1792 | (second >>> 24)]! += amount;
  }
}

/** Words of the rows order[begin..end − 1], side by side. */
export function gather(
  words: Int32Array,
  stride: number,
  order: Int32Array,
  begin: number,
  end: number,
  gathered: Int32Array,
): void {
  if (stride === 1) {
    for (let place = begin; place < end; place++) gathered[place - begin] = words[order[place]!]!;
    return;
  }
  for (let place = begin, next = 0; place < end; place++, next += 2) {
    const start = order[place]! << 1;
    gathered[next] = words[start]!;
    gathered[next + 1] = words[start + 1]!;
  }
}
