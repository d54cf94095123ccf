import type { BacktestQuarter, BacktestRule } from "../kit/backtest.js";
import type { Duel, OutlookScores } from "./scores.js";

/** A past quarter that has been run, with what its forecasts came to. */
export interface ReplayedQuarter
  extends Pick<
    BacktestQuarter,
    "quarter" | "cutoff" | "horizon" | "verdict" | "seconds" | "candidate" | "live" | "snapshot" | "failure"
  > {
  readonly rules: readonly BacktestRule[];
  /** Null for a run that left no outlook. */
  readonly scores: OutlookScores | null;
  /** Null where the champion made no forecast from here, or none that could be compared. */
  readonly champion: { readonly version: string; readonly duel: Duel } | null;
}
