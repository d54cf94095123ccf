/**
 * Sums of products over the rows of a regression of a value on the `lags` values before it: the rows
 * themselves are never made, so memory does not grow with them. A row is v = (lags oldest first, target, 1,
 * features).
 */
export class LagMoments {
  /** Rows with all lags and the target present. */
  rows = 0;
  /** Entries of v. */
  readonly width: number;
  /** Upper triangle of Σ v vᵀ, row-major. */
  readonly products: Float64Array;

  constructor(
    readonly lags: number,
    readonly features: number,
  ) {
    this.width = lags + 2 + features;
    this.products = new Float64Array(this.width * this.width);
  }

  /** Position of the target in v. */
  get target(): number {
    return this.lags;
  }

  /** Position of the constant 1. */
  get one(): number {
    return this.lags + 1;
  }

  /** Σ v_i · v_j */
  at(i: number, j: number): number {
    return this.products[i < j ? i * this.width + j : j * this.width + i]!;
  }

  add(other: LagMoments): void {
    this.rows += other.rows;
    const { width, products } = this;
    for (let i = 0; i < width; i++) {
      for (let cell = i * width + i; cell < (i + 1) * width; cell++) products[cell]! += other.products[cell]!;
    }
  }

  clear(): void {
    this.rows = 0;
    this.products.fill(0);
  }

  /**
   * Adds the rows with a target at positions first..end−1 of a series.
   * @param values one a period, NaN in gaps
   * @param features one a feature: its value for a target at each position, without NaN
   */
  addSeries(values: Float64Array, features: readonly Float64Array[], first: number, end: number): void {
    let start = 0;
    for (let t = 0; t <= end; t++) {
      if (t < end && !Number.isNaN(values[t]!)) continue;
      const from = Math.max(start, first - this.lags);
      const rows = t - this.lags - from;
      if (rows > 0) this.addRun(values, features, from, rows);
      start = t + 1;
    }
  }

  /**
   * `rows` windows of lags + 1 values, the first at `from`. The sum for (i+1, j+1) is the one for (i, j) moved
   * by one period, so it differs by its two ends only: lags·rows products instead of lags²·rows. What the
   * subtraction loses is 1e-16 of the largest square in the window, far below any ridge.
   */
  private addRun(values: Float64Array, features: readonly Float64Array[], from: number, rows: number): void {
    const { lags, width, products } = this;
    const end = from + rows;
    this.rows += rows;
    let gap = 0;
    // Four sums side by side: in each an addition waits for the one before it.
    for (; gap + 3 <= lags; gap += 4) {
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let t = from; t < end; t++) {
        const value = values[t]!;
        a += value * values[t + gap]!;
        b += value * values[t + gap + 1]!;
        c += value * values[t + gap + 2]!;
        d += value * values[t + gap + 3]!;
      }
      products[gap]! += a;
      products[gap + 1]! += b;
      products[gap + 2]! += c;
      products[gap + 3]! += d;
      let i = 1;
      for (; i + gap + 3 <= lags; i++) {
        const left = from + i - 1;
        const right = end + i - 1;
        const leaves = values[left]!;
        const enters = values[right]!;
        const cell = i * width + i + gap;
        a += enters * values[right + gap]! - leaves * values[left + gap]!;
        b += enters * values[right + gap + 1]! - leaves * values[left + gap + 1]!;
        c += enters * values[right + gap + 2]! - leaves * values[left + gap + 2]!;
        d += enters * values[right + gap + 3]! - leaves * values[left + gap + 3]!;
        products[cell]! += a;
        products[cell + 1]! += b;
        products[cell + 2]! += c;
        products[cell + 3]! += d;
      }
      this.moveSum(values, from, rows, gap, i, a);
      this.moveSum(values, from, rows, gap + 1, i, b);
      this.moveSum(values, from, rows, gap + 2, i, c);
    }
    for (; gap <= lags; gap++) {
      let sum = 0;
      for (let t = from; t < end; t++) sum += values[t]! * values[t + gap]!;
      products[gap]! += sum;
      this.moveSum(values, from, rows, gap, 1, sum);
    }
    let sum = 0;
    for (let t = from; t < end; t++) sum += values[t]!;
    products[this.one]! += sum;
    for (let i = 1; i <= lags; i++) {
      sum += values[end + i - 1]! - values[from + i - 1]!;
      products[i * width + this.one]! += sum;
    }
    products[this.one * width + this.one]! += rows;
    features.forEach((feature, f) => {
      this.addFeature(values, features, feature, f, from, rows);
    });
  }

  /** The sums for (i, i + gap) and all after it, from the one for (i − 1, i − 1 + gap). */
  private moveSum(
    values: Float64Array,
    from: number,
    rows: number,
    gap: number,
    first: number,
    before: number,
  ): void {
    const { lags, width, products } = this;
    let sum = before;
    for (let i = first; i + gap <= lags; i++) {
      const left = from + i - 1;
      const right = left + rows;
      sum += values[right]! * values[right + gap]! - values[left]! * values[left + gap]!;
      products[i * width + i + gap]! += sum;
    }
  }

  private addFeature(
    values: Float64Array,
    features: readonly Float64Array[],
    feature: Float64Array,
    f: number,
    from: number,
    rows: number,
  ): void {
    const { lags, width, products } = this;
    const column = this.one + 1 + f;
    const first = from + lags;
    for (let i = 0; i <= lags; i++) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += values[from + i + r]! * feature[first + r]!;
      products[i * width + column]! += sum;
    }
    let total = 0;
    for (let r = 0; r < rows; r++) total += feature[first + r]!;
    products[this.one * width + column]! += total;
    for (let g = 0; g <= f; g++) {
      const other = features[g]!;
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += other[first + r]! * feature[first + r]!;
      products[(this.one + 1 + g) * width + column]! += sum;
    }
  }
}

/**
 * The moments of the rows after the mean of their last `season` lags was taken from lags and target alike.
 * That is linear in the row, so it needs the moments only.
 */
export function centreOnLastSeason(moments: LagMoments, season: number): LagMoments {
  const { lags, width, features, one } = moments;
  const centred = new LagMoments(lags, features);
  centred.rows = moments.rows;
  /** Σ level · v_j */
  const level = Float64Array.from({ length: width }, (_, j) => {
    let sum = 0;
    for (let k = lags - season; k < lags; k++) sum += moments.at(k, j);
    return sum / season;
  });
  let square = 0;
  for (let k = lags - season; k < lags; k++) square += level[k]!;
  square /= season;
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      let value = moments.products[i * width + j]!;
      if (i < one) value -= level[j]!;
      if (j < one) value += square - level[i]!;
      centred.products[i * width + j] = value;
    }
  }
  return centred;
}
