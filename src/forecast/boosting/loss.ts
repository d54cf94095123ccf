import { exactSum } from "./exact-sum.js";
import type { Loss } from "./options.js";
import { quantileOf } from "./quantile.js";

/** A loss on given targets. Scores are before the link. */
export interface Objective {
  readonly link: "identity" | "log";
  /** Whether every hessian is 1. */
  readonly unitHessian: boolean;
  /**
   * Where the loss says nothing of the size of a residual, leaves take this quantile of their residuals instead of
   * a Newton step; else null.
   */
  readonly leafQuantile: number | null;
  /** The best constant score for these rows. */
  base(rows: Int32Array): number;
  /** Writes the derivatives of the loss of rows from..to − 1 by their scores; `hessian` only where it is not 1. */
  derive(scores: Float64Array, gradient: Float64Array, hessian: Float64Array, from: number, to: number): void;
  /** Of one row, up to a constant; lower is better. */
  lossOf(row: number, score: number): number;
}

/** Scores under which exp is as good as 0: where every target is 0. */
const LOWEST_LOG = -30;

/** @param weight one a row, or null where all are 1 */
export function makeObjective(loss: Loss, y: Float64Array, weight: Float64Array | null): Objective {
  switch (loss.kind) {
    case "l2":
      return squared(y, weight);
    case "l1":
      return pinball(y, weight, 0.5, 2);
    case "quantile":
      return pinball(y, weight, loss.probability, 1);
    case "poisson":
      return poisson(y, weight);
    case "tweedie":
      return tweedie(y, weight, loss.power);
  }
}

/** @throws RangeError when a target or weight is not a number that the loss takes */
export function checkTargets(loss: Loss, y: Float64Array, weight: Float64Array | null): void {
  const least = loss.kind === "poisson" || loss.kind === "tweedie" ? 0 : -Number.MAX_VALUE;
  y.forEach((target, row) => {
    if (!(target >= least && target <= Number.MAX_VALUE)) {
      throw new RangeError(
        `target ${target} of row ${row}; ${loss.kind} takes ${least === 0 ? "numbers ≥ 0" : "finite numbers"}`,
      );
    }
  });
  if (weight === null) return;
  if (weight.length !== y.length) throw new RangeError(`${weight.length} weights for ${y.length} rows`);
  weight.forEach((share, row) => {
    if (!(share >= 0 && share < Number.POSITIVE_INFINITY))
      throw new RangeError(`weight ${share} of row ${row}`);
  });
}

const squared = (y: Float64Array, weight: Float64Array | null): Objective => ({
  link: "identity",
  unitHessian: weight === null,
  leafQuantile: null,
  base: (rows) => mean(y, weight, rows),
  derive(scores, gradient, hessian, from, to) {
    for (let row = from; row < to; row++) {
      const share = weight === null ? 1 : weight[row]!;
      gradient[row] = share * (scores[row]! - y[row]!);
      if (weight !== null) hessian[row] = share;
    }
  },
  lossOf: (row, score) => (weight === null ? 1 : weight[row]!) * (score - y[row]!) ** 2,
});

/** slope × the pinball loss at `probability`. */
const pinball = (
  y: Float64Array,
  weight: Float64Array | null,
  probability: number,
  slope: number,
): Objective => ({
  link: "identity",
  unitHessian: weight === null,
  leafQuantile: probability,
  base: (rows) =>
    quantileOf(
      Float64Array.from(rows, (row) => y[row]!),
      weightsOf(weight, rows),
      probability,
    ),
  derive(scores, gradient, hessian, from, to) {
    const above = slope * (1 - probability);
    const below = -slope * probability;
    for (let row = from; row < to; row++) {
      const difference = scores[row]! - y[row]!;
      const share = weight === null ? 1 : weight[row]!;
      gradient[row] = share * (difference > 0 ? above : difference < 0 ? below : 0);
      if (weight !== null) hessian[row] = share;
    }
  },
  lossOf(row, score) {
    const difference = score - y[row]!;
    const share = weight === null ? 1 : weight[row]!;
    return share * slope * (difference > 0 ? (1 - probability) * difference : -probability * difference);
  },
});

/** The factor keeps the Newton step of a leaf short, as LightGBM's `poisson_max_delta_step` does. */
const POISSON_CAUTION = Math.exp(0.7);

const poisson = (y: Float64Array, weight: Float64Array | null): Objective => ({
  link: "log",
  unitHessian: false,
  leafQuantile: null,
  base: (rows) => logOfMean(y, weight, rows),
  derive(scores, gradient, hessian, from, to) {
    for (let row = from; row < to; row++) {
      const share = weight === null ? 1 : weight[row]!;
      const expected = Math.exp(scores[row]!);
      gradient[row] = share * (expected - y[row]!);
      hessian[row] = share * expected * POISSON_CAUTION;
    }
  },
  lossOf: (row, score) => (weight === null ? 1 : weight[row]!) * (Math.exp(score) - y[row]! * score),
});

const tweedie = (y: Float64Array, weight: Float64Array | null, power: number): Objective => ({
  link: "log",
  unitHessian: false,
  leafQuantile: null,
  base: (rows) => logOfMean(y, weight, rows),
  derive(scores, gradient, hessian, from, to) {
    for (let row = from; row < to; row++) {
      const share = weight === null ? 1 : weight[row]!;
      const low = share * y[row]! * Math.exp((1 - power) * scores[row]!);
      const high = share * Math.exp((2 - power) * scores[row]!);
      gradient[row] = high - low;
      hessian[row] = (2 - power) * high - (1 - power) * low;
    }
  },
  lossOf(row, score) {
    const share = weight === null ? 1 : weight[row]!;
    return (
      share *
      (Math.exp((2 - power) * score) / (2 - power) - (y[row]! * Math.exp((1 - power) * score)) / (1 - power))
    );
  },
});

function logOfMean(y: Float64Array, weight: Float64Array | null, rows: Int32Array): number {
  const average = mean(y, weight, rows);
  return average > 0 ? Math.max(Math.log(average), LOWEST_LOG) : LOWEST_LOG;
}

/** Exact for equal targets; 0 when every weight is 0. */
function mean(y: Float64Array, weight: Float64Array | null, rows: Int32Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const row of rows) least = Math.min(least, y[row]!);
  const excess = Float64Array.from(rows, (row) => (weight === null ? 1 : weight[row]!) * (y[row]! - least));
  const total = weight === null ? rows.length : exactSum(weightsOf(weight, rows)!);
  return total > 0 ? least + exactSum(excess) / total : 0;
}

const weightsOf = (weight: Float64Array | null, rows: Int32Array): Float64Array | null =>
  weight === null ? null : Float64Array.from(rows, (row) => weight[row]!);
