/**
 * The p-quantile of some values: between the two nearest order statistics where there are no weights (type 7 of
 * Hyndman & Fan 1996), else the lowest value below which at least the share p of the weight lies, itself included.
 * @param values reordered in place; finite, not empty
 * @param weight of each value, or null where all are 1
 */
export function quantileOf(values: Float64Array, weight: Float64Array | null, p: number): number {
  if (weight !== null) return weightedQuantile(values, weight, p);
  const position = p * (values.length - 1);
  const rank = Math.floor(position);
  const share = position - rank;
  const { near, below } = narrow(values, rank, share > 0 ? rank + 1 : rank);
  const low = rank - below;
  select(near, low);
  const lower = near[low]!;
  if (share === 0) return lower;
  let upper = Number.POSITIVE_INFINITY;
  for (let i = low + 1; i < near.length; i++) if (near[i]! < upper) upper = near[i]!;
  return lower + share * (upper - lower);
}

/** Fewer values are not worth a look at a sample. */
const WORTH_A_SAMPLE = 500;
/** Standard errors of a rank in the sample, on either side. */
const SURE = 3;

/**
 * The values between two of a sample that enclose the ranks `from` to `to`, and how many are below them (as in the
 * selection of Floyd & Rivest 1975); all values in the rare case that the sample misleads.
 */
function narrow(values: Float64Array, from: number, to: number): { near: Float64Array; below: number } {
  const all = { near: values, below: 0 };
  const { length } = values;
  if (length < WORTH_A_SAMPLE) return all;
  const size = length < 16 * WORTH_A_SAMPLE ? 128 : 512;
  const sample = Float64Array.from(
    { length: size },
    (_, i) => values[Math.floor((i * length) / size)]!,
  ).sort();
  const margin = (SURE * Math.sqrt(size)) / 2;
  const low = sample[Math.floor((from / length) * size - margin)] ?? Number.NEGATIVE_INFINITY;
  const high = sample[Math.ceil((to / length) * size + margin)] ?? Number.POSITIVE_INFINITY;
  const near = new Float64Array(length);
  let below = 0;
  let count = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    // Written always and kept by counting: cheaper than branches that are taken at random.
    const isBelow = +(value < low);
    near[count] = value;
    count += 1 - (isBelow | +(value > high));
    below += isBelow;
  }
  return from >= below && to < below + count ? { near: near.subarray(0, count), below } : all;
}

/** Puts the k-th lowest value at index k, no higher one before it and no lower one after it (Hoare's quickselect). */
function select(values: Float64Array, k: number): void {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = middleOf(values[low]!, values[(low + high) >> 1]!, values[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}

const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

function weightedQuantile(values: Float64Array, weight: Float64Array, p: number): number {
  const order = Int32Array.from(values, (_, i) => i).sort(
    (a, b) => values[a]! - values[b]! || weight[a]! - weight[b]!,
  );
  let total = 0;
  for (const i of order) total += weight[i]!;
  let below = 0;
  for (const i of order) {
    below += weight[i]!;
    if (below >= p * total && below > 0) return values[i]!;
  }
  return values[order[order.length - 1]!]!;
}
