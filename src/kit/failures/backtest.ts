/** Failures of a backtest as a whole. What ends one quarter of it is a failure of that quarter's step. */
export type BacktestFailure = {
  /** The quarter ends before the first row of the data. */
  readonly code: "backtest.before-data";
  readonly retryable: false;
  readonly quarter: string;
  /** First period of the data, e.g. `2014-01`, and the quarter that it lies in. */
  readonly first: string;
  readonly firstQuarter: string;
  readonly lastQuarter: string;
};
