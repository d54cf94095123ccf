import type { LinearMap } from "./interpret.js";
import type { TrainingView } from "./training-view.js";

/** One way to forecast. Settings are fixed when it is made, so a fit depends on the view alone. */
export interface Learner {
  /** Unique in a runbook; settings other than the defaults are part of it. */
  readonly id: string;
  /** One line for the training report. */
  describe(season: number): string;
  /** Lags of its widest map: the context must hold as many periods. */
  lags(season: number): number;
  /**
   * Maps by falling `minLength`, the last with minLength 1, so that every series gets a forecast.
   * Deterministic.
   */
  fit(view: TrainingView): readonly LinearMap[];
}
