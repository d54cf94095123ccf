import { expect, test } from "vitest";
import { metricFigure, ruleSentence, sortRules, whyWords } from "../../../src/report/rules.js";
import { rule } from "./sample.js";

test.each([
  ["accuracy.wmape", 0.1124, "11.2%"],
  ["accuracy.bias", -0.03, "−3.0%"],
  ["train.cv.mase", 0.9134, "0.913"],
  ["validate.drift.price_index.statistic", 0.37119, "0.371"],
  ["validate.rows", 5736, "5,736"],
  ["checkpoints.maxRevision", 0.088, "+8.8%"],
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
    ruleSentence(rule("c", { kind: "champion", metric: "wmape", observed: 0.018, limit: 0.01, n: 60 })),
  ).toBe("wmape against the champion is +1.8 points, allowed is at most +1.0 points (n 60)");
  expect(
    ruleSentence(rule("u", { verdict: "UNKNOWN", observed: null, n: null, why: "no-live-snapshot" })),
  ).toBe("accuracy.wmape could not be measured: the live model left no snapshot that covers this quarter");
});

test("a machine word without prose is still readable", () => {
  expect(whyWords("some-new-reason")).toBe("some new reason");
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
