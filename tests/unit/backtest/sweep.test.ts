import { describe, expect, test } from "vitest";
import { backtestDocument } from "../../../src/backtest/document.js";
import type { ReplayedQuarter } from "../../../src/backtest/replayed.js";
import { countFirings, sweepRules } from "../../../src/backtest/sweep.js";
import type { BacktestRule } from "../../../src/kit/backtest.js";

const rule = (id: string, observed: number | null, more: Partial<BacktestRule> = {}): BacktestRule => {
  const limit = more.limit ?? 0.2;
  const verdict = observed === null ? "UNKNOWN" : observed <= limit ? "PASS" : "FAIL";
  const severity = more.severity ?? "block";
  return {
    id,
    kind: "threshold",
    verdict,
    severity,
    blocks: verdict !== "PASS" && severity === "block",
    metric: `accuracy.${id}`,
    observed,
    limit,
    direction: "max",
    n: 10,
    why: null,
    by: null,
    interval: null,
    judged: observed,
    ...more,
  };
};

/** Errors of candidate and champion out of 100 of actuals. */
function quarter(
  name: string,
  rules: readonly BacktestRule[],
  errors: readonly [candidate: number, champion: number] | null,
): ReplayedQuarter {
  const isBlocked = rules.some(({ blocks }) => blocks);
  return {
    quarter: name,
    cutoff: "2014-03-31",
    horizon: 6,
    verdict: isBlocked ? "would-escalate" : "would-promote",
    seconds: 1,
    candidate: "2",
    live: isBlocked ? "champion" : "candidate",
    snapshot: null,
    failure: null,
    rules,
    scores: null,
    champion:
      errors === null
        ? null
        : { version: "1", duel: { n: 4, candidate: errors[0], champion: errors[1], actual: 100 } },
  };
}

describe("sweepRules", () => {
  const quarters = [
    quarter("2014Q1", [rule("wmape", null, { blocks: false })], null),
    quarter("2014Q2", [rule("wmape", 0.1)], [10, 30]),
    quarter("2014Q3", [rule("wmape", 0.25)], [50, 20]),
    quarter("2014Q4", [rule("wmape", 0.3)], [10, 40]),
  ];

  test("what would have been live at each limit, by hand", () => {
    const [sweep] = sweepRules(quarters);
    expect(sweep).toMatchObject({ rule: "wmape", measured: 3, compared: 3, n: 12 });
    const found = sweep!.limits.map(({ limit, fired, escalated, wmape }) => [limit, fired, escalated, wmape]);
    expect(found).toEqual([
      // Champions: 30 + 20 + 40.
      [0.09, 3, 3, 0.3],
      // 10 + 20 + 40.
      [0.2, 2, 2, 70 / 300],
      // 10 + 50 + 40.
      [expect.any(Number), 1, 1, 100 / 300],
      // 10 + 50 + 10.
      [expect.any(Number), 0, 0, 70 / 300],
    ]);
    expect(sweep!.limits.map(({ isRunbook }) => isRunbook)).toEqual([false, true, false, false]);
    expect(sweep!.limits.map(({ difference }) => difference)).toEqual([
      expect.closeTo(0.2 / 3),
      0,
      expect.closeTo(0.1),
      0,
    ]);
  });

  test("another rule's block and an unmeasured figure that blocks stay, whatever the limit", () => {
    const [sweep] = sweepRules([
      quarter("2014Q1", [rule("wmape", null)], [10, 20]),
      quarter("2014Q2", [rule("wmape", 0.1), rule("bias", 0.9)], [10, 20]),
      quarter("2014Q3", [rule("wmape", 0.1)], [10, 20]),
    ]);
    expect(sweep!.limits.map(({ escalated }) => escalated)).toEqual([3, 2]);
    expect(sweep!.limits.map(({ fired }) => fired)).toEqual([2, 0]);
  });

  test("a rule that warns is swept as if it blocked", () => {
    const warns = { severity: "warn", blocks: false } as const;
    const [sweep] = sweepRules([quarter("2014Q1", [rule("wmape", 0.5, warns)], [10, 20])]);
    expect(sweep!.limits.map(({ wmape }) => wmape)).toEqual([0.2, 0.1]);
  });

  test("rules whose verdict is more than a limit are left out", () => {
    const ks = rule("drift", 0.3, { kind: "ks" });
    const grouped = rule("grouped", 0.3, { by: "segment" });
    const tested = rule("tested", 0.3, { kind: "champion", verdict: "PASS", blocks: false });
    const unlimited = { ...rule("order", 0.1), limit: null };
    expect(sweepRules([quarter("2014Q1", [ks, grouped, tested, unlimited], [1, 2])])).toEqual([]);
  });

  test("where the upper end of an interval is judged, limits go by that", () => {
    const upper = { judged: 0.4, verdict: "FAIL", blocks: true } as const;
    const [sweep] = sweepRules([quarter("2014Q1", [rule("wmape", 0.1, upper)], [10, 20])]);
    expect(sweep!.limits).toHaveLength(2);
    expect(sweep!.limits[1]!.limit).toBeGreaterThanOrEqual(0.4);
  });

  test("without a champion anywhere there are counts and no errors", () => {
    const [sweep] = sweepRules([quarter("2014Q1", [rule("wmape", 0.1)], null)]);
    expect(sweep!.limits.map(({ fired, wmape, difference }) => [fired, wmape, difference])).toEqual([
      [1, null, null],
      [0, null, null],
    ]);
  });
});

test("firings count quarters with a decision", () => {
  const warns = { severity: "warn", blocks: false } as const;
  const quarters = [
    quarter("2014Q1", [rule("wmape", null), rule("drift", 0.9, warns)], null),
    quarter("2014Q2", [rule("wmape", 0.3), rule("drift", 0.1, warns)], null),
    { ...quarter("2014Q3", [], null), verdict: "failed" as const },
  ];
  expect(countFirings(quarters)).toEqual([
    { rule: "wmape", severity: "block", fired: 1, unknown: 1, blocked: 2, quarters: 2 },
    { rule: "drift", severity: "warn", fired: 1, unknown: 0, blocked: 0, quarters: 2 },
  ]);
});

test("what was live beside always, never and the better of the two", () => {
  const { compared, pooled, quarters } = backtestDocument({ name: "m", alias: "best" }, [
    quarter("2014Q1", [rule("wmape", 0.1)], null),
    quarter("2014Q2", [rule("wmape", 0.1)], [40, 30]),
    quarter("2014Q3", [rule("wmape", 0.3)], [10, 20]),
  ]);
  expect(compared).toEqual({
    quarters: 2,
    n: 8,
    candidate: { wmape: 0.25 },
    champion: { wmape: 0.25 },
    live: { wmape: 0.3 },
    best: { wmape: 0.2 },
  });
  expect(pooled).toMatchObject({ n: 0, wmape: null, mase: null, naive: { wmape: null, mase: null } });
  expect(quarters[1]!.champion).toEqual({ version: "1", n: 4, wmape: 0.3, candidate: { wmape: 0.4 } });
});
