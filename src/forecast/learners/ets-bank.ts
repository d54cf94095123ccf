import type { Learner } from "../learner.js";

export interface EtsBankOptions {
  /** Smoothing of the level, each in (0, 1]. */
  readonly alpha?: readonly number[] | undefined;
  /** Smoothing of the slope, as a share of α. */
  readonly beta?: readonly number[] | undefined;
  /** Smoothing of the season, as a share of 1 − α. */
  readonly gamma?: readonly number[] | undefined;
  /** Damping of the slope, each in (0, 1]. */
  readonly phi?: readonly number[] | undefined;
  /** Weight of a member ∝ exp(−temper · criterion). */
  readonly temper?: number | undefined;
}

const DEFAULTS = {
  alpha: [0.05, 0.15, 0.3, 0.5, 0.8],
  beta: [0.05, 0.2],
  gamma: [0.02, 0.15, 0.3],
  phi: [0.85, 0.95],
  temper: 0.15,
};

const SETTINGS = ["alpha", "beta", "gamma", "phi", "temper"] as const;

/**
 * Exponential smoothing filters on a fixed grid, averaged by how well each fits the row. There is nothing to
 * fit on the panel.
 */
export function etsBank(options: EtsBankOptions = {}): Learner {
  const id = idOf(options);
  return {
    id,
    describe: (season) =>
      `exponential smoothing with and without damped trend${season > 1 ? " and season" : ""}, ` +
      "mean over a fixed grid of parameters by fit to the series",
    lags: (season) => 3 * season,
    fit: () => ({
      kind: "ets-bank",
      id,
      alpha: [...(options.alpha ?? DEFAULTS.alpha)],
      beta: [...(options.beta ?? DEFAULTS.beta)],
      gamma: [...(options.gamma ?? DEFAULTS.gamma)],
      phi: [...(options.phi ?? DEFAULTS.phi)],
      temper: options.temper ?? DEFAULTS.temper,
    }),
  };
}

function idOf(options: EtsBankOptions): string {
  const settings = SETTINGS.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`${name}=${typeof value === "number" ? value : value.join("/")}`];
  });
  return settings.length === 0 ? "ets-bank" : `ets-bank(${settings.join(",")})`;
}
