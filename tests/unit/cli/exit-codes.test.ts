import { describe, expect, test } from "vitest";
import { EXIT, exitCodeOf, exitCodeOfVerdict } from "../../../src/cli/exit-codes.js";
import { VERDICTS, type Verdict } from "../../../src/kit/events.js";
import type { FailureCode } from "../../../src/kit/failure.js";
import { FAILURES } from "../report/failures/every-failure.js";

/** Every code that does not end with 1, as the README has it. */
const OTHERS: { readonly [C in FailureCode]?: number } = {
  "usage.invalid": 2,
  "backtest.before-data": 2,
  "runbook.invalid": 2,
  "run.none": 2,
  "run.unknown": 2,
  "state.elsewhere": 2,
  "run.locked": 4,
  "run.lock-lost": 4,
  "run.lock-unreadable": 4,
  "run.unlock-refused": 4,
  "registry.diverged": 3,
  "approval.refused": 3,
  "approval.rollback-refused": 3,
  "approval.adoption-refused": 3,
  "approval.model-unsound": 3,
  "plan.mismatch": 5,
  "run.interrupted": 130,
};

describe("exit codes", () => {
  test("the table that scripts rely on", () => {
    expect(EXIT).toEqual({
      ok: 0,
      failed: 1,
      usage: 2,
      escalated: 3,
      locked: 4,
      planMismatch: 5,
      SIGINT: 130,
      SIGTERM: 143,
    });
  });

  test.each(Object.values(FAILURES).map((failure) => [failure.code, failure] as const))(
    "of %s",
    (code, failure) => {
      expect(exitCodeOf(failure)).toBe(OTHERS[code] ?? 1);
    },
  );

  test("of an interrupt, by its signal", () => {
    const of = (signal: "SIGINT" | "SIGTERM") =>
      exitCodeOf({ code: "run.interrupted", retryable: true, signal, step: null });
    expect([of("SIGINT"), of("SIGTERM")]).toEqual([130, 143]);
  });

  const verdicts: { readonly [V in Verdict]: readonly [sigint: number, sigterm: number] } = {
    completed: [0, 0],
    promoted: [0, 0],
    "would-promote": [0, 0],
    escalated: [3, 3],
    "would-escalate": [3, 3],
    failed: [1, 1],
    interrupted: [130, 143],
  };
  test.each(VERDICTS)("of the verdict %s", (verdict) => {
    expect([exitCodeOfVerdict(verdict, "SIGINT"), exitCodeOfVerdict(verdict, "SIGTERM")]).toEqual(
      verdicts[verdict],
    );
  });
});
