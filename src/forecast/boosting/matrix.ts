/** Features of training rows. */
export interface FeatureMatrix {
  /** At most 2²⁴ − 1, so that histograms are exact. */
  readonly rows: number;
  readonly columns: number;
  /** [columns × rows], column-major; NaN where missing, ±∞ are numbers like others. */
  readonly values: Float32Array;
}

/** @throws RangeError when the sizes do not fit together */
export function checkMatrix({ rows, columns, values }: FeatureMatrix): void {
  if (!(Number.isInteger(rows) && rows >= 1 && rows < 2 ** 24)) {
    throw new RangeError(`${rows} rows; 1 to ${2 ** 24 - 1} are expected`);
  }
  if (!(Number.isInteger(columns) && columns >= 1)) throw new RangeError(`${columns} columns`);
  if (values.length !== rows * columns) {
    throw new RangeError(`${values.length} values; ${rows} rows of ${columns} are expected`);
  }
}
