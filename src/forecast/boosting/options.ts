/**
 * What a tree's leaves minimise. `poisson` and `tweedie` have a log link and take targets ≥ 0. `probability` in
 * (0, 1); `power`, the exponent of the variance, in (1, 2).
 */
export type Loss =
  | { readonly kind: "l2" | "l1" | "poisson" }
  | { readonly kind: "quantile"; readonly probability: number }
  | { readonly kind: "tweedie"; readonly power: number };

export interface BoostingOptions {
  readonly loss: Loss;
  /** How many trees at most. */
  readonly trees: number;
  /** What a tree counts for, in (0, 1]. */
  readonly rate: number;
  /** Leaves a tree at most. */
  readonly leaves: number;
  /** Training rows a leaf at least. */
  readonly minLeaf: number;
  /** Added to the hessian of a leaf, ≥ 0. */
  readonly l2: number;
  /** Most bins of numbers a feature, 2 to 255; missing has one of its own. */
  readonly bins: number;
  /** Share of the features that a tree looks at, and of the rows that it is grown on, in (0, 1]; anew for each tree. */
  readonly featureShare: number;
  readonly rowShare: number;
  /** Of both samples. */
  readonly seed: number;
  /** One a feature: the answer must not fall (1) or rise (−1) with it; 0 or nothing asks nothing. */
  readonly monotone?: readonly (-1 | 0 | 1)[];
  /**
   * These rows (indices) are not trained on; growth ends when the loss on them has not fallen for so many trees,
   * and the trees after the best are dropped.
   */
  readonly earlyStopping?: { readonly rounds: number; readonly validation: ArrayLike<number> };
}

export const DEFAULT_BOOSTING: BoostingOptions = {
  loss: { kind: "l2" },
  trees: 100,
  rate: 0.1,
  leaves: 31,
  minLeaf: 20,
  l2: 0,
  bins: 255,
  featureShare: 1,
  rowShare: 1,
  seed: 0,
};

/** @throws RangeError when an option is out of its range */
export function resolveOptions(
  options: Partial<BoostingOptions>,
  rows: number,
  columns: number,
): BoostingOptions {
  const all = { ...DEFAULT_BOOSTING, ...options };
  const { loss, monotone, earlyStopping } = all;
  wholeNumber("trees", all.trees, 0, 100_000);
  wholeNumber("leaves", all.leaves, 1, 2 ** 16);
  wholeNumber("minLeaf", all.minLeaf, 1, 2 ** 24);
  wholeNumber("bins", all.bins, 2, 255);
  if (!(all.l2 >= 0 && all.l2 < Number.POSITIVE_INFINITY)) throw outOfRange("l2", all.l2);
  for (const key of ["rate", "featureShare", "rowShare"] as const) {
    if (!(all[key] > 0 && all[key] <= 1)) throw outOfRange(key, all[key]);
  }
  if (loss.kind === "quantile" && !(loss.probability > 0 && loss.probability < 1)) {
    throw outOfRange("probability", loss.probability);
  }
  if (loss.kind === "tweedie" && !(loss.power > 1 && loss.power < 2)) throw outOfRange("power", loss.power);
  if (monotone !== undefined && monotone.length !== columns) {
    throw new RangeError(`monotone has ${monotone.length} entries, one a feature (${columns}) is expected`);
  }
  if (earlyStopping !== undefined) {
    wholeNumber("rounds", earlyStopping.rounds, 1, 100_000);
    const validation = Array.from(earlyStopping.validation);
    for (const row of validation) wholeNumber("validation row", row, 0, rows - 1);
    const distinct = new Set(validation).size;
    if (distinct === 0 || distinct === rows) {
      throw new RangeError(`${distinct} of ${rows} rows are for validation; some have to be, but not all`);
    }
  }
  return all;
}

function wholeNumber(name: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) throw outOfRange(name, value);
}

const outOfRange = (name: string, value: number): RangeError => new RangeError(`${name} is ${value}`);
