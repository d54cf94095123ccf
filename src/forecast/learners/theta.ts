import type { Learner } from "../learner.js";

/** Smoothing parameters of the level that the theta family tries; a finer grid did not forecast better. */
export const ALPHAS: readonly number[] = [0.05, 0.15, 0.3, 0.5, 0.8];

/** How sharply a better fit counts among the members of a grid; 0.5 would be weights by AIC. */
export const TEMPER = 0.3;

/** The theta method on deseasonalised data. Needs no training: each series is smoothed by itself. */
export function theta(): Learner {
  return {
    id: "theta",
    describe: () =>
      `the theta method: a smoothed level with half the row's trend, on deseasonalised values, mean over ${ALPHAS.length} smoothing parameters by fit`,
    lags: (season) => 2 * season,
    fit: () => ({
      kind: "theta",
      id: "theta",
      method: "theta",
      alpha: [...ALPHAS],
      beta: [],
      phi: [],
      temper: TEMPER,
    }),
  };
}
