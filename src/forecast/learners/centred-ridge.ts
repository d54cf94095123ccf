import { fitLinear } from "../lag-regression/fit.js";
import type { Learner } from "../learner.js";
import { learnerName } from "./pooled-ridge.js";
import { seasonalNaiveMap } from "./seasonal-naive.js";

export interface CentredRidgeOptions {
  /** Ridge as a multiple of the mean diagonal of the normal equations; default 1e-3. */
  readonly lambda?: number | undefined;
  /** Also a version for every segment and attribute with 10 series or more; default true. */
  readonly groups?: boolean | undefined;
}

const DEFAULT_LAMBDA = 1e-3;

/**
 * One linear autoregression over every series, of deviations from the mean of the season before the target:
 * what is left to learn is shape and change, whatever the level. With intercept, rows divided by the scale of
 * their series, forecast recursively. A series takes as many of 4, 3, 2 or 1 seasons and one of lags as it is
 * long enough for, then the seasonal naive. Groups and features enter as in `pooledRidge`.
 */
export function centredRidge(options: CentredRidgeOptions = {}): Learner {
  const { lambda = DEFAULT_LAMBDA, groups = true } = options;
  const id = learnerName("centred-ridge", options);
  return {
    id,
    describe: (season) =>
      `one ridge regression over all series${groups ? ", and one over each group of 10 or more," : ""} on up to ${4 * season + 1} lags minus the last season's mean, lambda ${lambda}`,
    lags: (season) => 4 * season + 1,
    fit: (view) =>
      fitLinear(view, {
        id,
        lags: [4, 3, 2, 1].map((seasons) => seasons * view.season + 1),
        lambda,
        centred: true,
        groups,
        fallback: seasonalNaiveMap(view.season, view.horizon),
      }),
  };
}
