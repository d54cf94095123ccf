import { CholeskyDecomposition, Matrix } from "ml-matrix";

/** Rows of a regression without an intercept, row-major. */
export interface StackRows {
  /** K */
  readonly columns: number;
  /** [rows × K] */
  readonly x: Float64Array;
  /** [rows] */
  readonly y: Float64Array;
}

export interface StackOptions {
  /** Ridge as a multiple of the mean diagonal of the normal equations. */
  readonly ridge: number;
  /** Reweighted least squares steps towards least absolute errors. */
  readonly steps: number;
}

/** A residual below this weighs no more: the target is in units of a series' scale. */
const SMALLEST_RESIDUAL = 1e-3;

/**
 * Coefficients of a ridge regression with absolute errors, by iteratively reweighted least squares from the
 * least squares start. The ridge also decides where columns are collinear: deviations from a mean add up to
 * zero. Zeros where there is nothing to learn from.
 */
export function fitStack(rows: StackRows, { ridge, steps }: StackOptions): Float64Array {
  const weights = new Float64Array(rows.y.length).fill(1);
  let coefficients = solve(rows, weights, ridge);
  for (let step = 0; step < steps; step++) {
    for (let r = 0; r < weights.length; r++) {
      weights[r] = 1 / Math.max(SMALLEST_RESIDUAL, Math.abs(residual(rows, r, coefficients)));
    }
    coefficients = solve(rows, weights, ridge);
  }
  return coefficients;
}

function residual({ columns, x, y }: StackRows, r: number, coefficients: Float64Array): number {
  let rest = y[r]!;
  for (let k = 0; k < columns; k++) rest -= coefficients[k]! * x[r * columns + k]!;
  return rest;
}

/** (XᵀWX + λ·d̄·I) c = XᵀWy with d̄ the mean diagonal of XᵀWX. */
function solve({ columns, x, y }: StackRows, weights: Float64Array, lambda: number): Float64Array {
  const gram = Matrix.zeros(columns, columns);
  const moments = Matrix.zeros(columns, 1);
  const cells = new Float64Array(columns * columns);
  const right = new Float64Array(columns);
  for (let r = 0; r < weights.length; r++) {
    for (let i = 0; i < columns; i++) {
      const weighted = weights[r]! * x[r * columns + i]!;
      right[i]! += weighted * y[r]!;
      for (let j = i; j < columns; j++) cells[i * columns + j]! += weighted * x[r * columns + j]!;
    }
  }
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += cells[i * columns + i]!;
  if (!(trace > 0)) return new Float64Array(columns);
  const ridge = (lambda * trace) / columns;
  for (let i = 0; i < columns; i++) {
    moments.set(i, 0, right[i]!);
    for (let j = i; j < columns; j++) {
      gram.set(i, j, cells[i * columns + j]! + (i === j ? ridge : 0));
      gram.set(j, i, gram.get(i, j));
    }
  }
  return Float64Array.from(new CholeskyDecomposition(gram).solve(moments).to1DArray());
}
