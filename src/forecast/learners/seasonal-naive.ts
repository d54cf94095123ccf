import type { LinearMap } from "../interpret.js";
import type { Learner } from "../learner.js";

/**
 * The last season again. On a series shorter than a season the filled context makes it the mean of what is
 * there, for the phases that were not seen.
 */
export function seasonalNaive(): Learner {
  return {
    id: "seasonal-naive",
    describe: (season) => `the value of ${season} periods before`,
    lags: (season) => season,
    fit: (view) => [seasonalNaiveMap(view.season, view.horizon)],
  };
}

export function seasonalNaiveMap(season: number, horizon: number): LinearMap {
  const weights = Array.from({ length: season }, (_, k) =>
    Array.from({ length: horizon }, (_, h) => (h % season === k ? 1 : 0)),
  );
  return { minLength: 1, lags: season, weights };
}
