import { expect, test } from "vitest";
import { unknownMetrics } from "../../../src/gate/metric-paths.js";
import { Rules } from "../../../src/gate/rule-params.js";

const known = [
  "validate.rows",
  "validate.drift.*.statistic",
  "a+b.wm(ape)",
  "accuracy.segment.*.month.*.wmape",
];

test.each<[string, boolean]>([
  ["validate.rows", true],
  ["validate.drift.price.statistic", true],
  ["validate.drift.price_index-2.statistic", true],
  ["validate.drift.*.statistic", true],
  ["accuracy.segment.north.month.2025-04.wmape", true],
  ["a+b.wm(ape)", true],
  ["aab.wmape", false],
  // A column may have any name.
  ["validate.drift.price.index.statistic", true],
  ["validate.drift.preis in €.statistic", true],
  ["validate.drift..statistic", false],
  ["validate.drift.statistic", false],
  ["validate.drift.price.statistics", false],
  ["xvalidate.rows", false],
  ["validate.rows.x", false],
  ["validateXrows", false],
  ["rows", false],
])("%s is reported: %s", (metric, isKnown) => {
  const rules = Rules.parse([{ id: "r", metric, max: 1 }]);
  expect(unknownMetrics(rules, known).length === 0).toBe(isKnown);
});

test("says which rule, and what was meant", () => {
  const rules = Rules.parse([
    { id: "a", metric: "validate.rows", min: 1 },
    { id: "b", metric: "validate.row", min: 1 },
    { id: "c", metric: "weather", max: 1 },
  ]);
  expect(unknownMetrics(rules, ["validate.rows", "accuracy.wmape"])).toEqual([
    {
      path: ["rules", 1, "metric"],
      message: 'no earlier step reports the metric "validate.row"',
      suggestion: 'did you mean "validate.rows"? metrics: validate.rows, accuracy.wmape',
    },
    {
      path: ["rules", 2, "metric"],
      message: 'no earlier step reports the metric "weather"',
      suggestion: "metrics: validate.rows, accuracy.wmape",
    },
  ]);
  expect(unknownMetrics(rules.slice(2), [])[0]!.suggestion).toBe("metrics: none");
});

test("the metric of a comparison is its own, and drift has none", () => {
  const rules = Rules.parse([
    { id: "c", compare: "champion", metric: "mase", maxIncrease: 0 },
    { id: "d", ks: { features: ["target"], statistic: 0.3 } },
  ]);
  expect(unknownMetrics(rules, [])).toEqual([]);
});
