import type { BacktestFailure } from "../../kit/failures/backtest.js";
import { programName } from "../../kit/program-name.js";
import type { FailureText } from "./text.js";

export const explainBacktestFailure = (failure: BacktestFailure): FailureText => ({
  title: `${failure.quarter} ends before the data begins: the first period is ${failure.first}`,
  where: null,
  expected: `quarters from ${failure.firstQuarter} on`,
  details: ["A quarter also needs enough history before it to train on, so the first ones will still fail."],
  next: [
    `\`${programName()} backtest ${failure.firstQuarter}..${failure.lastQuarter}\`, or a later first quarter`,
  ],
});
