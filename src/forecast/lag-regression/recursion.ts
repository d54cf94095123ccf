/**
 * The recursive forecast of an autoregression as one matrix [lags][horizon]: the recursion is linear in its
 * start values, so its response to each of them alone says it all.
 * @param coefficients oldest lag first
 */
export function unrollRecursion(coefficients: Float64Array, horizon: number): number[][] {
  const lags = coefficients.length;
  return Array.from({ length: lags }, (_, k) => {
    const path = new Array<number>(horizon);
    for (let h = 0; h < horizon; h++) {
      // Of the lags of this period, the k-th start value is one while it is among them, and the path so far the newest.
      let next = k >= h ? coefficients[k - h]! : 0;
      for (let i = Math.max(0, h - lags); i < h; i++) next += coefficients[lags - h + i]! * path[i]!;
      path[h] = next;
    }
    return path;
  });
}

/**
 * What a push of 1 in one period adds 0, 1, … horizon − 1 periods later.
 * @param unrolled of `unrollRecursion`: a push is a newest lag of 1, seen from the period before
 */
export const impulseResponse = (unrolled: readonly (readonly number[])[]): number[] => [
  1,
  ...unrolled.at(-1)!.slice(0, -1),
];

/** What a push of 1 in every period has added by the 1st, 2nd, … of them. */
export function stepResponse(impulse: readonly number[]): number[] {
  let sum = 0;
  return impulse.map((value) => {
    sum += value;
    return sum;
  });
}

/**
 * Coefficients of a regression on deviations from the mean of the last `season` lags, as coefficients of the
 * lags themselves.
 */
export function uncentred(coefficients: Float64Array, season: number): Float64Array {
  const rest = (1 - coefficients.reduce((sum, value) => sum + value, 0)) / season;
  const first = coefficients.length - season;
  return coefficients.map((value, k) => (k < first ? value : value + rest));
}
