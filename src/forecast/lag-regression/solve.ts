import { CholeskyDecomposition, Matrix } from "ml-matrix";
import type { LagMoments } from "./moments.js";

export interface Ridge {
  /** On the lags, as a multiple of their mean diagonal in the normal equations. */
  readonly lags: number;
  /** On the features, as a multiple of the rows: their mean square is about 1. Null leaves them out. */
  readonly features: number | null;
  readonly intercept: boolean;
}

export interface Solution {
  /** Oldest first. */
  readonly lags: Float64Array;
  /** 0 where it was not asked for. */
  readonly intercept: number;
  /** Empty where they are left out. */
  readonly features: Float64Array;
}

/** Minimises Σ (target − b·v)² + ridge; null when every lag of every row is zero. */
export function solveRidge(moments: LagMoments, ridge: Ridge): Solution | null {
  const { lags, target, one, width } = moments;
  let trace = 0;
  for (let i = 0; i < lags; i++) trace += moments.at(i, i);
  if (!(trace > 0 && Number.isFinite(trace))) return null;
  const columns = Array.from({ length: width }, (_, i) => i).filter(
    (i) => i < lags || (i === one && ridge.intercept) || (i > one && ridge.features !== null),
  );
  const penalty = (i: number): number => {
    if (i < lags) return (ridge.lags * trace) / lags;
    return i === one ? 0 : ridge.features! * moments.rows;
  };
  const gram = new Matrix(columns.length, columns.length);
  columns.forEach((i, a) => {
    columns.forEach((j, b) => {
      gram.set(a, b, moments.at(i, j) + (a === b ? penalty(i) : 0));
    });
  });
  const decomposition = new CholeskyDecomposition(gram);
  if (!decomposition.isPositiveDefinite()) return null;
  const moment = Matrix.columnVector(columns.map((i) => moments.at(i, target)));
  const solved = decomposition.solve(moment).to1DArray();
  if (!solved.every(Number.isFinite)) return null;
  const own = (keep: (i: number) => boolean) => Float64Array.from(solved.filter((_, a) => keep(columns[a]!)));
  return {
    lags: own((i) => i < lags),
    intercept: own((i) => i === one)[0] ?? 0,
    features: own((i) => i > one),
  };
}

/** Σ (target − b·v)² over the rows behind the moments. */
export function squaredError(moments: LagMoments, { lags, intercept, features }: Solution): number {
  const residual = new Float64Array(moments.width);
  lags.forEach((value, i) => {
    residual[i] = -value;
  });
  residual[moments.target] = 1;
  residual[moments.one] = -intercept;
  features.forEach((value, f) => {
    residual[moments.one + 1 + f] = -value;
  });
  let sum = 0;
  for (let i = 0; i < residual.length; i++) {
    for (let j = 0; j < residual.length; j++) sum += residual[i]! * residual[j]! * moments.at(i, j);
  }
  return sum;
}
