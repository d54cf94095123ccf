import type { Clip } from "../interpret.js";
import type { Rows } from "../rows.js";

/**
 * What one fold of CV says about the experts. Matrices are [N × H], row-major; N and the order of the rows are
 * those of `rows`.
 */
export interface FoldEvidence {
  /** Last period that the forecasts saw, and how many periods before it gave no targets to train on. */
  readonly fold: { readonly origin: number; readonly gap: number };
  /** What the forecasts saw of every series. */
  readonly rows: Rows;
  /** NaN where there is none. */
  readonly actual: Float64Array;
  /** [K], clipped; NaN in rows without a number. */
  readonly forecasts: readonly Float64Array[];
  /** Seasonal naive, clipped; NaN in rows without a number. */
  readonly naive: Float64Array;
  /** As of the fold: by the targets that it could be trained on. */
  readonly clip: Clip;
  /** [N]: MASE denominator up to the origin; null where there is none or it is zero. */
  readonly maseScale: readonly (number | null)[];
}

/** What combinations learn from. A `FoldOutcome` of CV with its naive forecast is a `FoldEvidence`. */
export interface Evidence {
  /** Oldest first; the same experts and horizon in each. */
  readonly folds: readonly FoldEvidence[];
  /** K */
  readonly experts: number;
  /** How many segment codes there are: column 0 of the codes. */
  readonly segments: number;
}

type Timed = Pick<FoldEvidence, "fold" | "rows">;

/** Last period whose actual a fold may learn from. */
const knownUntil = ({ fold }: Timed): number => fold.origin - fold.gap;

/** Folds whose actuals had all happened, and could be trained on, when `judged` was forecast. */
export function earlierFolds<F extends Timed>(folds: readonly F[], judged: Timed): F[] {
  return folds.filter(({ fold, rows }) => fold.origin + rows.horizon <= knownUntil(judged));
}

/** Whether the cell counts: forecast and actual are there. */
export const isScored = (actual: number, forecast: number): boolean =>
  Number.isFinite(actual) && Number.isFinite(forecast);
