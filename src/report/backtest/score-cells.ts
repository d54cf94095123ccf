import type { BacktestDocument, BacktestQuarter } from "../../kit/backtest.js";
import { count, decimal, percent, signedPercent } from "../format.js";

type Scores = Pick<BacktestQuarter | BacktestDocument["pooled"], "wmape" | "naive" | "mase" | "bias" | "n">;

/** Headings of `scoreCells`. */
export const SCORE_LABELS = ["WMAPE", "Naive", "MASE", "Naive", "Bias", "n"] as const;

export const scoreCells = ({ wmape, naive, mase, bias, n }: Scores): string[] => [
  percent(wmape),
  percent(naive.wmape),
  decimal(mase, 3),
  decimal(naive.mase, 3),
  signedPercent(bias),
  count(n),
];
