import { createRandom } from "./random.js";

/** One number a series, all in the same order of series. */
export interface PairedErrors {
  /** Σ|y−ŷ| of the candidate and of the champion on the same pairs. */
  readonly candidate: ArrayLike<number>;
  readonly champion: ArrayLike<number>;
  /** Σ|y| */
  readonly actual: ArrayLike<number>;
}

export interface BootstrapOptions {
  /** Nominal coverage of the interval, default 0.95. */
  readonly level?: number;
  /** Default 2000. */
  readonly resamples?: number;
  readonly seed: number;
}

export interface BootstrapInterval {
  /** WMAPE(candidate) − WMAPE(champion): negative means that the candidate is better. */
  readonly difference: number;
  readonly lo: number;
  readonly hi: number;
  readonly level: number;
  /** Series. */
  readonly n: number;
}

/**
 * Percentile interval (Efron 1979) of the difference of two WMAPEs, by resampling whole series: errors inside a series depend on each other,
 * series much less. Resamples in which every actual is zero have no WMAPE and are left out.
 * @returns null when Σ|y| = 0
 * @throws RangeError when the three lists differ in length or hold a number that is not finite, or the options make no sense
 */
export function pairedBootstrap(errors: PairedErrors, options: BootstrapOptions): BootstrapInterval | null {
  const { level = 0.95, resamples = 2000, seed } = options;
  const n = errors.actual.length;
  if (errors.candidate.length !== n || errors.champion.length !== n) {
    throw new RangeError(`${errors.candidate.length}, ${errors.champion.length} and ${n} series`);
  }
  if (!(level > 0 && level < 1) || !(resamples >= 1))
    throw new RangeError(`level ${level}, ${resamples} resamples`);
  const gain = Float64Array.from({ length: n }, (_, s) => errors.candidate[s]! - errors.champion[s]!);
  const actual = Float64Array.from(errors.actual);
  if (!gain.every(Number.isFinite) || !actual.every(Number.isFinite))
    throw new RangeError("errors are not finite");

  const total = actual.reduce((sum, value) => sum + value, 0);
  if (total === 0) return null;
  const difference = gain.reduce((sum, value) => sum + value, 0) / total;

  const random = createRandom(seed);
  const draws: number[] = [];
  for (let b = 0; b < resamples; b++) {
    let [gains, actuals] = [0, 0];
    for (let i = 0; i < n; i++) {
      const s = random.below(n);
      gains += gain[s]!;
      actuals += actual[s]!;
    }
    if (actuals > 0) draws.push(gains / actuals);
  }
  if (draws.length === 0) return { difference, lo: difference, hi: difference, level, n };
  const ordered = Float64Array.from(draws).sort();
  return {
    difference,
    lo: quantile(ordered, (1 - level) / 2),
    hi: quantile(ordered, (1 + level) / 2),
    level,
    n,
  };
}

/** Linear between order statistics (Hyndman & Fan's type 7, the default of R and numpy). */
function quantile(ordered: Float64Array, probability: number): number {
  const position = (ordered.length - 1) * probability;
  const below = Math.floor(position);
  const above = Math.min(below + 1, ordered.length - 1);
  return ordered[below]! + (position - below) * (ordered[above]! - ordered[below]!);
}
