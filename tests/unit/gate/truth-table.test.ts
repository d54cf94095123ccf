import { describe, expect, test } from "vitest";
import { dataFreshness } from "../../../src/drift/freshness.js";
import { type GuardedKsOptions, guardedKs } from "../../../src/drift/guarded-ks.js";
import { missingIncrease } from "../../../src/drift/missing.js";
import { featurePsi } from "../../../src/drift/psi.js";
import { compareWithChampion } from "../../../src/forecast/champion/compare.js";
import { championLimit, evaluateChampion, evaluateChampionGroups } from "../../../src/gate/champion.js";
import {
  evaluateDrift,
  evaluateFreshness,
  evaluateMissing,
  evaluatePsi,
  monthsOf,
} from "../../../src/gate/drift.js";
import {
  ChampionRule,
  DriftRule,
  ExprRule,
  FreshnessRule,
  MissingRule,
  PsiRule,
  ThresholdRule,
} from "../../../src/gate/rule-params.js";
import { evaluateExpr, evaluateThreshold, evaluateThresholdGroups } from "../../../src/gate/threshold.js";
import type { AccuracyReport } from "../../../src/kit/artifacts/accuracy.js";
import { RuleResult } from "../../../src/kit/artifacts/decision.js";
import type { Metric } from "../../../src/kit/step.js";
import type { Panel } from "../../../src/panel/panel.js";
import { panelOf } from "../../support/panels.js";

/** Every kind of rule in every situation that a quarter can bring, from the data up: each row is one judgement. */

const LATER = false;
const FIRST = true;

type Row = readonly [situation: string, judged: () => RuleResult, expected: string];

function table(kind: string, rows: readonly Row[]): void {
  describe(kind, () => {
    test.each(rows)("%s", (_situation, judged, expected) => {
      const result = judged();
      expect(RuleResult.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
      expect(`${result.verdict}${result.why === null ? "" : ` ${result.why}`}`).toBe(expected);
      expect(result.blocks).toBe(result.verdict !== "PASS");
    });
  });
}

const threshold = (given: object, metric?: Metric) => () =>
  evaluateThreshold(
    ThresholdRule.parse({ id: "r", metric: "accuracy.wmape", ...given }),
    metric === undefined ? {} : { "accuracy.wmape": metric },
    LATER,
  );

table("threshold", [
  ["pass", threshold({ max: 0.2 }, { value: 0.1, n: 50 }), "PASS"],
  ["fail", threshold({ max: 0.2 }, { value: 0.3, n: 50 }), "FAIL"],
  ["edge, max", threshold({ max: 0.2 }, { value: 0.2, n: 50 }), "PASS"],
  ["edge, min", threshold({ min: 0.2 }, { value: 0.2, n: 50 }), "PASS"],
  ["edge, maxAbs from above", threshold({ maxAbs: 0.2 }, { value: 0.2, n: 50 }), "PASS"],
  ["edge, maxAbs from below", threshold({ maxAbs: 0.2 }, { value: -0.2, n: 50 }), "PASS"],
  ["fail, maxAbs below", threshold({ maxAbs: 0.2 }, { value: -0.21, n: 50 }), "FAIL"],
  ["missing metric", threshold({ max: 0.2 }), "UNKNOWN not-measured"],
  ["n too small", threshold({ max: 0.2, minN: 51 }, { value: 0.1, n: 50 }), "UNKNOWN too-few-values"],
  ["n just enough", threshold({ max: 0.2, minN: 50 }, { value: 0.1, n: 50 }), "PASS"],
  ["no n, and one is needed", threshold({ max: 0.2, minN: 5 }, { value: 0.1 }), "UNKNOWN too-few-values"],
  [
    "no champion",
    threshold({ max: 0.2 }, { value: null, n: 0, why: "no-live-snapshot" }),
    "UNKNOWN no-live-snapshot",
  ],
  [
    "zero denominator",
    threshold({ max: 0.2 }, { value: null, n: 9, why: "zero-actuals" }),
    "UNKNOWN zero-actuals",
  ],
  ["NaN", threshold({ max: 0.2 }, { value: Number.NaN, n: 50 }), "UNKNOWN not-a-number"],
  ["infinity", threshold({ min: 0.2 }, { value: Number.POSITIVE_INFINITY, n: 50 }), "UNKNOWN not-a-number"],
]);

type Scored = AccuracyReport["bySegment"][number];
const scored = (key: string, wmape: number | null, n = 40): Scored => ({
  key,
  n,
  excluded: 0,
  wmape,
  bias: wmape,
  mase: wmape,
  absoluteError: (wmape ?? 0) * n,
  absoluteActual: wmape === null ? 0 : n,
});
const accuracyOf = (groups: Scored[], snapshots = 1): AccuracyReport => ({
  quarter: "2025Q2",
  snapshots: Array.from({ length: snapshots }, () => ({
    source: "s",
    cutoff: "2025-03-31",
    version: "1",
    pairs: 1,
  })),
  total: scored("", 0.1, groups.length),
  naive: scored("", 0.1),
  bySegment: groups,
  byPeriod: [],
  byLead: groups,
  worstSeries: [],
  drawn: { level: null, series: [] },
  coverage: [],
});
const bySegment =
  (groups: Scored[] | null, given: object = {}, snapshots = 1) =>
  () =>
    evaluateThresholdGroups(
      ThresholdRule.parse({ id: "r", metric: "accuracy.wmape", max: 0.2, by: "segment", ...given }),
      "segment",
      groups === null ? null : accuracyOf(groups, snapshots),
      LATER,
    );

table("threshold by segment", [
  ["pass", bySegment([scored("a", 0.1), scored("b", 0.15)]), "PASS"],
  ["fail", bySegment([scored("a", 0.1), scored("b", 0.3)]), "FAIL"],
  ["edge", bySegment([scored("a", 0.2)]), "PASS"],
  ["missing metric", bySegment(null), "UNKNOWN not-measured"],
  ["n too small in all", bySegment([scored("a", 0.9, 9)]), "UNKNOWN too-few-values"],
  ["n too small in one", bySegment([scored("a", 0.9, 9), scored("b", 0.1)]), "PASS"],
  ["n of one's own", bySegment([scored("a", 0.9, 9), scored("b", 0.1)], { minN: 9 }), "FAIL"],
  ["no champion", bySegment([], {}, 0), "UNKNOWN no-live-snapshot"],
  ["zero denominator", bySegment([scored("a", null)]), "UNKNOWN zero-actuals"],
  ["zero denominator in one", bySegment([scored("a", null), scored("b", 0.3)]), "FAIL"],
  ["NaN", bySegment([scored("a", Number.NaN)]), "UNKNOWN not-a-number"],
]);

test("groups are listed worst first, with the reason of those that were not judged", () => {
  const result = bySegment([
    scored("a", 0.1),
    scored("b", 0.9, 3),
    scored("c", 0.4),
    scored("d", 0.5),
    scored("e", 0.2),
  ])();
  expect(result.groups.map(({ key, verdict }) => `${key} ${verdict}`)).toEqual([
    "d FAIL",
    "c FAIL",
    "e PASS",
    "a PASS",
    "b UNKNOWN",
  ]);
  expect(result).toMatchObject({ observed: 0.5, n: 40, by: "segment" });
  expect(result.detail).toBe("2 of 5 segments fail, 1 could not be judged; the worst is d");
});

const expr = (text: string, given: object, metrics: Record<string, Metric>) => () =>
  evaluateExpr(ExprRule.parse({ id: "r", expr: text, ...given }), metrics, LATER);
const RATIO = "accuracy.wmape / train.naive.wmape";
const both = (a: Metric, b: Metric) => ({ "accuracy.wmape": a, "train.naive.wmape": b });

table("expr", [
  ["pass", expr(RATIO, { max: 1 }, both({ value: 0.1, n: 9 }, { value: 0.2 })), "PASS"],
  ["fail", expr(RATIO, { max: 1 }, both({ value: 0.3 }, { value: 0.2 })), "FAIL"],
  ["edge", expr(RATIO, { max: 1 }, both({ value: 0.2 }, { value: 0.2 })), "PASS"],
  ["missing metric", expr(RATIO, { max: 1 }, { "accuracy.wmape": { value: 0.1 } }), "UNKNOWN not-measured"],
  [
    "n too small",
    expr(RATIO, { max: 1, minN: 10 }, both({ value: 0.1, n: 9 }, { value: 0.2, n: 90 })),
    "UNKNOWN too-few-values",
  ],
  [
    "no champion",
    expr(RATIO, { max: 1 }, both({ value: null, why: "no-live-snapshot" }, { value: 0.2 })),
    "UNKNOWN no-live-snapshot",
  ],
  [
    "zero denominator",
    expr(RATIO, { max: 1 }, both({ value: 0.1 }, { value: 0 })),
    "UNKNOWN division-by-zero",
  ],
  ["NaN", expr(RATIO, { max: 1 }, both({ value: Number.NaN }, { value: 1 })), "UNKNOWN not-a-number"],
]);

/** 40 series of one period: what both forecasts miss, as a share of an actual of 10. */
function comparison(rule: ChampionRule, candidate: number, champion: number, actual = 10, series = 40) {
  const noise = (s: number) => 1 + 0.2 * Math.sin(s);
  const rows = Array.from({ length: series }, (_, s) => ({ series: `s${s}`, period: 1, s }));
  return compareWithChampion({
    candidate: rows.map(({ s, ...row }) => ({
      ...row,
      actual,
      forecast: actual + 10 * candidate * noise(s),
    })),
    champion: rows.map(({ s, ...row }) => ({ ...row, forecast: actual + 10 * champion * noise(s + 1) })),
    metric: rule.metric,
    isRelative: rule.maxIncrease === undefined,
    scale: () => 1,
    bootstrap: { replicates: 399, level: rule.confidence, seed: 1, limit: championLimit(rule) },
  });
}
const championRule = (given: object) => ChampionRule.parse({ id: "r", compare: "champion", ...given });
const champion =
  (given: object, candidate: number, theirs: number, actual = 10, series = 40) =>
  () => {
    const rule = championRule(given);
    return evaluateChampion(rule, comparison(rule, candidate, theirs, actual, series), LATER);
  };
const NO_CHAMPION = {
  observed: null,
  candidate: null,
  champion: null,
  n: 0,
  series: 0,
  interval: null,
  pAbove: null,
  pBelow: null,
};
const absolute = { maxIncrease: 0.01 };
const relative = { maxRelativeIncrease: 0.1 };
const upper = { ...absolute, test: "upper" };
const found = (observed: number, more: object = {}) => ({
  ...NO_CHAMPION,
  why: null,
  observed,
  n: 40,
  ...more,
});

table("champion", [
  ["pass", champion(absolute, 0.1, 0.2), "PASS"],
  ["fail", champion(absolute, 0.2, 0.1), "FAIL"],
  ["edge", () => evaluateChampion(championRule(absolute), found(0.01), LATER), "PASS"],
  ["pass, relative", champion(relative, 0.1, 0.1), "PASS"],
  ["fail, relative", champion(relative, 0.2, 0.1), "FAIL"],
  ["pass, upper", champion(upper, 0.1, 0.2), "PASS"],
  ["fail, upper", champion(upper, 0.2, 0.1), "FAIL"],
  [
    "the upper end exceeds what the point does not",
    () =>
      evaluateChampion(
        championRule(upper),
        found(0, { interval: { level: 0.9, lo: -0.02, hi: 0.02 } }),
        LATER,
      ),
    "FAIL",
  ],
  [
    "edge, upper",
    () =>
      evaluateChampion(
        championRule(upper),
        found(0, { interval: { level: 0.9, lo: -0.02, hi: 0.01 } }),
        LATER,
      ),
    "PASS",
  ],
  ["upper without an interval", champion(upper, 0.1, 0.2, 10, 1), "UNKNOWN no-interval"],
  ["missing metric: no common rows", champion(absolute, 0.1, 0.2, 10, 0), "UNKNOWN no-common-rows"],
  ["n too small", champion({ ...absolute, minN: 41 }, 0.1, 0.2), "UNKNOWN too-few-values"],
  [
    "no champion",
    () => evaluateChampion(championRule(absolute), { ...NO_CHAMPION, why: "no-champion" }, LATER),
    "UNKNOWN no-champion",
  ],
  ["zero denominator", champion(absolute, 0.1, 0.2, 0), "UNKNOWN zero-actuals"],
  ["zero denominator, relative", champion(relative, 0.1, 0), "UNKNOWN champion-has-no-error"],
  ["NaN", champion(absolute, Number.NaN, 0.2), "UNKNOWN no-common-rows"],
]);

const groups = (given: object, pairs: Record<string, readonly [number, number, number?]>) => () => {
  const rule = championRule({ ...absolute, by: "segment", ...given });
  const observations = Object.entries(pairs).map(([key, [candidate, theirs, series]]) => ({
    key,
    observation: comparison(rule, candidate, theirs, 10, series),
  }));
  return evaluateChampionGroups(rule, "segment", observations, LATER, null);
};

table("champion by segment", [
  ["pass", groups({}, { a: [0.1, 0.2], b: [0.1, 0.1] }), "PASS"],
  ["fail", groups({}, { a: [0.1, 0.2], b: [0.2, 0.1] }), "FAIL"],
  ["edge: no worse beyond chance", groups({}, { a: [0.1101, 0.1] }), "PASS"],
  ["edge: upper asks for more", groups({ test: "upper" }, { a: [0.1101, 0.1] }), "FAIL"],
  ["missing metric", groups({}, {}), "UNKNOWN no-groups"],
  ["n too small in all", groups({}, { a: [0.9, 0.1, 9] }), "UNKNOWN too-few-values"],
  ["n too small in one", groups({}, { a: [0.9, 0.1, 9], b: [0.1, 0.2] }), "PASS"],
  [
    "no champion",
    () => evaluateChampionGroups(championRule({ ...absolute, by: "lead" }), "lead", [], LATER, "no-champion"),
    "UNKNOWN no-champion",
  ],
  ["NaN", groups({}, { a: [Number.NaN, 0.1] }), "UNKNOWN no-common-rows"],
]);

test("a correction makes it harder for one of many groups to fail", () => {
  const pairs = Object.fromEntries(
    Array.from({ length: 12 }, (_, g) => [`g${g}`, g === 0 ? [0.126, 0.1, 12] : [0.1, 0.1, 12]] as const),
  );
  const failing = (correction: string) =>
    groups({ correction, metric: "mase", maxIncrease: 0 }, pairs as never)().groups.filter(
      ({ verdict }) => verdict === "FAIL",
    ).length;
  expect(failing("none")).toBeGreaterThanOrEqual(failing("bonferroni"));
  const p = (correction: string) =>
    groups({ correction, metric: "mase", maxIncrease: 0 }, pairs as never)().groups.find(
      ({ key }) => key === "g0",
    )!.pAdjusted!;
  expect(p("bonferroni")).toBeCloseTo(Math.min(1, 12 * p("none")), 12);
});

/** 40 series of ten years to period 119, the quarter being 117 to 119; `value` says the target, NaN is an empty cell. */
function decade(value: (s: number, t: number) => number, series = 40): Panel {
  const panel = panelOf(
    Array.from({ length: series }, (_, s) => ({
      id: `s${String(s).padStart(2, "0")}`,
      start: 0,
      values: new Array<number>(120).fill(0),
    })),
  );
  return { ...panel, target: panel.target.map((_, row) => value(Math.floor(row / 120), row % 120)) };
}
const steady = (s: number, t: number) => (5 + s) * (1 + 0.2 * Math.sin(12.9898 * s + 78.233 * t));
const inQuarter = (t: number) => t >= 117;
const quarterPeriods = { first: 117, last: 119 };

const ks =
  (panel: Panel, given: object = {}) =>
  () => {
    const rule = DriftRule.parse({ id: "r", ks: { features: ["target"], ...given } });
    const options: GuardedKsOptions = { ...rule.ks, quarterPeriods, segments: null };
    return evaluateDrift(rule, guardedKs(panel, options), LATER);
  };
/** Each of 40 series repeats itself, but for ten that are ten times as large in the quarter. */
const aQuarterOfThem = decade((s, t) => (inQuarter(t) && s < 10 ? 10 : 1) * (1 + (s % 4)));

table("ks", [
  ["pass", ks(decade(steady)), "PASS"],
  ["fail", ks(decade((s, t) => steady(s, t) * (inQuarter(t) ? 1.5 : 1))), "FAIL"],
  ["edge", ks(aQuarterOfThem, { values: "raw", statistic: 0.25 }), "FAIL"],
  ["just below the limit", ks(aQuarterOfThem, { values: "raw", statistic: 0.2500001 }), "PASS"],
  ["missing metric: no values", ks(decade(() => Number.NaN)), "UNKNOWN too-few-rows"],
  ["n too small", ks(decade(steady, 9), { minN: 28 }), "UNKNOWN too-few-rows"],
  ["n just enough", ks(decade(steady, 9), { minN: 27 }), "PASS"],
  [
    "too few quarters for a rank",
    ks(decade(steady), { guard: "history", quarters: 18 }),
    "UNKNOWN too-few-quarters",
  ],
  ["just enough quarters for a rank", ks(decade(steady), { guard: "history", quarters: 19 }), "PASS"],
  ["zero denominator: all zero", ks(decade(() => 0)), "PASS"],
  ["zero denominator: zero until now", ks(decade((s, t) => (inQuarter(t) ? steady(s, t) : 0))), "FAIL"],
  ["NaN here and there", ks(decade((s, t) => (s % 5 === 0 ? Number.NaN : steady(s, t)))), "PASS"],
]);

const psi =
  (panel: Panel, given: object = {}) =>
  () => {
    const rule = PsiRule.parse({ id: "r", psi: { features: ["target"], ...given } });
    return evaluatePsi(rule, featurePsi(panel, { ...rule.psi, quarterPeriods }), LATER);
  };
const doubled = decade((s, t) => steady(s, t) * (inQuarter(t) ? 2 : 1));
const exactPsi = psi(doubled)().observed!;

table("psi", [
  ["pass", psi(decade(steady)), "PASS"],
  ["fail", psi(doubled), "FAIL"],
  ["edge", psi(doubled, { max: exactPsi }), "PASS"],
  ["just above", psi(doubled, { max: exactPsi * (1 - 1e-12) }), "FAIL"],
  ["missing metric: no values", psi(decade(() => Number.NaN)), "UNKNOWN too-few-rows"],
  ["n too small", psi(decade(steady), { minN: 121 }), "UNKNOWN too-few-rows"],
  ["zero denominator: a constant feature", psi(decade(() => 5)), "PASS"],
  ["zero denominator: another constant now", psi(decade((_, t) => (inQuarter(t) ? 6 : 5))), "FAIL"],
  ["NaN here and there", psi(decade((s, t) => (s % 5 === 0 ? Number.NaN : steady(s, t)))), "PASS"],
]);

const missing =
  (panel: Panel, given: object = {}) =>
  () => {
    const rule = MissingRule.parse({
      id: "r",
      missing: { features: ["target"], maxIncrease: 0.25, ...given },
    });
    return evaluateMissing(rule, missingIncrease(panel, { ...rule.missing, quarterPeriods }), LATER);
  };
const lost = (count: number) => decade((s, t) => (inQuarter(t) && s < count ? Number.NaN : 1));

table("missing", [
  ["pass", missing(lost(4)), "PASS"],
  ["fail", missing(lost(11)), "FAIL"],
  ["edge", missing(lost(10)), "PASS"],
  ["missing before as well", missing(decade((s) => (s < 20 ? Number.NaN : 1))), "PASS"],
  ["n too small", missing(lost(0), { minN: 121 }), "UNKNOWN too-few-rows"],
  [
    "zero denominator: no cell in the reference",
    missing(panelOf([{ id: "a", start: 117, values: [1, 2, 3] }]), { minN: 1 }),
    "UNKNOWN too-few-rows",
  ],
  ["NaN everywhere: no more than before", missing(decade(() => Number.NaN)), "PASS"],
  [
    "a series without a row in the quarter counts as missing",
    missing(
      panelOf([
        { id: "a", start: 90, values: new Array<number>(30).fill(1) },
        { id: "b", start: 90, values: new Array<number>(27).fill(1) },
      ]),
      { minN: 6 },
    ),
    "FAIL",
  ],
]);

const freshness =
  (panel: Panel, given: object = {}) =>
  () => {
    const rule = FreshnessRule.parse({ id: "r", freshness: { maxAge: "2 months", ...given } });
    return evaluateFreshness(rule, dataFreshness(panel, monthsOf(rule.freshness.maxAge)), LATER);
  };
const until = (last: number, share = 40) => decade((s, t) => (t > last && s < share ? Number.NaN : 1));

table("freshness", [
  ["pass", freshness(until(119)), "PASS"],
  ["fail", freshness(until(116)), "FAIL"],
  ["edge", freshness(until(117)), "PASS"],
  ["a quarter is three months", freshness(until(116), { maxAge: "1 quarter" }), "PASS"],
  ["share of old series, pass", freshness(until(116, 9), { maxStale: 0.25 }), "PASS"],
  ["share of old series, fail", freshness(until(116, 11), { maxStale: 0.25 }), "FAIL"],
  ["share of old series, edge", freshness(until(116, 10), { maxStale: 0.25 }), "PASS"],
  ["the panel's age comes before the share", freshness(until(116), { maxStale: 1 }), "FAIL"],
  ["a series that ended a year ago is not stale", freshness(until(107, 39), { maxStale: 0 }), "PASS"],
  ["missing metric: no values, NaN everywhere", freshness(decade(() => Number.NaN)), "UNKNOWN no-values"],
]);

test("what a first release cannot have by its nature excuses it, and nothing else does", () => {
  const rule = championRule(absolute);
  expect(evaluateChampion(rule, { ...NO_CHAMPION, why: "no-champion" }, FIRST).blocks).toBe(false);
  expect(evaluateChampion(rule, { ...NO_CHAMPION, why: "no-holdout" }, FIRST).blocks).toBe(true);
});
