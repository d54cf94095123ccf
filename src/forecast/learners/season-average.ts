import type { LinearMap } from "../experts/linear/model.js";
import type { Learner } from "../learner.js";

/** Longer means lag behind a trend, shorter ones keep more noise. */
const YEARS = 3;

/** The mean of the same season of the last years. */
export function seasonAverage(): Learner {
  return {
    id: "season-average",
    describe: (season) => `the mean of the values ${years(season)} periods before, as far as there are any`,
    lags: (season) => YEARS * season,
    fit: ({ season, horizon, context }) => {
      const most = Math.max(1, Math.min(YEARS, Math.floor(context / season)));
      const counts = Array.from({ length: most }, (_, index) => most - index);
      return {
        kind: "linear",
        id: "season-average",
        maps: counts.map((count) => meanOfYears(count, season, horizon)),
        groups: [],
        known: [],
        observed: [],
      };
    },
  };
}

const years = (season: number): string =>
  Array.from({ length: YEARS }, (_, year) => (year + 1) * season)
    .join(", ")
    .replace(/, (?=\d+$)/, " and ");

/** One year is for every series: for phases that were not seen, the filled context holds the mean. */
function meanOfYears(count: number, season: number, horizon: number): LinearMap {
  const weights = Array.from({ length: count * season }, (_, k) =>
    Array.from({ length: horizon }, (_, h) => (h % season === k % season ? 1 / count : 0)),
  );
  return { minLength: count === 1 ? 1 : count * season, lags: count * season, weights };
}
