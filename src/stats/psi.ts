/**
 * Population stability index Σ (a−e)·ln(a/e) of the shares a of `actual` and e of `expected` by bin (Siddiqi 2006). Bins have equal shares of
 * `expected`, cut at its quantiles (type 7; equal cuts are one), are closed on the right, and one on each side takes what lies outside
 * its range. Half a value is added to each bin, so that an empty one is no infinity.
 * @returns 0 or more, in nats; null when a side is empty
 * @throws RangeError on NaN, or fewer than two bins
 */
export function populationStability(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bins: number,
): number | null {
  if (!(bins >= 2)) throw new RangeError(`${bins} bins`);
  if (actual.length === 0 || expected.length === 0) return null;
  const ordered = Float64Array.from(expected).sort();
  if (Array.from(actual).some(Number.isNaN) || Number.isNaN(ordered.at(-1)!))
    throw new RangeError("PSI of a sample with NaN");
  const cuts = cutsOf(ordered, bins);
  const [now, then] = [shares(actual, cuts), shares(expected, cuts)];
  return now.reduce((sum, share, bin) => sum + (share - then[bin]!) * Math.log(share / then[bin]!), 0);
}

interface Cuts {
  readonly lowest: number;
  /** Upper ends of the bins inside, rising; the last is the largest expected value. */
  readonly upper: readonly number[];
}

function cutsOf(ordered: Float64Array, bins: number): Cuts {
  const upper = Array.from({ length: bins }, (_, bin) => {
    const position = ((ordered.length - 1) * (bin + 1)) / bins;
    const below = Math.floor(position);
    const [low, high] = [ordered[below]!, ordered[Math.min(below + 1, ordered.length - 1)]!];
    return low + (position - below) * (high - low);
  });
  return { lowest: ordered[0]!, upper: [...new Set(upper)] };
}

function shares(values: ArrayLike<number>, { lowest, upper }: Cuts): number[] {
  const counts = new Array<number>(upper.length + 2).fill(0.5);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const bin = value < lowest ? 0 : 1 + lowerBound(upper, value);
    counts[bin]!++;
  }
  const total = values.length + counts.length / 2;
  return counts.map((count) => count / total);
}

/** Index of the first bound that is not below the value, or how many there are. */
function lowerBound(bounds: readonly number[], value: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
