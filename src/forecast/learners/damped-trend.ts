import type { Learner } from "../learner.js";
import { ALPHAS, TEMPER } from "./theta.js";

const BETAS: readonly number[] = [0.02, 0.1];
const PHIS: readonly number[] = [0.8, 0.9, 0.98];

/** Holt's method with a damped trend on deseasonalised data. Needs no training. */
export function dampedTrend(): Learner {
  return {
    id: "damped-trend",
    describe: () =>
      `exponential smoothing with a damped trend of deseasonalised values, mean over ${ALPHAS.length * BETAS.length * PHIS.length} sets of smoothing parameters by fit`,
    lags: (season) => 2 * season,
    fit: () => ({
      kind: "theta",
      id: "damped-trend",
      method: "damped",
      alpha: [...ALPHAS],
      beta: [...BETAS],
      phi: [...PHIS],
      temper: TEMPER,
    }),
  };
}
