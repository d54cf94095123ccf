/** Quantile (pinball) loss of Koenker & Bassett (1978), in units of the actual: its mean is least at the true quantile. */
export const pinballLoss = (probability: number, actual: number, quantile: number): number =>
  actual >= quantile ? probability * (actual - quantile) : (1 - probability) * (quantile - actual);

/**
 * Adds up quantile forecasts and answers their weighted quantile loss, the `mean_wQuantileLoss` of GluonTS (Alexandrov et al. 2020):
 * for every probability 2 · Σ pinball / Σ|y| over its pairs, and the mean of these over the probabilities. With the median alone it is
 * WMAPE.
 */
export class WeightedQuantileLoss {
  readonly #sums = new Map<number, { loss: number; size: number }>();

  /** Both sides finite. */
  add(probability: number, actual: number, quantile: number): void {
    let sums = this.#sums.get(probability);
    if (sums === undefined) {
      sums = { loss: 0, size: 0 };
      this.#sums.set(probability, sums);
    }
    sums.loss += pinballLoss(probability, actual, quantile);
    sums.size += Math.abs(actual);
  }

  /** Null when there is no pair, or Σ|y| = 0 at some probability. */
  result(): number | null {
    let total = 0;
    for (const { loss, size } of this.#sums.values()) {
      if (size === 0) return null;
      total += (2 * loss) / size;
    }
    return this.#sums.size === 0 ? null : total / this.#sums.size;
  }
}
