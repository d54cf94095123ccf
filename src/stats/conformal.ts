/** Absolute residuals that count alike. */
export interface WeightedResiduals {
  /** In (0, 1]: how much one counts, where the value to come counts 1. */
  readonly weight: number;
  /** Ascending, without NaN. */
  readonly sorted: Float64Array;
}

/** Weights such as 0.1 have no exact sum: a total that misses its target by this share reaches it. */
const ROUNDING = 1e-12;

/**
 * Half-width of a split-conformal interval with weights (Barber, Candès, Ramdas & Tibshirani 2023, equation 11): the smallest residual such
 * that those up to it hold a share `level` of all weight, the value to come included. With weights of 1 it is the ⌈(n+1)·level⌉-th smallest of
 * n (Vovk et al. 2005). The +1 is what makes the coverage hold for small n.
 * @returns null when the residuals cannot support the level
 * @throws RangeError when the level is not in (0, 1)
 */
export function conformalHalfWidth(samples: readonly WeightedResiduals[], level: number): number | null {
  if (!(level > 0 && level < 1)) throw new RangeError(`level ${level} is not between 0 and 1`);
  const target = level * (totalWeight(samples) + 1) * (1 - ROUNDING);
  if (target > totalWeight(samples)) return null;
  const taken = samples.map(() => 0);
  const reached = () => samples.reduce((sum, { weight }, k) => sum + weight * taken[k]!, 0);
  const next = (k: number) => samples[k]!.sorted[taken[k]!] ?? Number.POSITIVE_INFINITY;
  let width = 0;
  while (reached() < target) {
    let least = 0;
    for (let k = 1; k < samples.length; k++) if (next(k) < next(least)) least = k;
    width = next(least);
    taken[least]!++;
  }
  return width;
}

/** How many residuals of weight 1 they are worth. */
export const totalWeight = (samples: readonly WeightedResiduals[]): number =>
  samples.reduce((sum, { weight, sorted }) => sum + weight * sorted.length, 0);

/** The smallest n with ⌈(n+1)·level⌉ ≤ n: 4 for 0.8, 9 for 0.9, 19 for 0.95. */
export function residualsNeeded(level: number): number {
  let n = Math.max(1, Math.floor(level / (1 - level)) - 1);
  while (level * (n + 1) * (1 - ROUNDING) > n) n++;
  return n;
}
