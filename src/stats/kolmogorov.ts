import { binomialPmf } from "./binomial.js";

/**
 * P(D_n ≥ d) of the two-sided one-sample Kolmogorov–Smirnov statistic for n independent values, as scipy's `kstwo.sf(d, n)`.
 * Each range of (n, d) has the method that is accurate there, after Simard & L'Ecuyer (2011),
 * "Computing the two-sided Kolmogorov-Smirnov distribution", J. Stat. Softw. 39(11).
 * @param n whole number, at least 1
 */
export function kolmogorovSurvival(d: number, n: number): number {
  const t = n * d;
  if (t <= 0.5) return 1;
  if (d >= 1) return 0;
  // The two one-sided events exclude each other from d = 1/2 on, and both at once are negligible from n·d² = 2.2 (n > 140) or 4 on.
  if (d >= 0.5 || t * d >= (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSidedSurvival(d, n));
  const exactIsCheap = n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4);
  const below = exactIsCheap ? durbinMatrix(d, n) : pelzGood(d, n);
  return Math.min(1, Math.max(0, 1 - below));
}

/** Above this n the one-sided tail is taken from its expansion: the relative error is then below 1e-6 where p is above 1e-16. */
const LARGE = 100_000;

/**
 * P(D⁺_n ≥ d) = d · Σ_j C(n,j) (d+j/n)^(j−1) (1−d−j/n)^(n−j), j = 0..⌊n(1−d)⌋ (Birnbaum & Tingey 1951), a sum of binomial
 * probabilities. For large n exp(−2z² − 2z/(3√n) + 4(z² − z⁴)/(9n)) with z = d√n (Lauwerier 1963, to the order 1/n).
 */
function oneSidedSurvival(d: number, n: number): number {
  const z2 = n * d * d;
  if (n > LARGE) return Math.exp(-2 * z2 - (2 / 3) * d + (4 / 9) * (z2 / n - z2 * d * d));
  let sum = 0;
  for (let j = Math.floor(n * (1 - d)); j >= 0; j--) {
    const q = d + j / n;
    if (q <= 1) sum += binomialPmf(j, n, q) / q;
  }
  return Math.min(1, d * sum);
}

/** P(D_n < d) by the n-th power of Durbin's matrix: Marsaglia, Tsang & Wang (2003), J. Stat. Softw. 8(18). */
function durbinMatrix(d: number, n: number): number {
  const k = Math.ceil(n * d);
  const h = k - n * d;
  const m = 2 * k - 1;
  const matrix = new Float64Array(m * m);
  const inverseFactorial = new Float64Array(m + 1).fill(1);
  for (let i = 1; i <= m; i++) inverseFactorial[i] = inverseFactorial[i - 1]! / i;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= Math.min(i + 1, m - 1); j++) matrix[i * m + j] = inverseFactorial[i - j + 1]!;
  }
  for (let i = 0; i < m; i++) {
    const edge = (1 - h ** (i + 1)) * inverseFactorial[i + 1]!;
    matrix[i * m] = edge;
    matrix[(m - 1) * m + (m - 1 - i)] = edge;
  }
  matrix[(m - 1) * m] = (1 - 2 * h ** m + Math.max(0, 2 * h - 1) ** m) * inverseFactorial[m]!;

  const power = matrixPower(matrix, m, n);
  let { exponent } = power;
  let p = power.matrix[(k - 1) * m + k - 1]!;
  for (let i = 1; i <= n; i++) {
    p = (p * i) / n;
    if (p < 1e-140) {
      p *= 1e140;
      exponent -= 140;
    }
  }
  return p * 10 ** exponent;
}

/** base^n = matrix · 10^exponent, by squaring; entries are positive and kept away from overflow. */
function matrixPower(
  base: Float64Array,
  size: number,
  n: number,
): { matrix: Float64Array; exponent: number } {
  if (n === 1) return { matrix: base, exponent: 0 };
  const half = matrixPower(base, size, Math.floor(n / 2));
  let matrix = multiply(half.matrix, half.matrix, size);
  let exponent = 2 * half.exponent;
  if (n % 2 === 1) matrix = multiply(matrix, base, size);
  const centre = (size - 1) / 2;
  if (matrix[centre * size + centre]! > 1e140) {
    matrix = matrix.map((value) => value * 1e-140);
    exponent += 140;
  }
  return { matrix, exponent };
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) product[i * size + j]! += factor * b[k * size + j]!;
    }
  }
  return product;
}

/**
 * P(D_n ≤ d) ≈ K0(z) + K1(z)/√n + K2(z)/n + K3(z)/n^1.5 with z = d√n, by the theta-function forms that converge for small z:
 * Pelz & Good (1976), J. R. Stat. Soc. B 38(2).
 */
function pelzGood(d: number, n: number): number {
  const z = d * Math.sqrt(n);
  const pi2 = Math.PI ** 2;
  const [z2, z4, z6] = [z ** 2, z ** 4, z ** 6];
  const half = (m: number) => Math.exp((-pi2 * m * m) / (8 * z2));
  const whole = (k: number) => Math.exp((-pi2 * k * k) / (2 * z2));
  let [k0, k1, k2, k3] = [0, 0, 0, 0];
  for (let k = Math.ceil((16 * z) / Math.PI); k >= 1; k--) {
    const m2 = (2 * k - 1) ** 2;
    const weight = half(2 * k - 1);
    k0 += weight;
    k1 += weight * (-z2 + (pi2 / 4) * m2);
    k2 +=
      weight *
      (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * pi2 * m2) / 4 + ((1 - 2 * z2) * pi2 ** 2 * m2 ** 2) / 16);
    k3 +=
      weight *
      (-30 * z6 -
        90 * z ** 8 +
        ((135 * z4 - 96 * z6) * pi2 * m2) / 4 +
        ((212 * z4 - 60 * z2) * pi2 ** 2 * m2 ** 2) / 16 +
        ((5 - 30 * z2) * pi2 ** 3 * m2 ** 3) / 64);
  }
  let [extra2, extra3] = [0, 0];
  for (let k = Math.ceil((16 * z) / Math.PI); k >= 1; k--) {
    extra2 += k * k * whole(k);
    extra3 += (3 * z2 - pi2 * k * k) * k * k * whole(k);
  }
  const root = Math.sqrt(2 * Math.PI);
  const terms = [
    (k0 * root) / z,
    (k1 * root) / (6 * z4),
    (k2 * root) / (72 * z ** 7) - (extra2 * pi2 * root) / (36 * z ** 3),
    (k3 * root) / (6480 * z ** 10) + (extra3 * pi2 * root) / (216 * z6),
  ];
  return terms.reduce((sum, term, order) => sum + term / n ** (order / 2), 0);
}
