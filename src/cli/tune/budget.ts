import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";

/** When a search ends: after so many trials besides the runbook's own, or so many seconds of them. Null is no limit. */
export interface Budget {
  readonly trials: number | null;
  readonly seconds: number | null;
}

export const TIME = /^([1-9]\d{0,5})(s|m|h)$/;
const TRIALS = /^[1-9]\d{0,5}$/;
const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** @param text matches `TIME` */
export function secondsOf(text: string): number {
  const [, amount, unit] = TIME.exec(text)!;
  return Number(amount) * SECONDS[unit as keyof typeof SECONDS];
}

/**
 * `50` trials or `30m` of them.
 * @throws FailureError `usage.invalid`
 */
export function parseBudget(text: string): Budget {
  if (TRIALS.test(text)) return { trials: Number(text), seconds: null };
  if (TIME.test(text)) return { trials: null, seconds: secondsOf(text) };
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `--budget takes a number of trials, e.g. 50, or a time, e.g. 30m, not "${text}"`,
    next: `${programName()} tune 2025Q2 --budget 50`,
  });
}
