import { CholeskyDecomposition, Matrix } from "ml-matrix";

/**
 * Least squares of a value on the `lags` values before it, without an intercept, pooled over many series.
 * Only the normal equations are kept, so memory does not grow with the rows.
 */
export class LagRegression {
  /** Rows with all lags and the target present. */
  rows = 0;
  /** Upper triangle of ZᵀZ, row-major, for rows z = (lags oldest first, target). */
  private readonly products: Float64Array;
  private readonly width: number;

  constructor(readonly lags: number) {
    this.width = lags + 1;
    this.products = new Float64Array(this.width * this.width);
  }

  /** @param history one value a period, NaN in gaps; every row is divided by `scale`, which is above zero */
  addSeries(history: Float64Array, scale: number): void {
    const scaled = history.map((value) => value / scale);
    let run = 0;
    for (let t = 0; t < scaled.length; t++) {
      run = Number.isNaN(scaled[t]!) ? 0 : run + 1;
      if (run >= this.width) this.addRow(scaled, t - this.lags);
    }
  }

  /**
   * Coefficients of (XᵀX + λ·d̄·I) b = Xᵀy with d̄ the mean diagonal of XᵀX, oldest lag first; null when
   * every row is zero.
   */
  solve(lambda: number): Float64Array | null {
    const { lags, width, products } = this;
    let trace = 0;
    for (let i = 0; i < lags; i++) trace += products[i * width + i]!;
    if (!(trace > 0)) return null;
    const ridge = (lambda * trace) / lags;
    const gram = new Matrix(lags, lags);
    const moments = new Matrix(lags, 1);
    for (let i = 0; i < lags; i++) {
      for (let j = i; j < lags; j++) {
        gram.set(i, j, products[i * width + j]!);
        gram.set(j, i, products[i * width + j]!);
      }
      gram.set(i, i, gram.get(i, i) + ridge);
      moments.set(i, 0, products[i * width + lags]!);
    }
    return Float64Array.from(new CholeskyDecomposition(gram).solve(moments).to1DArray());
  }

  private addRow(scaled: Float64Array, start: number): void {
    const { width, products } = this;
    for (let i = 0; i < width; i++) {
      const value = scaled[start + i]!;
      if (value === 0) continue;
      const base = i * width;
      for (let j = i; j < width; j++) products[base + j]! += value * scaled[start + j]!;
    }
    this.rows++;
  }
}

/**
 * The recursive forecast of an autoregression as one matrix [lags][horizon]: the recursion is linear in its
 * start values, so its response to each of them alone says it all.
 * @param coefficients oldest lag first
 */
export function unrollRecursion(coefficients: Float64Array, horizon: number): number[][] {
  const lags = coefficients.length;
  return Array.from({ length: lags }, (_, k) => {
    const path = new Float64Array(lags + horizon);
    path[k] = 1;
    for (let h = 0; h < horizon; h++) {
      let next = 0;
      for (let j = 0; j < lags; j++) next += coefficients[j]! * path[h + j]!;
      path[lags + h] = next;
    }
    return Array.from(path.subarray(lags));
  });
}
