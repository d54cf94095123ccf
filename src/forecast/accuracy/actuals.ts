import { seasonLength } from "../../calendar/period.js";
import type { Panel } from "../../panel/panel.js";

/** Answers questions about one panel's target by series id and period, as they looked at any cutoff. */
export class Actuals {
  readonly #panel: Panel;
  readonly #season: number;
  readonly #index: ReadonlyMap<string, number>;
  /** Scales of all series by cutoff: reports ask for the same few cutoffs again and again. */
  readonly #scales = new Map<number, Float64Array>();

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#season = seasonLength(panel.calendar.frequency);
    this.#index = new Map(panel.series.map((id, index) => [id, index]));
  }

  get series(): readonly string[] {
    return this.#panel.series;
  }

  /** The target, or NaN where the panel has no row or no number. */
  at(series: string, period: number): number {
    const index = this.#index.get(series);
    return index === undefined ? Number.NaN : this.#value(index, period);
  }

  /**
   * In-sample mean |y[t] − y[t−m]| over t ≤ cutoff where both are numbers, m = one season: the denominator of MASE
   * (Hyndman & Koehler 2006). NaN where there is no such pair.
   */
  scale(series: string, cutoff: number): number {
    const index = this.#index.get(series);
    if (index === undefined) return Number.NaN;
    let scales = this.#scales.get(cutoff);
    if (scales === undefined) {
      scales = Float64Array.from(this.series, (_, s) => this.#seasonalError(s, cutoff));
      this.#scales.set(cutoff, scales);
    }
    return scales[index]!;
  }

  /**
   * The seasonal naive forecast of a period, made at the cutoff: the newest number of the same season at or before the
   * cutoff; for a series that has none, its mean up to the cutoff; NaN for a series without history.
   */
  seasonalNaive(series: string, cutoff: number, period: number): number {
    const index = this.#index.get(series);
    if (index === undefined) return Number.NaN;
    const { offsets, period: periods, target } = this.#panel;
    if (offsets[index] === offsets[index + 1]) return Number.NaN;
    const first = periods[offsets[index]!]!;
    const seasonsBack = Math.ceil((period - cutoff) / this.#season);
    for (let same = period - seasonsBack * this.#season; same >= first; same -= this.#season) {
      const value = this.#value(index, same);
      if (!Number.isNaN(value)) return value;
    }
    let sum = 0;
    let count = 0;
    for (let row = offsets[index]!; row < offsets[index + 1]! && periods[row]! <= cutoff; row++) {
      if (Number.isNaN(target[row]!)) continue;
      sum += target[row]!;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  }

  #value(index: number, period: number): number {
    const row = this.#row(index, period);
    return row === null ? Number.NaN : this.#panel.target[row]!;
  }

  /** Rows of a series are sorted by period, so a binary search finds one. */
  #row(index: number, period: number): number | null {
    const { offsets, period: periods } = this.#panel;
    let low = offsets[index]!;
    let high = offsets[index + 1]! - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = periods[middle]!;
      if (found === period) return middle;
      if (found < period) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  #seasonalError(index: number, cutoff: number): number {
    const { offsets, period: periods, target } = this.#panel;
    let sum = 0;
    let count = 0;
    let earlier = offsets[index]!;
    for (let row = offsets[index]!; row < offsets[index + 1]! && periods[row]! <= cutoff; row++) {
      while (periods[earlier]! < periods[row]! - this.#season) earlier++;
      if (periods[earlier]! !== periods[row]! - this.#season) continue;
      const error = Math.abs(target[row]! - target[earlier]!);
      if (Number.isNaN(error)) continue;
      sum += error;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  }
}
