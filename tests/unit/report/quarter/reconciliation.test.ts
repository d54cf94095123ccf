import { describe, expect, test } from "vitest";
import type { ReconciliationReport } from "../../../../src/kit/artifacts/training.js";
import { reconciliation } from "../../../../src/report/quarter/sections/reconciliation.js";
import { textOf } from "../html-of.js";
import { training } from "../sample.js";

const score = (wmape: number, mase: number) => ({ wmape, mase, n: 36 });
const report: ReconciliationReport = {
  asked: "mint-shrink",
  method: "mint-shrink",
  shrinkage: 0.342,
  rows: 36,
  scoredWithout: 0,
  levels: [
    {
      level: "total",
      groups: 1,
      base: score(0.0801, 1.26),
      bottomUp: score(0.0913, 1.436),
      reconciled: score(0.084, 1.321),
    },
    {
      level: "series",
      groups: 304,
      base: null,
      bottomUp: score(0.3453, 0.854),
      reconciled: score(0.3436, 0.853),
    },
  ],
};
const text = (changes: Partial<ReconciliationReport>) =>
  textOf(reconciliation({ ...training, reconciliation: { ...report, ...changes } }));

describe("reconciliation", () => {
  test("has accuracy at each level, three ways", () => {
    expect(text({})).toContain("total 8.0% 1.260 9.1% 1.436 8.4% 1.321 1 36");
    expect(text({})).toContain("series – – 34.5% 0.854 34.4% 0.853 304 36");
    expect(text({})).toContain(
      "the covariance of 36 rows of CV errors, its correlations shrunk by 34% (mint-shrink).",
    );
  });

  test("says when something else stood in for the covariance", () => {
    expect(text({ method: "wls-naive", shrinkage: null, rows: 0 })).toContain(
      "(wls-naive instead of mint-shrink)",
    );
    expect(text({ scoredWithout: 1 })).toContain(
      "1 fold had too few errors beside its own and is scored with",
    );
    expect(text({ scoredWithout: 2 })).toContain(
      "2 folds had too few errors beside their own and are scored with",
    );
  });

  test("has two ways for bottom-up, and nothing where the runbook does not ask", () => {
    const bottomUp = text({ asked: "bottom-up", method: "bottom-up", shrinkage: null, rows: 0 });
    expect(bottomUp).not.toContain("Reconciled WMAPE");
    expect(bottomUp).toContain("total 8.0% 1.260 9.1% 1.436 1 36");
    expect(reconciliation(training)).toEqual([]);
  });
});
