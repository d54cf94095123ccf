import { describe, expect, test } from "vitest";
import { buildHierarchy } from "../../../../src/forecast/reconcile/hierarchy.js";
import { learnReconciliation } from "../../../../src/forecast/reconcile/learn.js";
import { prepareRows } from "../../../../src/forecast/rows.js";
import { encodeSegments } from "../../../../src/forecast/segment-codes.js";
import { trainForecaster } from "../../../../src/forecast/train.js";
import { ReconciliationReport } from "../../../../src/kit/artifacts/training.js";
import type { Panel } from "../../../../src/panel/panel.js";
import { panelOf } from "../../../support/panels.js";
import { quietControl, trainOptions, twoKindsOfSeries } from "../../../support/training.js";
import { withAttribute } from "./support.js";

const kinds = (panel: Panel) =>
  withAttribute(
    panel,
    "kind",
    panel.series.map((id) => id[0]!),
  );
const panel = kinds(panelOf(twoKindsOfSeries(3)));
const train = (
  input: Panel,
  reconcile: Parameters<typeof trainOptions>[0] = { reconcile: { by: ["kind"], method: "mint-shrink" } },
  last = input.lastPeriod,
) =>
  trainForecaster(
    input,
    last,
    encodeSegments(input.series, null),
    trainOptions({ learners: ["seasonal-naive", "pooled-ridge"], ensemble: "four", ...reconcile }),
    quietControl(),
  );

describe("mint-shrink", () => {
  test("reports accuracy at each level, of what the forecaster, the sums and the outlook say", async () => {
    const { report, reconciliation } = await train(panel);
    const found = ReconciliationReport.parse(report.reconciliation);
    expect(found).toMatchObject({ asked: "mint-shrink", method: "mint-shrink", rows: 18, scoredWithout: 0 });
    expect(found.levels.map(({ level, groups, bottomUp }) => [level, groups, bottomUp.n])).toEqual([
      ["total", 1, 18],
      ["kind", 2, 36],
      ["series", 6, 108],
    ]);
    // The series on their own are what CV scores.
    expect(found.levels.at(-1)!.base).toEqual({
      wmape: expect.closeTo(report.cv.wmape!, 12),
      mase: expect.closeTo(report.cv.mase!, 12),
      n: report.cv.n,
    });
    for (const { base, bottomUp, reconciled } of found.levels.slice(0, 2)) {
      expect(base!.wmape).not.toBe(bottomUp.wmape);
      expect(reconciled!.wmape).not.toBe(bottomUp.wmape);
    }
    expect(found.shrinkage).toBe(reconciliation!.shrinkage);
    expect(reconciliation!.groups.map(({ labels, scaled }) => [labels, scaled.length])).toEqual([
      [[], 18],
      [["g"], 18],
      [["s"], 18],
    ]);
    expect(reconciliation!.series.map(({ id }) => id)).toEqual(panel.series);
  });

  test("neither model nor scores know of it", async () => {
    const [alone, reconciled] = [await train(panel, {}), await train(panel)];
    expect(alone.reconciliation).toBeNull();
    expect(reconciled.model).toEqual(alone.model);
    const { reconciliation: _, ...report } = reconciled.report;
    expect(report).toEqual(alone.report);
  });

  test("nothing after the last period has a part in it", async () => {
    const last = panel.lastPeriod - 4;
    const spiked = {
      ...panel,
      target: panel.target.map((value, row) => (panel.period[row]! > last ? 1e9 : value)),
    };
    expect(await train(spiked, undefined, last)).toEqual(await train(panel, undefined, last));
  });

  test("one fold is too few for a covariance: the seasonal naive errors stand in, and the report says so", async () => {
    const reconcile = { reconcile: { by: ["kind"], method: "mint-shrink" as const } };
    const { report, reconciliation } = await train(panel, { ...reconcile, folds: 1 });
    expect(report.reconciliation).toMatchObject({
      asked: "mint-shrink",
      method: "wls-naive",
      shrinkage: null,
      rows: 0,
      scoredWithout: 1,
    });
    expect(reconciliation).toMatchObject({
      method: "wls-naive",
      rows: 0,
      typical: 1,
      series: [],
      groups: [],
    });
    const two = await train(panel, { ...reconcile, folds: 2 });
    // Each fold has but one other.
    expect(two.report.reconciliation).toMatchObject({ method: "mint-shrink", rows: 12, scoredWithout: 2 });
  });

  test("a series that misses an actual does not cost the total its score while it is small", async () => {
    const drop = (id: string, from: number) =>
      kinds(
        panelOf(
          twoKindsOfSeries(3).map((series) =>
            series.id === id
              ? { ...series, values: series.values.map((value, t) => (t === from ? null : value)) }
              : series,
          ),
        ),
      );
    const totals = async (input: Panel) => (await train(input)).report.reconciliation!.levels[0]!.bottomUp.n;
    expect(await totals(drop("g0", 63))).toBe(18);
    expect(await totals(drop("s2", 63))).toBe(17);
  });
});

test("bottom-up leaves the series alone and keeps no errors", async () => {
  const { report, reconciliation } = await train(panel, { reconcile: { by: ["kind"], method: "bottom-up" } });
  expect(report.reconciliation!.levels.map(({ reconciled }) => reconciled)).toEqual([null, null, null]);
  expect(report.reconciliation!.levels[0]!.base).not.toBeNull();
  expect(reconciliation).toMatchObject({ method: "bottom-up", rows: 0, series: [], groups: [] });
});

test("what would be negative is zero where no target was negative at the fold's own origin", () => {
  const [season, horizon, context] = [12, 1, 36];
  const last = panel.lastPeriod;
  const two = panelOf(
    ["a", "b"].map((id) => ({ id, start: last - context, values: Array(context + 1).fill(5) })),
  );
  const rowsOf = (count: number) =>
    prepareRows(
      {
        count,
        history: Float32Array.from({ length: count * context }, (_, i) => 10 + (i % 7)),
        period: new Int32Array(count).fill(last - 1),
        codes: new Int32Array(count),
        known: new Float32Array(0),
        observed: new Float32Array(0),
      },
      { season, horizon, context },
    );
  const wmapeOfSeries = (nonNegative: boolean) => {
    const outcome = {
      fold: { number: 1, origin: last - 1, since: Number.NEGATIVE_INFINITY, gap: 0, slowFit: 1 },
      rows: rowsOf(2),
      actual: Float64Array.of(5, 5),
      clip: { nonNegative, clip: 3 },
      maseScale: [1, 1],
      forecasts: [Float64Array.of(0, 10)],
      // Far below what the series add up to: to agree with it, the first of them would have to go below zero.
      sums: { rows: rowsOf(1), forecasts: [Float64Array.of(2)] },
    };
    const hierarchy = buildHierarchy(two, { by: [] });
    const { report } = learnReconciliation({
      panel: two,
      hierarchy,
      spec: { by: [], method: "mint-shrink" },
      folds: [
        {
          outcome,
          forecast: outcome.forecasts[0]!,
          combination: { method: "four", weights: [[1]], residual: null },
        },
      ],
      isScored: [true],
      nonNegative: false,
    });
    return report.levels.at(-1)!.reconciled!.wmape!;
  };
  // Both are moved by m, with 10 + 2 m nearer to 2 than to 10: |5 − m| + |−5 − m|, and without the first one's share below zero.
  expect(wmapeOfSeries(true)).toBeLessThan(wmapeOfSeries(false));
});
