import { kolmogorovSurvival } from "./kolmogorov.js";

export interface KsResult {
  /** D: the largest distance between the two empirical distribution functions, 0..1. */
  readonly statistic: number;
  /** Two-sided. */
  readonly p: number;
  readonly method: "exact" | "asymptotic";
  readonly n1: number;
  readonly n2: number;
}

/** Largest sample for which p is exact, as in scipy's `ks_2samp(method="auto")`. */
const MAX_EXACT = 10_000;

/**
 * Two-sample Kolmogorov–Smirnov test, two-sided. Ties are handled as scipy does: D is taken where both functions have jumped,
 * p is that of continuous data, so it is conservative for counts.
 * @throws RangeError when a sample is empty or holds a NaN
 */
export function ksTwoSample(x: ArrayLike<number>, y: ArrayLike<number>): KsResult {
  const [n1, n2] = [x.length, y.length];
  if (n1 === 0 || n2 === 0) throw new RangeError(`KS needs values on both sides, got ${n1} and ${n2}`);
  const statistic = ksStatistic(x, y);
  const method = Math.max(n1, n2) <= MAX_EXACT ? "exact" : "asymptotic";
  return { statistic, p: ksSurvival(statistic, n1, n2), method, n1, n2 };
}

/** D alone, without the work of its p. @throws RangeError as `ksTwoSample` */
export function ksStatistic(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [n1, n2] = [x.length, y.length];
  if (n1 === 0 || n2 === 0) throw new RangeError(`KS needs values on both sides, got ${n1} and ${n2}`);
  return largestGap(sorted(x), sorted(y)) / (n1 * n2);
}

/** P(D ≥ statistic) of two samples that are worth as many independent values as given, whole numbers from 1. */
export function ksSurvival(statistic: number, n1: number, n2: number): number {
  if (Math.max(n1, n2) <= MAX_EXACT) return exactP(Math.ceil(statistic * n1 * n2 - 1e-9), n1, n2);
  return kolmogorovSurvival(statistic, Math.max(1, roundHalfEven((n1 * n2) / (n1 + n2))));
}

function sorted(values: ArrayLike<number>): Float64Array {
  const copy = Float64Array.from(values).sort();
  if (Number.isNaN(copy[copy.length - 1]!)) throw new RangeError("KS of a sample with NaN");
  return copy;
}

/** D·n1·n2, which is an integer. */
function largestGap(x: Float64Array, y: Float64Array): number {
  const [n1, n2] = [x.length, y.length];
  let [i, j, gap] = [0, 0, 0];
  while (i < n1 && j < n2) {
    const value = Math.min(x[i]!, y[j]!);
    while (i < n1 && x[i] === value) i++;
    while (j < n2 && y[j] === value) j++;
    gap = Math.max(gap, Math.abs(i * n2 - j * n1));
  }
  return gap;
}

/**
 * P(D ≥ d) under the null hypothesis: the share of lattice paths from (0,0) to (n1,n2) that touch a point with |i·n2 − j·n1| ≥ gap.
 * A(i,j), the share among the paths to (i,j), is 1 at such a point and A(i−1,j)·i/(i+j) + A(i,j−1)·j/(i+j) elsewhere
 * (Hodges 1958, with the shares of the two predecessors as weights). Every term is positive, so small p keep their relative precision.
 */
function exactP(gap: number, n1: number, n2: number): number {
  // Row i−1 of A, overwritten from the left by row i. Outside [low, high] the shares are 1.
  const row = new Float64Array(n2 + 1).fill(1);
  for (let i = 0; i <= n1; i++) {
    const low = Math.max(0, Math.floor((i * n2 - gap) / n1) + 1);
    const high = Math.min(n2, Math.ceil((i * n2 + gap) / n1) - 1);
    if (low > 0) row[low - 1] = 1;
    for (let j = low; j <= high; j++) {
      row[j] = i + j === 0 ? 0 : (row[j]! * i + (j > 0 ? row[j - 1]! * j : 0)) / (i + j);
    }
  }
  return row[n2]!;
}

/** numpy's rounding, which scipy applies to the effective sample size. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
