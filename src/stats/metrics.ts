/** Same fields as `Scores` of the accuracy report; this layer imports nothing of ours. */
export interface ScoreResult {
  /** Scored pairs. */
  readonly n: number;
  /** Pairs with a side that is missing or not finite. */
  readonly excluded: number;
  readonly wmape: number | null;
  readonly bias: number | null;
  readonly mase: number | null;
  /** Σ|y−ŷ| and Σ|y|, in units of the target. */
  readonly absoluteError: number;
  readonly absoluteActual: number;
}

interface SeriesError {
  /** Σ |y−ŷ| / scale over the `n` pairs that had a scale above zero. */
  scaled: number;
  n: number;
}

/**
 * Adds up (actual, forecast) pairs of many series and answers their scores.
 * - WMAPE = Σ|y−ŷ| / Σ|y| and bias = Σ(ŷ−y) / Σ|y|, pooled over the pairs; null when Σ|y| = 0.
 * - MASE (Hyndman & Koehler 2006) = mean over series of the series' MAE divided by its scale; null when no series has a scale above zero.
 *   A series whose scale differs from fold to fold has each pair divided by the scale it came with.
 */
export class PairScores {
  readonly #series = new Map<string | number, SeriesError>();
  #n = 0;
  #excluded = 0;
  #absoluteError = 0;
  #absoluteActual = 0;
  #signedError = 0;

  /**
   * @param series Index or id of the series; use one kind of key within an accumulator and what is merged into it.
   * @param scale In-sample seasonal-naive MAE of the series, or null when it has none. The pair counts for WMAPE either way.
   */
  add(series: string | number, actual: number, forecast: number, scale: number | null): void {
    if (!Number.isFinite(actual) || !Number.isFinite(forecast)) {
      this.#excluded++;
      return;
    }
    const error = Math.abs(actual - forecast);
    this.#n++;
    this.#absoluteError += error;
    this.#absoluteActual += Math.abs(actual);
    this.#signedError += forecast - actual;
    if (scale !== null && scale > 0 && Number.isFinite(scale)) this.#addScaled(series, error / scale, 1);
  }

  /** Counts pairs that could not be formed, e.g. a forecast whose period has no actual. */
  exclude(count: number): void {
    this.#excluded += count;
  }

  merge(other: PairScores): void {
    this.#n += other.#n;
    this.#excluded += other.#excluded;
    this.#absoluteError += other.#absoluteError;
    this.#absoluteActual += other.#absoluteActual;
    this.#signedError += other.#signedError;
    // A copy, so that merging an accumulator into itself ends.
    for (const [series, { scaled, n }] of [...other.#series]) this.#addScaled(series, scaled, n);
  }

  result(): ScoreResult {
    const ratio = (sum: number) => (this.#absoluteActual > 0 ? sum / this.#absoluteActual : null);
    let scaledSum = 0;
    for (const { scaled, n } of this.#series.values()) scaledSum += scaled / n;
    return {
      n: this.#n,
      excluded: this.#excluded,
      wmape: ratio(this.#absoluteError),
      bias: ratio(this.#signedError),
      mase: this.#series.size > 0 ? scaledSum / this.#series.size : null,
      absoluteError: this.#absoluteError,
      absoluteActual: this.#absoluteActual,
    };
  }

  #addScaled(series: string | number, scaled: number, n: number): void {
    const known = this.#series.get(series);
    if (known === undefined) {
      this.#series.set(series, { scaled, n });
    } else {
      known.scaled += scaled;
      known.n += n;
    }
  }
}

type Values = ArrayLike<number>;

/** Σ|y−ŷ| / Σ|y| over the pairs where both are finite; null when Σ|y| = 0. */
export const wmape = (actual: Values, forecast: Values): number | null => score(actual, forecast, null).wmape;

/** Σ(ŷ−y) / Σ|y|: positive means over-forecast; null when Σ|y| = 0. */
export const bias = (actual: Values, forecast: Values): number | null => score(actual, forecast, null).bias;

/** MAE of one series divided by its scale; null when there is no pair or the scale is null or 0. */
export const mase = (actual: Values, forecast: Values, scale: number | null): number | null =>
  score(actual, forecast, scale).mase;

/** Mean of 2|y−ŷ| / (|y|+|ŷ|), from 0 to 2; a pair of zeros counts as 0. Null when there is no pair. */
export function smape(actual: Values, forecast: Values): number | null {
  let sum = 0;
  let n = 0;
  for (let i = 0; i < sameLength(actual, forecast); i++) {
    const [y, f] = [actual[i]!, forecast[i]!];
    if (!Number.isFinite(y) || !Number.isFinite(f)) continue;
    const size = Math.abs(y) + Math.abs(f);
    if (size > 0) sum += (2 * Math.abs(y - f)) / size;
    n++;
  }
  return n > 0 ? sum / n : null;
}

/** Share of actuals with lo ≤ y ≤ hi, over the triples without NaN; null when there is none. */
export function coverage(actual: Values, lo: Values, hi: Values): number | null {
  sameLength(actual, hi);
  let inside = 0;
  let n = 0;
  for (let i = 0; i < sameLength(actual, lo); i++) {
    if (Number.isNaN(actual[i]!) || Number.isNaN(lo[i]!) || Number.isNaN(hi[i]!)) continue;
    if (lo[i]! <= actual[i]! && actual[i]! <= hi[i]!) inside++;
    n++;
  }
  return n > 0 ? inside / n : null;
}

/**
 * The MASE scale: mean |x[t] − x[t−season]| over the pairs where both are numbers.
 * @returns null when there is no such pair; 0 for a series that repeats itself exactly
 */
export function seasonalNaiveScale(history: Values, season: number): number | null {
  let sum = 0;
  let n = 0;
  for (let t = season; t < history.length; t++) {
    const change = Math.abs(history[t]! - history[t - season]!);
    if (Number.isNaN(change)) continue;
    sum += change;
    n++;
  }
  return n > 0 ? sum / n : null;
}

function score(actual: Values, forecast: Values, scale: number | null): ScoreResult {
  const scores = new PairScores();
  for (let i = 0; i < sameLength(actual, forecast); i++) scores.add(0, actual[i]!, forecast[i]!, scale);
  return scores.result();
}

function sameLength(a: Values, b: Values): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`);
  return a.length;
}
