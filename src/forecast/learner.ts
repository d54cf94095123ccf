import type { Expert } from "./experts/model.js";
import type { TrainingView } from "./training-view.js";

/** One way to forecast. Settings are fixed when it is made, so a fit depends on the view alone. */
export interface Learner {
  /** Unique in a runbook; settings other than the defaults are part of it. */
  readonly id: string;
  /** One line for the training report. */
  describe(season: number): string;
  /** Periods of history that its expert looks at: the context must hold as many. */
  lags(season: number): number;
  /** Deterministic, on any view: where there is too little data it gives an expert that does what can be done. */
  fit(view: TrainingView): Expert;
}
