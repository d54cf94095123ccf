import { describe, expect, test } from "vitest";
import { metricFigure, ruleFigure, ruleSentence, sortRules, whyWords } from "../../../src/report/rules.js";
import { rule } from "./sample.js";

test.each([
  ["accuracy.wmape", 0.1124, "11.2%"],
  ["accuracy.bias", -0.03, "−3.0%"],
  ["train.cv.mase", 0.9134, "0.913"],
  ["validate.drift.price_index.statistic", 0.37119, "0.371"],
  ["validate.rows", 5736, "5,736"],
  ["checkpoints.maxRevision", 0.088, "8.8%"],
  ["checkpoints.wmape.worstMonth", 0.2, "20.0%"],
  ["accuracy.coverage.80", 0.81, "81.0%"],
  ["validate.nullShare", 0.01, "1.0%"],
  ["validate.drift.occupancy_share.statistic", 0.2, "0.200"],
  ["validate.drift.wmape_rate.pAdjusted", 1e-9, "< 0.0001"],
  ["wmape.rows", 12, "12"],
  ["accuracy.wmape", null, "–"],
])("%s %s", (metric, value, shown) => {
  expect(metricFigure(metric, value)).toBe(shown);
});

test("a rule says what it measured, the figure, the limit and n", () => {
  expect(ruleSentence(rule("accuracy", { observed: 0.231 }))).toBe(
    "accuracy.wmape is 23.1%, allowed is at most 20.0% (n 180)",
  );
  expect(
    ruleSentence(
      rule("coverage", {
        metric: "accuracy.coverage",
        observed: 0.7,
        limit: 0.75,
        direction: "min",
        n: null,
      }),
    ),
  ).toBe("accuracy.coverage is 70.0%, allowed is at least 75.0%");
  expect(
    ruleSentence(
      rule("c", { kind: "champion", metric: "champion.wmape", observed: 0.018, limit: 0.01, n: 60 }),
    ),
  ).toBe("wmape against the champion is +1.8 points, allowed is at most +1.0 points (n 60)");
  expect(
    ruleSentence(rule("u", { verdict: "UNKNOWN", observed: null, n: null, why: "no-live-snapshot" })),
  ).toBe("accuracy.wmape could not be measured: the live model left no snapshot that covers these periods");
});

describe("an observed figure and its limit look different where they are", () => {
  const table: [change: Parameters<typeof rule>[1], observed: string, limit: string][] = [
    [{ metric: "checkpoints.wmape", observed: 0.088, limit: 0.0001 }, "8.80%", "0.01%"],
    [{ metric: "accuracy.wmape", observed: 0.20000001, limit: 0.2 }, "20.000001%", "20.000000%"],
    [{ metric: "accuracy.wmape", observed: 0.2, limit: 0.2 }, "20.0%", "20.0%"],
    [{ metric: "accuracy.wmape", observed: 0.231, limit: 0.125 }, "23.1%", "12.5%"],
    [{ metric: "accuracy.wmape", observed: 0.00001, limit: 0.2 }, "0.001%", "20.000%"],
    [{ metric: "accuracy.bias", observed: -0.0304, limit: -0.03 }, "−3.04%", "−3.00%"],
    [{ metric: "validate.rows", observed: 5736.4, limit: 5736 }, "5,736.4", "5,736.0"],
    [{ metric: "validate.rows", observed: 12, limit: 123.456 }, "12.000", "123.456"],
    [{ metric: "validate.rows", observed: 5736, limit: 20 }, "5,736", "20"],
    [{ metric: "a.pAdjusted", observed: 1e-9, limit: 0.05 }, "< 0.0001", "0.0500"],
    [{ metric: "a.pAdjusted", observed: 1e-9, limit: 0.00001 }, "< 0.00001", "0.00001"],
    [{ kind: "ks", metric: "ks.x", observed: 0.2001, limit: 0.2 }, "0.2001", "0.2000"],
    [
      { kind: "champion", metric: "champion.wmape", observed: 0.0101, limit: 0.01 },
      "+1.01 points",
      "+1.00 points",
    ],
    [{ kind: "champion", metric: "champion.mase", observed: 0.0004, limit: 0 }, "+0.0004", "0.0000"],
    [
      { kind: "champion", metric: "champion.relative.wmape", observed: 0.0504, limit: 0.05 },
      "+5.04%",
      "+5.00%",
    ],
    [{ kind: "missing", metric: "missing.x", observed: 0.0004, limit: 0 }, "+0.04 points", "0.00 points"],
    [{ kind: "freshness", metric: "freshness.age", observed: 2, limit: 1 }, "2 months", "1 month"],
    [{ kind: "freshness", metric: "freshness.stale", observed: 0.0501, limit: 0.05 }, "5.01%", "5.00%"],
    [{ kind: "expr", metric: "a / b", observed: 1.00004, limit: 1 }, "1.00004", "1.00000"],
    [{ metric: "accuracy.wmape", observed: 1e-17, limit: 0 }, "0.000000000000%", "0.000000000000%"],
  ];
  test.each(table)("%o", (change, observed, limit) => {
    const one = rule("r", change);
    expect([ruleFigure(one, one.observed), ruleFigure(one, one.limit)]).toEqual([observed, limit]);
    expect(ruleSentence(one)).toContain(`is ${observed}, allowed is at most ${limit}`);
  });
});

test("a release out of order is a reason, not a figure that is missing", () => {
  const order = rule("newer-champion", {
    kind: "order",
    verdict: "FAIL",
    observed: null,
    limit: null,
    n: null,
    why: "champion-is-newer",
    detail: "version 5 was trained for 2025Q3, which is after 2025Q2",
  });
  expect(ruleSentence(order)).toBe("version 5 was trained for 2025Q3, which is after 2025Q2");
});

test("a champion rule on MASE is a signed difference", () => {
  const mase = rule("c", { kind: "champion", metric: "champion.mase", observed: 0.04, limit: 0.02, n: 60 });
  expect(ruleSentence(mase)).toBe("mase against the champion is +0.040, allowed is at most +0.020 (n 60)");
});

test("a machine word without prose is still readable", () => {
  expect(whyWords("some-new-reason")).toBe("some new reason");
  expect(whyWords("constructor")).toBe("constructor");
});

test("rules are sorted by what they do to the promotion", () => {
  const sorted = sortRules([
    rule("a", { verdict: "FAIL", blocks: true }),
    rule("b"),
    rule("c", { verdict: "UNKNOWN", blocks: true }),
    rule("d", { verdict: "FAIL", blocks: false }),
    rule("e", { verdict: "UNKNOWN", blocks: false }),
  ]);
  const ids = (rules: readonly { id: string }[]) => rules.map(({ id }) => id).join("");
  expect([ids(sorted.failed), ids(sorted.unknown), ids(sorted.warnings), ids(sorted.passed)]).toEqual([
    "a",
    "c",
    "de",
    "b",
  ]);
});
