import type { LinearMap } from "../experts/linear/model.js";
import type { Learner } from "../learner.js";

/**
 * The last season again. On a series shorter than a season the filled context makes it the mean of what is
 * there, for the phases that were not seen.
 */
export function seasonalNaive(): Learner {
  const id = "seasonal-naive";
  return {
    id,
    describe: (season) => `the value of ${season} periods before`,
    lags: (season) => season,
    fit: ({ season, horizon }) => ({
      kind: "linear",
      id,
      maps: [seasonalNaiveMap(season, horizon)],
      groups: [],
      known: [],
      observed: [],
    }),
  };
}

export function seasonalNaiveMap(season: number, horizon: number): LinearMap {
  const weights = Array.from({ length: season }, (_, k) =>
    Array.from({ length: horizon }, (_, h) => (h % season === k ? 1 : 0)),
  );
  return { minLength: 1, lags: season, weights };
}
