import { seasonalNaiveScale } from "../../stats/metrics.js";
import { meanMagnitude } from "../context.js";
import { LagRegression, unrollRecursion } from "../lag-regression.js";
import type { Learner } from "../learner.js";
import type { TrainingView } from "../training-view.js";
import { seasonalNaiveMap } from "./seasonal-naive.js";

export interface PooledRidgeOptions {
  /** Lags of the regression; default two seasons and one. */
  readonly lags?: number | undefined;
  /** Ridge as a multiple of the mean diagonal of the normal equations; default 1e-5. */
  readonly lambda?: number | undefined;
}

const DEFAULT_LAMBDA = 1e-5;

/**
 * A row weighs at most (1 / this)² of a row of a series as volatile as it is large: one flat series must not
 * swamp the pool.
 */
const SCALE_FLOOR = 0.01;

/**
 * One linear autoregression over every series: no intercept, rows divided by the scale of their series, a
 * light ridge, forecast recursively. It is the pooled regression of Montero-Manso & Hyndman (2021,
 * "Principles and algorithms for forecasting groups of time series") with the seasonal naive error in place
 * of the mean as scale. Without an intercept the scale only weighs rows, so the forecast needs none. Series
 * too short for the lags use season + 1 of them, then the seasonal naive.
 */
export function pooledRidge(options: PooledRidgeOptions = {}): Learner {
  const lambda = options.lambda ?? DEFAULT_LAMBDA;
  const lagsOf = (season: number): number => options.lags ?? 2 * season + 1;
  return {
    id: idOf(options),
    describe: (season) => `one ridge regression over all series on ${lagsOf(season)} lags, lambda ${lambda}`,
    lags: lagsOf,
    fit: (view) => {
      const short = view.season + 1;
      const lagCounts = lagsOf(view.season) > short ? [lagsOf(view.season), short] : [lagsOf(view.season)];
      const scales = view.series.map((history) => rowScale(history, view.season));
      const maps = lagCounts.flatMap((lags) => {
        const coefficients = fitPool(view, scales, lags, lambda);
        if (coefficients === null) return [];
        const weights = unrollRecursion(coefficients, view.horizon);
        // Lags that are almost nothing beside their targets make a recursion that leaves the range of
        // numbers.
        return weights.flat().every(Number.isFinite) ? [{ minLength: lags, lags, weights }] : [];
      });
      return [...maps, seasonalNaiveMap(view.season, view.horizon)];
    },
  };
}

function idOf(options: PooledRidgeOptions): string {
  const settings = [
    ...(options.lags === undefined ? [] : [`lags=${options.lags}`]),
    ...(options.lambda === undefined ? [] : [`lambda=${options.lambda}`]),
  ];
  return settings.length === 0 ? "pooled-ridge" : `pooled-ridge(${settings.join(",")})`;
}

/**
 * The whole history's seasonal naive error, not the context's: a series that shrank long ago would otherwise
 * bring rows that are enormous in its present unit. null for a series without a number other than zero: its
 * rows say nothing.
 */
function rowScale(history: Float64Array, season: number): number | null {
  const magnitude = meanMagnitude(history);
  if (!(magnitude > 0)) return null;
  const error = seasonalNaiveScale(history, season);
  return error === null || error === 0 ? magnitude : Math.max(error, SCALE_FLOOR * magnitude);
}

/** Coefficients, oldest lag first; null where the pool has fewer rows than lags. */
function fitPool(
  view: TrainingView,
  scales: readonly (number | null)[],
  lags: number,
  lambda: number,
): Float64Array | null {
  const regression = new LagRegression(lags);
  view.series.forEach((history, index) => {
    const scale = scales[index]!;
    if (scale !== null) regression.addSeries(history, scale);
  });
  return regression.rows < lags ? null : regression.solve(lambda);
}
