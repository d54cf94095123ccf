/**
 * C(n,k) p^k (1−p)^(n−k) by saddle-point expansion, accurate to a few units in the last places for any n:
 * Loader (2000), "Fast and accurate computation of binomial probabilities".
 */
export function binomialPmf(k: number, n: number, p: number): number {
  if (p <= 0) return k === 0 ? 1 : 0;
  if (p >= 1) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return p ** n;
  const exponent =
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(n - k) -
    deviance(k, n * p) -
    deviance(n - k, n * (1 - p));
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

const SMALL_ERRORS = smallStirlingErrors(15);

/** ln n! − ln(√(2πn) (n/e)^n) */
function stirlingError(n: number): number {
  if (n <= 15) return SMALL_ERRORS[n]!;
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

function smallStirlingErrors(last: number): Float64Array {
  const errors = new Float64Array(last + 1);
  let factorial = 1;
  for (let n = 1; n <= last; n++) {
    factorial *= n;
    errors[n] = Math.log(factorial) - 0.5 * Math.log(2 * Math.PI * n) - n * Math.log(n) + n;
  }
  return errors;
}

/** x ln(x/m) + m − x, by its series where x is near m and the difference would cancel. */
function deviance(x: number, m: number): number {
  const difference = x - m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) - difference;
  const v = difference / (x + m);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = sum + term / j;
    if (next === sum) return sum;
    sum = next;
  }
}
