/** The quarter that a run retrains for. Dates are ISO days; `calendar/` makes this value. */
export interface QuarterWindow {
  /** e.g. `2025Q2` */
  readonly label: string;
  /** First day of the quarter. */
  readonly start: string;
  /** Last day of the quarter: no step sees a row after it. */
  readonly cutoff: string;
  readonly previous: { readonly label: string; readonly start: string; readonly cutoff: string };
}

export type Frequency = "month" | "quarter";
