import type { Learner } from "../learner.js";
import { ALPHAS, TEMPER } from "./theta.js";

/** Simple exponential smoothing of deseasonalised data. Needs no training. */
export function ses(): Learner {
  return {
    id: "ses",
    describe: () =>
      `simple exponential smoothing of deseasonalised values, mean over ${ALPHAS.length} smoothing parameters by fit`,
    lags: (season) => 2 * season,
    fit: () => ({
      kind: "theta",
      id: "ses",
      method: "ses",
      alpha: [...ALPHAS],
      beta: [],
      phi: [],
      temper: TEMPER,
    }),
  };
}
