/** A pivot below this share of its diagonal is what is left of a row that follows from the ones before. */
const DEPENDENT = 1e-11;

/**
 * Solves A Z = B for a symmetric positive semidefinite A; the unknowns of rows that follow from earlier ones are 0.
 * @param a [n × n], row-major; overwritten
 * @param b [n × columns]; overwritten with Z
 */
export function solveSemidefinite(a: Float64Array, b: Float64Array, n: number): void {
  const columns = n === 0 ? 0 : b.length / n;
  // In units of the diagonal, so that series of any size are told from rounding.
  const unit = Float64Array.from({ length: n }, (_, i) => {
    const diagonal = a[i * n + i]!;
    return diagonal > 0 ? 1 / Math.sqrt(diagonal) : 0;
  });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) a[i * n + j]! *= unit[i]! * unit[j]!;
    for (let c = 0; c < columns; c++) b[i * columns + c]! *= unit[i]!;
  }
  factor(a, n);
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let value = b[i * columns + c]!;
      for (let k = 0; k < i; k++) value -= a[i * n + k]! * b[k * columns + c]!;
      b[i * columns + c] = over(value, a[i * n + i]!);
    }
    for (let i = n - 1; i >= 0; i--) {
      let value = b[i * columns + c]!;
      for (let k = i + 1; k < n; k++) value -= a[k * n + i]! * b[k * columns + c]!;
      b[i * columns + c] = over(value, a[i * n + i]!);
    }
  }
  for (let i = 0; i < n; i++) for (let c = 0; c < columns; c++) b[i * columns + c]! *= unit[i]!;
}

/** The lower triangle becomes L of A = L L'; a dependent row's is zero. */
function factor(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let value = a[i * n + j]!;
      for (let k = 0; k < j; k++) value -= a[i * n + k]! * a[j * n + k]!;
      if (i !== j) a[i * n + j] = over(value, a[j * n + j]!);
      else if (value > DEPENDENT) a[i * n + i] = Math.sqrt(value);
      else a.fill(0, i * n, i * n + i + 1);
    }
  }
}

const over = (value: number, pivot: number): number => (pivot === 0 ? 0 : value / pivot);
