import type { RunResult } from "../engine/run.js";
import type { Verdict } from "../kit/events.js";
import type { Failure } from "../kit/failure.js";

/** Stable and documented in the README: scripts branch on them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  escalated: 3,
  locked: 4,
  planMismatch: 5,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

export function exitCodeOf(failure: Failure): number {
  switch (failure.code) {
    case "usage.invalid":
    case "backtest.before-data":
    case "runbook.invalid":
    case "run.none":
    case "run.unknown":
    case "state.elsewhere":
      return EXIT.usage;
    case "run.locked":
    case "run.lock-lost":
    case "run.lock-unreadable":
    case "run.unlock-refused":
      return EXIT.locked;
    case "registry.diverged":
    case "approval.refused":
    case "approval.rollback-refused":
    case "approval.adoption-refused":
    case "approval.model-unsound":
      return EXIT.escalated;
    case "plan.mismatch":
      return EXIT.planMismatch;
    case "run.interrupted":
      return EXIT[failure.signal];
    default:
      return EXIT.failed;
  }
}

/** A step that failed, or an interruption, shows in the exit code also where the release was decided before. */
export function exitCodeOfRun(
  state: RunResult["state"],
  verdict: Verdict,
  signal: "SIGINT" | "SIGTERM",
): number {
  return exitCodeOfVerdict(state === "failed" || state === "interrupted" ? state : verdict, signal);
}

export function exitCodeOfVerdict(verdict: Verdict, signal: "SIGINT" | "SIGTERM"): number {
  switch (verdict) {
    case "promoted":
    case "would-promote":
    case "completed":
      return EXIT.ok;
    case "escalated":
    case "would-escalate":
      return EXIT.escalated;
    case "failed":
      return EXIT.failed;
    case "interrupted":
      return EXIT[signal];
  }
}
