import { describe, expect, test } from "vitest";
import { evaluateChampion } from "../../../src/gate/champion.js";
import { evaluateDrift } from "../../../src/gate/drift.js";
import { firstReleaseEscalates, laterChampion } from "../../../src/gate/order.js";
import { ChampionRule, DriftRule, ThresholdRule } from "../../../src/gate/rule-params.js";
import { evaluateThreshold } from "../../../src/gate/threshold.js";
import { RuleResult } from "../../../src/kit/artifacts/decision.js";
import type { ChampionObservation, KsObservation } from "../../../src/kit/observations.js";
import type { Metric } from "../../../src/kit/step.js";

const WARN = { severity: "warn" } as const;
const PASS_UNKNOWN = { whenUnknown: "pass" } as const;

type Expected = readonly [verdict: RuleResult["verdict"], blocks: boolean];

const FIRST = true;
const LATER = false;

describe("evaluateThreshold", () => {
  const max = { max: 0.15 };
  const min = { min: 0.5 };
  const of = (value: number): Metric => ({ value, n: 7 });
  const unknown = (why: string): Metric => ({ value: null, n: 0, why });

  test.each<[string, object, Metric | undefined, boolean, Expected]>([
    ["below max", max, of(0.1), LATER, ["PASS", false]],
    ["at max", max, of(0.15), LATER, ["PASS", false]],
    ["just above max", max, of(0.15 + Number.EPSILON), LATER, ["FAIL", true]],
    ["far below max, negative", max, of(-3), LATER, ["PASS", false]],
    ["above min", min, of(0.6), LATER, ["PASS", false]],
    ["at min", min, of(0.5), LATER, ["PASS", false]],
    ["just below min", min, of(0.5 - Number.EPSILON), LATER, ["FAIL", true]],
    ["zero against max 0", { max: 0 }, of(0), LATER, ["PASS", false]],
    ["zero against min 0", { min: 0 }, of(0), LATER, ["PASS", false]],
    ["above max 0", { max: 0 }, of(1e-9), LATER, ["FAIL", true]],
    ["a warning that fails", { ...max, ...WARN }, of(1), LATER, ["FAIL", false]],
    ["a warning that passes", { ...max, ...WARN }, of(0), LATER, ["PASS", false]],
    ["not measured", max, unknown("no-pairs"), LATER, ["UNKNOWN", true]],
    ["no such metric", max, undefined, LATER, ["UNKNOWN", true]],
    ["not measured, min", min, unknown("no-pairs"), LATER, ["UNKNOWN", true]],
    ["not measured, warning", { ...max, ...WARN }, unknown("no-pairs"), LATER, ["UNKNOWN", false]],
    [
      "not measured, whenUnknown: pass",
      { ...max, ...PASS_UNKNOWN },
      unknown("no-pairs"),
      LATER,
      ["UNKNOWN", false],
    ],
    ["fails, whenUnknown: pass", { ...max, ...PASS_UNKNOWN }, of(1), LATER, ["FAIL", true]],
    ["first release, no champion", max, unknown("no-champion"), FIRST, ["UNKNOWN", false]],
    ["first release, no live snapshot", max, unknown("no-live-snapshot"), FIRST, ["UNKNOWN", false]],
    ["first release, no overlap", max, unknown("no-overlap"), FIRST, ["UNKNOWN", false]],
    ["first release, no pairs", max, unknown("no-pairs"), FIRST, ["UNKNOWN", true]],
    ["first release, no reason", max, undefined, FIRST, ["UNKNOWN", true]],
    ["first release that fails", max, of(1), FIRST, ["FAIL", true]],
    ["no live snapshot, and yet a live model", max, unknown("no-live-snapshot"), LATER, ["UNKNOWN", true]],
  ])("%s", (_name, given, metric, firstRelease, [verdict, blocks]) => {
    const rule = ThresholdRule.parse({ id: "r", metric: "accuracy.wmape", ...given });
    const metrics = metric === undefined ? {} : { "accuracy.wmape": metric };
    const result = evaluateThreshold(rule, metrics, firstRelease);
    expect(RuleResult.parse(result)).toEqual(result);
    expect(result).toMatchObject({ verdict, blocks, observed: metric?.value ?? null, n: metric?.n ?? null });
  });

  test("all that it says", () => {
    const rule = ThresholdRule.parse({ id: "accuracy", metric: "accuracy.wmape", max: 0.15 });
    expect(evaluateThreshold(rule, { "accuracy.wmape": { value: 0.123456, n: 912 } }, LATER)).toEqual({
      id: "accuracy",
      kind: "threshold",
      metric: "accuracy.wmape",
      limit: 0.15,
      direction: "max",
      verdict: "PASS",
      severity: "block",
      blocks: false,
      observed: 0.123456,
      n: 912,
      why: null,
      detail: "accuracy.wmape 0.1235, limit max 0.15",
      interval: null,
      by: null,
      groups: [],
    });
    const least = ThresholdRule.parse({ id: "rows", metric: "validate.rows", min: 12345.6 });
    expect(evaluateThreshold(least, { "validate.rows": { value: null } }, LATER)).toMatchObject({
      limit: 12345.6,
      direction: "min",
      observed: null,
      n: null,
      why: "not-measured",
      detail: "validate.rows could not be measured, limit min 12350",
    });
  });

  test("a metric of another step with the same name is not taken", () => {
    const rule = ThresholdRule.parse({ id: "r", metric: "a.wmape", max: 1 });
    expect(evaluateThreshold(rule, { "b.wmape": of(0) }, LATER).verdict).toBe("UNKNOWN");
  });
});

describe("evaluateChampion", () => {
  const found = (observed: number): ChampionObservation => ({
    observed,
    candidate: 0.1 + observed,
    champion: 0.1,
    n: 180,
    series: 60,
    interval: { level: 0.9, lo: observed - 0.01, hi: observed + 0.01 },
    pAbove: 0.5,
    pBelow: 0.5,
    why: null,
  });
  const missing = (why: string): ChampionObservation => ({
    observed: null,
    candidate: null,
    champion: null,
    n: 0,
    series: 0,
    interval: null,
    pAbove: null,
    pBelow: null,
    why,
  });
  const rule = { maxIncrease: 0.01 };

  test.each<[string, object, ChampionObservation, boolean, Expected]>([
    ["better", rule, found(-0.02), LATER, ["PASS", false]],
    ["as good as allowed", rule, found(0.01), LATER, ["PASS", false]],
    ["worse than allowed", rule, found(0.0101), LATER, ["FAIL", true]],
    ["must be better, and is not", { maxIncrease: -0.01 }, found(0), LATER, ["FAIL", true]],
    ["worse, warning", { ...rule, ...WARN }, found(1), LATER, ["FAIL", false]],
    ["no common rows", rule, missing("no-common-rows"), LATER, ["UNKNOWN", true]],
    ["no champion, though one is live", rule, missing("no-champion"), LATER, ["UNKNOWN", true]],
    ["no champion, first release", rule, missing("no-champion"), FIRST, ["UNKNOWN", false]],
    ["no holdout, first release", rule, missing("no-holdout"), FIRST, ["UNKNOWN", true]],
    ["worse, first release", rule, found(1), FIRST, ["FAIL", true]],
    [
      "unknown, whenUnknown: pass",
      { ...rule, ...PASS_UNKNOWN },
      missing("no-holdout"),
      LATER,
      ["UNKNOWN", false],
    ],
  ])("%s", (_name, given, observation, firstRelease, [verdict, blocks]) => {
    const result = evaluateChampion(
      ChampionRule.parse({ id: "r", compare: "champion", ...given }),
      observation,
      firstRelease,
    );
    expect(RuleResult.parse(result)).toEqual(result);
    expect(result).toMatchObject({
      kind: "champion",
      metric: "champion.wmape",
      direction: "max",
      verdict,
      blocks,
      observed: observation.observed,
      why: observation.why,
    });
  });

  test("says both scores, the interval and what stands behind them", () => {
    const wmape = ChampionRule.parse({ id: "r", compare: "champion", metric: "mase", maxIncrease: 0.01 });
    expect(evaluateChampion(wmape, found(0.02), LATER)).toMatchObject({
      metric: "champion.mase",
      n: 180,
      limit: 0.01,
      detail:
        "mase: candidate 0.12, champion 0.1, 90% interval of the difference 0.01 to 0.03, which reaches below the limit: it may be chance (180 pairs of 60 series)",
    });
    expect(evaluateChampion(wmape, { ...found(0.02), interval: null }, LATER).detail).toBe(
      "mase: candidate 0.12, champion 0.1 (180 pairs of 60 series)",
    );
    expect(evaluateChampion(wmape, missing("no-champion"), LATER).detail).toBe(
      "candidate and champion could not be compared",
    );
  });
});

type DriftRow = KsObservation;

describe("evaluateDrift", () => {
  const row = (feature: string, verdict: DriftRow["verdict"], statistic: number | null): DriftRow => ({
    feature,
    segment: null,
    statistic,
    pAdjusted: statistic === null ? null : 0.02,
    n: 60,
    nReference: 50,
    past: null,
    verdict,
    why: verdict === "UNKNOWN" ? "too-few-rows" : null,
  });
  const rule = (given: object = {}) =>
    DriftRule.parse({ id: "drift", ks: { features: ["a", "b"], statistic: 0.3 }, ...given });

  test.each<[string, object, DriftRow[], boolean, Expected, string]>([
    ["all hold", {}, [row("a", "PASS", 0.1), row("b", "PASS", 0.2)], LATER, ["PASS", false], "ks.b"],
    ["one fails", {}, [row("a", "FAIL", 0.4), row("b", "PASS", 0.2)], LATER, ["FAIL", true], "ks.a"],
    [
      "the worst of two that fail",
      {},
      [row("a", "FAIL", 0.4), row("b", "FAIL", 0.5)],
      LATER,
      ["FAIL", true],
      "ks.b",
    ],
    ["D alone warns", {}, [row("a", "WARN", 0.4), row("b", "PASS", 0.2)], LATER, ["PASS", false], "ks.a"],
    [
      "a fail is worse than a larger D that only warns",
      {},
      [row("a", "WARN", 0.9), row("b", "FAIL", 0.4)],
      LATER,
      ["FAIL", true],
      "ks.b",
    ],
    [
      "too few rows of one",
      {},
      [row("a", "PASS", 0.1), row("b", "UNKNOWN", null)],
      LATER,
      ["UNKNOWN", true],
      "ks.b",
    ],
    [
      "too few rows does not hide a warning's D",
      {},
      [row("a", "WARN", 0.9), row("b", "UNKNOWN", null)],
      LATER,
      ["UNKNOWN", true],
      "ks.b",
    ],
    [
      "too few rows does not excuse a fail",
      PASS_UNKNOWN,
      [row("a", "FAIL", 0.4), row("b", "UNKNOWN", null)],
      LATER,
      ["FAIL", true],
      "ks.a",
    ],
    [
      "too few rows, whenUnknown: pass",
      PASS_UNKNOWN,
      [row("a", "UNKNOWN", null)],
      LATER,
      ["UNKNOWN", false],
      "ks.a",
    ],
    [
      "too few rows is no matter of a first release",
      {},
      [row("a", "UNKNOWN", null)],
      FIRST,
      ["UNKNOWN", true],
      "ks.a",
    ],
    ["too few rows, with a D all the same", {}, [row("a", "UNKNOWN", 0.9)], LATER, ["UNKNOWN", true], "ks.a"],
    ["a fail of a first release", {}, [row("a", "FAIL", 0.4)], FIRST, ["FAIL", true], "ks.a"],
    ["a warning rule", WARN, [row("a", "FAIL", 0.4)], LATER, ["FAIL", false], "ks.a"],
  ])("%s", (_name, given, rows, firstRelease, [verdict, blocks], metric) => {
    const result = evaluateDrift(rule(given), rows, firstRelease);
    expect(RuleResult.parse(result)).toEqual(result);
    const worst = rows.find(({ feature }) => metric === `ks.${feature}`)!;
    expect(result).toMatchObject({
      kind: "ks",
      verdict,
      blocks,
      metric,
      limit: 0.3,
      direction: "max",
      observed: verdict === "UNKNOWN" ? null : worst.statistic,
      why: verdict === "UNKNOWN" ? "too-few-rows" : null,
    });
  });

  test("keeps both conditions of every test, the worst first", () => {
    const rows = [row("a", "PASS", 0.1), row("b", "FAIL", 0.4), row("c", "WARN", 0.5)];
    const { drift } = evaluateDrift(rule(), rows, LATER);
    expect(drift).toMatchObject({ alpha: 0.05, guard: "auto" });
    expect(drift!.tests.map(({ feature, statistic, pAdjusted }) => [feature, statistic, pAdjusted])).toEqual([
      ["b", 0.4, 0.02],
      ["c", 0.5, 0.02],
      ["a", 0.1, 0.02],
    ]);
  });

  test("says every feature, and the smaller side as n", () => {
    const rows = [row("a", "PASS", 0.123456), row("b", "UNKNOWN", null)];
    const result = evaluateDrift(rule(), rows, LATER);
    expect(result.n).toBe(50);
    expect(result.detail).toBe(
      "a: D 0.1235, corrected p 0.02 (60 v 50); b: D unknown (60 v 50); against same-quarter-last-year",
    );
  });

  test("does not reorder the rows that it was given", () => {
    const rows = [row("a", "PASS", 0.1), row("b", "FAIL", 0.4)];
    evaluateDrift(rule(), rows, LATER);
    expect(rows.map(({ feature }) => feature)).toEqual(["a", "b"]);
  });
});

test("results of the order of quarters stop a promotion", () => {
  for (const result of [
    laterChampion({ version: "3", quarter: "2025Q3" }, "2025Q2"),
    firstReleaseEscalates(),
  ]) {
    expect(RuleResult.parse(result)).toEqual(result);
    expect(result).toMatchObject({ verdict: "FAIL", severity: "block", blocks: true, kind: "order" });
  }
  expect(laterChampion({ version: "3", quarter: "2025Q3" }, "2025Q2").detail).toBe(
    "version 3 was trained for 2025Q3, which is after 2025Q2",
  );
});
