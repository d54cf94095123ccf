/**
 * Half-width of a split-conformal interval (Vovk et al. 2005): the ⌈(n+1)·level⌉-th smallest of n absolute residuals. The +1 is what makes
 * the coverage hold for small n.
 * @param absResiduals sorted ascending, without NaN
 * @returns null when n residuals cannot support the level
 * @throws RangeError when the level is not in (0, 1)
 */
export function conformalHalfWidth(absResiduals: Float64Array, level: number): number | null {
  const rank = conformalRank(absResiduals.length, level);
  return rank <= absResiduals.length ? absResiduals[rank - 1]! : null;
}

/** The smallest n with ⌈(n+1)·level⌉ ≤ n: 4 for 0.8, 9 for 0.9, 19 for 0.95. */
export function residualsNeeded(level: number): number {
  let n = Math.max(1, Math.floor(level / (1 - level)) - 1);
  while (conformalRank(n, level) > n) n++;
  return n;
}

function conformalRank(n: number, level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError(`level ${level} is not between 0 and 1`);
  // 0.55 · 100 is 55.000000000000007 in binary: without the factor its ceiling would be 56.
  return Math.ceil((n + 1) * level * (1 - 4 * Number.EPSILON));
}
