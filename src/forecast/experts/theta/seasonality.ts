/** |z| from which a row is wholly seasonal: 10% two-sided, as in the theta method's autocorrelation test. */
export const CRITICAL_VALUE = 1.645;

/**
 * Variance, as a share of the mean square, below which a row is constant. Histories are float32: what varies
 * at all is above 1e-17, and rounding stays below 1e-26.
 */
export const CONSTANT_SHARE = 1e-20;

/** Least multiplicative index: one near zero would blow up what it divides. */
export const LEAST_INDEX = 0.05;

/** How a row's seasons differ, by phase: position in the context modulo the season. */
export interface Seasonality {
  /** Whether value = level · index; else value = level + index. */
  readonly multiplicative: boolean;
  /** [season]; all 1 (or 0) in a row that is not seasonal. */
  readonly index: Float64Array;
}

/** Phase of a row's first period: the period after the row has phase 0. */
export const firstPhase = (length: number, season: number): number => (season - (length % season)) % season;

/**
 * Classical decomposition around a centred moving average, multiplicative where every value is above zero
 * and additive elsewhere: a ratio to a level near zero or below it says nothing. The indices are normalised
 * to a mean of 1 (or 0), then drawn towards it twice:
 * - by `testWeight`: in proportion to the autocorrelation test of the theta method, and not at all from its
 *   critical value on;
 * - by the share of their own variance that is no noise, 1 − error variance / variance (Miller & Williams
 *   2003, "Shrinkage estimators of time series seasonal factors and their effect on forecasting accuracy").
 * Both are continuous in the data, where a yes or no would let two interpreters that round differently part.
 * In cross-validation they also beat it.
 */
export function seasonality(row: Float64Array, season: number): Seasonality {
  const multiplicative = row.every((value) => value > 0);
  const neutral = multiplicative ? 1 : 0;
  const weight = testWeight(row, season);
  if (weight === 0) return { multiplicative, index: new Float64Array(season).fill(neutral) };
  const { index, share } = decompose(row, season, multiplicative);
  const pull = weight * share;
  return {
    multiplicative,
    index: index.map((value) => {
      const drawn = neutral + pull * (value - neutral);
      return multiplicative ? Math.max(drawn, LEAST_INDEX) : drawn;
    }),
  };
}

/** Autocorrelations at lags 1..count, about the mean of the whole row; null for a constant row. */
export function autocorrelations(row: Float64Array, count: number): Float64Array | null {
  let sum = 0;
  let square = 0;
  for (const value of row) {
    sum += value;
    square += value * value;
  }
  const mean = sum / row.length;
  const deviation = row.map((value) => value - mean);
  const variance = productAtLag(deviation, 0);
  if (!(variance > CONSTANT_SHARE * square)) return null;
  return Float64Array.from({ length: count }, (_, k) => productAtLag(deviation, k + 1) / variance);
}

/**
 * 0..1. The test's z is r_s / √((1 + 2 Σ_{k<s} r_k²) / n) (Bartlett). The autocorrelation at lag s sums only
 * n − s products, so z is scaled by n / (n − s): without that, rows of two or three seasons hardly ever pass.
 * 0 for fewer than two seasons, for constant rows, and where a season says the opposite of the one before.
 */
export function testWeight(row: Float64Array, season: number): number {
  const n = row.length;
  if (season < 2 || n < 2 * season) return 0;
  const r = autocorrelations(row, season);
  if (r === null) return 0;
  let squares = 0;
  for (let k = 0; k < season - 1; k++) squares += r[k]! * r[k]!;
  const z = (r[season - 1]! / Math.sqrt((1 + 2 * squares) / n)) * (n / (n - season));
  return Math.min(Math.max(z / CRITICAL_VALUE, 0), 1);
}

export interface Decomposition {
  /** [season], by phase, normalised. */
  readonly index: Float64Array;
  /** 0..1: how much of the variance of the indices is no noise. */
  readonly share: number;
}

/** For rows of at least two seasons. */
export function decompose(row: Float64Array, season: number, multiplicative: boolean): Decomposition {
  const n = row.length;
  const half = Math.floor(season / 2);
  const first = firstPhase(n, season);
  const phaseOf = (t: number): number => (first + t) % season;
  const detrended = new Float64Array(n);
  const index = new Float64Array(season);
  const count = new Float64Array(season);
  for (let t = half; t < n - half; t++) {
    const trend = centredMean(row, t, season, half);
    detrended[t] = multiplicative ? row[t]! / trend : row[t]! - trend;
    index[phaseOf(t)]! += detrended[t]!;
    count[phaseOf(t)]! += 1;
  }
  let mean = 0;
  for (let j = 0; j < season; j++) {
    index[j]! /= Math.max(count[j]!, 1);
    mean += index[j]! / season;
  }
  for (let j = 0; j < season; j++) index[j] = multiplicative ? index[j]! / mean : index[j]! - mean;

  let residual = 0;
  for (let t = half; t < n - half; t++) residual += (detrended[t]! - index[phaseOf(t)]!) ** 2;
  const neutral = multiplicative ? 1 : 0;
  let spread = 0;
  let perIndex = 0;
  for (let j = 0; j < season; j++) {
    spread += (index[j]! - neutral) ** 2;
    perIndex += 1 / Math.max(count[j]!, 1);
  }
  const error = (residual / Math.max(n - 2 * half - season, 1)) * (perIndex / season);
  const observed = spread / (season - 1);
  return { index, share: observed > 0 ? Math.min(Math.max(1 - error / observed, 0), 1) : 0 };
}

/** Mean over one season around t; both ends of an even season count half. */
function centredMean(row: Float64Array, t: number, season: number, half: number): number {
  const ends = season % 2 === 0 ? 0.5 : 1;
  let sum = ends * (row[t - half]! + row[t + half]!);
  for (let k = t - half + 1; k < t + half; k++) sum += row[k]!;
  return sum / season;
}

function productAtLag(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let t = lag; t < values.length; t++) sum += values[t]! * values[t - lag]!;
  return sum;
}
