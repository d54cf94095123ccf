/**
 * Covariance W of the errors of all nodes, without the n × n matrix: W = S (diag(1 − (1−λ) c_i) + (1−λ) X'X / T) S
 * with S the deviations, X the errors in units of them (0 where there is none) and c_i the mean square of node i's
 * X. Its diagonal is S² whatever λ is.
 */
export interface Errors {
  /** λ in [0, 1]: how far the correlations are shrunk to zero. */
  readonly shrinkage: number;
  /** T: rows of errors. */
  readonly rows: number;
  /** [nodes]: root mean square error; NaN where there are too few errors to tell. */
  readonly deviation: Float64Array;
  /** X: [nodes × T] */
  readonly scaled: Float64Array;
}

/** Fewer errors say nothing of a node's size of errors. */
const MIN_ERRORS = 3;
/** Some weight always stays on the diagonal: without it W can be singular. */
const MIN_SHRINKAGE = 1e-4;

/**
 * @param errors [nodes × rows], actual − forecast, NaN where there is none
 */
export function errorsOf(errors: Float64Array, nodes: number): Errors {
  const rows = nodes === 0 ? 0 : errors.length / nodes;
  const deviation = new Float64Array(nodes).fill(Number.NaN);
  const scaled = new Float64Array(errors.length);
  for (let i = 0; i < nodes; i++) {
    const own = errors.subarray(i * rows, (i + 1) * rows);
    deviation[i] = rootMeanSquare(own);
    if (!(deviation[i]! > 0)) continue;
    own.forEach((error, k) => {
      if (!Number.isNaN(error)) scaled[i * rows + k] = error / deviation[i]!;
    });
  }
  return { shrinkage: Math.max(shrinkageOf(scaled, nodes), MIN_SHRINKAGE), rows, deviation, scaled };
}

/** About zero, as the forecasts are taken to be unbiased; divided by the largest so that squares stay finite. */
function rootMeanSquare(errors: Float64Array): number {
  const present = errors.filter((error) => Number.isFinite(error));
  if (present.length < MIN_ERRORS) return Number.NaN;
  const largest = present.reduce((most, error) => Math.max(most, Math.abs(error)), 0);
  if (largest === 0) return 0;
  return (
    largest * Math.sqrt(present.reduce((sum, error) => sum + (error / largest) ** 2, 0) / present.length)
  );
}

/**
 * Schäfer & Strimmer (2005), target D of their table 2, on correlations about zero as in Wickramasuriya,
 * Athanasopoulos & Hyndman (2019): λ = Σ_{i≠j} Var(r_ij) / Σ_{i≠j} r_ij², cut to [0, 1]. The sums over pairs of nodes
 * are traces of products of X, so they cost nodes × T² instead of nodes² × T. 1 where there is nothing to estimate from.
 * @param scaled X
 */
export function shrinkageOf(scaled: Float64Array, nodes: number): number {
  const rows = nodes === 0 ? 0 : scaled.length / nodes;
  if (rows < 2) return 1;
  const gram = new Float64Array(rows * rows);
  const squares = new Float64Array(rows);
  let fourths = 0;
  let ownSquares = 0;
  for (let i = 0; i < nodes; i++) {
    let own = 0;
    for (let k = 0; k < rows; k++) {
      const value = scaled[i * rows + k]!;
      own += value * value;
      squares[k]! += value * value;
      fourths += value ** 4;
      for (let l = 0; l < rows; l++) gram[k * rows + l]! += value * scaled[i * rows + l]!;
    }
    ownSquares += own * own;
  }
  const sumOfSquares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
  // Over the pairs i ≠ j: Σ_k (x_ki x_kj)² and (Σ_k x_ki x_kj)².
  const products = sumOfSquares(squares) - fourths;
  const moments = sumOfSquares(gram) - ownSquares;
  // One series, or none that errs together with another: their difference is rounding.
  if (!(moments > 1e-12 * ownSquares)) return 1;
  const variance = (products - moments / rows) / (rows * (rows - 1));
  return Math.min(1, Math.max(0, variance / (moments / (rows * rows))));
}
