import { fitLinear } from "../lag-regression/fit.js";
import type { Learner } from "../learner.js";
import { seasonalNaiveMap } from "./seasonal-naive.js";

export interface PooledRidgeOptions {
  /** Lags of the regression; default two seasons and one. */
  readonly lags?: number | undefined;
  /** Ridge as a multiple of the mean diagonal of the normal equations; default 1e-5. */
  readonly lambda?: number | undefined;
  /** Also a version for every segment and attribute with 10 series or more; default true. */
  readonly groups?: boolean | undefined;
}

const DEFAULT_LAMBDA = 1e-5;

/**
 * One linear autoregression over every series: no intercept, rows divided by the scale of their series, a
 * light ridge, forecast recursively. It is the pooled regression of Montero-Manso & Hyndman (2021,
 * "Principles and algorithms for forecasting groups of time series") with the seasonal naive error in place
 * of the mean as scale. Without an intercept the scale only weighs rows, so the forecast of the history alone
 * needs none. Series too short for the lags use season + 1 of them, then the seasonal naive. A series in
 * groups of 10 or more (segment, attributes) takes half of its forecast from the regressions over its groups.
 * Known and observed features enter as they are in the target period and as last observed before it, where
 * they predict held-out periods better than the lags alone.
 */
export function pooledRidge(options: PooledRidgeOptions = {}): Learner {
  const { lambda = DEFAULT_LAMBDA, groups = true } = options;
  const id = learnerName("pooled-ridge", options);
  const lagsOf = (season: number): number => options.lags ?? 2 * season + 1;
  return {
    id,
    describe: (season) =>
      `one ridge regression over all series${groups ? ", and one over each group of 10 or more," : ""} on ${lagsOf(season)} lags, lambda ${lambda}`,
    lags: lagsOf,
    fit: (view) => {
      const lags = lagsOf(view.season);
      const short = view.season + 1;
      return fitLinear(view, {
        id,
        lags: lags > short ? [lags, short] : [lags],
        lambda,
        centred: false,
        groups,
        fallback: seasonalNaiveMap(view.season, view.horizon),
      });
    },
  };
}

/** Every setting that is not the default is part of the name. */
export function learnerName(name: string, { lags, lambda, groups }: PooledRidgeOptions): string {
  const settings = [
    ...(lags === undefined ? [] : [`lags=${lags}`]),
    ...(lambda === undefined ? [] : [`lambda=${lambda}`]),
    ...(groups === undefined || groups ? [] : ["groups=false"]),
  ];
  return settings.length === 0 ? name : `${name}(${settings.join(",")})`;
}
