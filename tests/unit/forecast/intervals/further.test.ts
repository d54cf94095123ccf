import { describe, expect, test } from "vitest";
import { openForecaster } from "../../../../src/forecast/forecaster/session.js";
import { forecastQuantiles, forecastRows } from "../../../../src/forecast/interpret.js";
import { levelSupport } from "../../../../src/forecast/intervals/further.js";
import { withFurtherLevels } from "../../../../src/forecast/intervals/widths.js";
import { ForecastModel } from "../../../../src/forecast/model.js";
import { emitOnnx } from "../../../../src/forecast/onnx/emit.js";
import { panelBatch } from "../../../../src/forecast/panel-batch.js";
import { trainForecaster } from "../../../../src/forecast/train.js";
import type { TrainOptions } from "../../../../src/forecast/training-plan.js";
import { FailureError } from "../../../../src/kit/failure.js";
import type { Panel } from "../../../../src/panel/panel.js";
import { residualsNeeded } from "../../../../src/stats/conformal.js";
import { panelOf, withFeatures } from "../../../support/panels.js";
import { oneSegment, QUARTERS, seasonal, smallPanel } from "../../../support/small-panels.js";
import { quietControl, trainOptions } from "../../../support/training.js";
import { foldOf } from "./support.js";

const LEVELS = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99];
const OPTIONS = trainOptions({ furtherLevels: [0.5, 0.8, 0.9, 0.95] });

const train = (panel: Panel, options: TrainOptions, segments = oneSegment(panel)) =>
  trainForecaster(panel, panel.lastPeriod, segments, options, quietControl());

/** What `levelSupport` says must be what the training then does. */
async function compare(panel: Panel, options: TrainOptions) {
  const { model, report } = await train(panel, options);
  const support = levelSupport(panel, panel.lastPeriod, options);
  const { levels, further } = model.conformal;
  const marked = further?.levels ?? [];
  expect(support.filter(({ basis }) => basis !== null).map(({ level }) => level)).toEqual(levels);
  expect(support.filter(({ basis }) => basis === "further-origins").map(({ level }) => level)).toEqual(
    marked,
  );
  const leftOut = support.filter(({ basis }) => basis === null);
  expect(report.conformal.leftOut ?? []).toEqual(
    leftOut
      .filter(({ furtherTried }) => furtherTried)
      .map(({ level, have, need }) => ({ level, have, need })),
  );
  for (const { have, need } of leftOut) expect(have).toBeLessThan(need);
  expect(report.conformal.further).toEqual(further);
  if (further !== undefined) {
    for (const level of further.levels) {
      expect(Math.min(...further.residuals)).toBeGreaterThanOrEqual(residualsNeeded(level));
    }
  }
  return { model, report, support };
}

describe("levels that CV's folds cannot carry", () => {
  const cases = [1, 2, 3, 5, 8].flatMap((series) =>
    [19, 24, 37, 48, 90].map((length) => ({ series, length })),
  );
  test.each(cases)(
    "$series series of $length months: counts say what the training does",
    async ({ series, length }) => {
      const { model } = await compare(smallPanel(series, length), OPTIONS);
      expect(model.conformal.levels).toContain(0.5);
    },
  );

  test.each([
    { series: 1, length: 9 },
    { series: 1, length: 40 },
    { series: 4, length: 12 },
  ])("$series series of $length quarters", async ({ series, length }) => {
    await compare(smallPanel(series, length, QUARTERS), { ...OPTIONS, horizon: 4 });
  });

  test.each([
    { name: "gap", options: { gap: 3 } },
    { name: "window", options: { window: 36 } },
    { name: "one fold", options: { folds: 1 } },
    { name: "folds that overlap", options: { step: 1, folds: 6 } },
    { name: "four", options: { ensemble: "four", learners: null } },
    { name: "auto", options: { ensemble: "auto", learners: ["ets-bank", "theta", "boosted-trees"] } },
    { name: "levels of the runbook's own", options: { levels: [0.6, 0.99], furtherLevels: [0.6, 0.99] } },
  ] as const)("$name", async ({ options }) => {
    const { model } = await compare(smallPanel(2, 72), { ...OPTIONS, ...options });
    expect(model.conformal.further).toBeDefined();
  });

  test("a series of twelve years has 95%, marked, and its coverage in CV is known", async () => {
    const { model, report } = await compare(smallPanel(1, 144), OPTIONS);
    expect(model.conformal.levels).toEqual([0.5, 0.8, 0.9, 0.95]);
    expect(model.conformal.further).toMatchObject({ levels: [0.8, 0.9, 0.95] });
    const { coverage, n } = report.intervals.levels.at(-1)!;
    expect(n).toBe(18);
    expect(coverage!).toBeGreaterThanOrEqual(0.8);
    ForecastModel.parse(JSON.parse(JSON.stringify(model)));
  });

  test("0.99 takes 99 origins where the runbook lists it", async () => {
    const { model } = await compare(smallPanel(1, 144), {
      ...OPTIONS,
      levels: [0.99],
      furtherLevels: [0.99],
    });
    expect(model.conformal.levels).toEqual([0.99]);
    expect(Math.min(...model.conformal.further!.residuals)).toBeGreaterThanOrEqual(99);
  });

  test("the point forecast is the same with them and without", async () => {
    const panel = smallPanel(3, 72);
    const { conformal: _, ...own } = (await train(panel, OPTIONS)).model;
    const { conformal: __, ...plain } = (await train(panel, { ...OPTIONS, furtherLevels: [] })).model;
    expect(own).toEqual(plain);
  });

  test("a panel whose folds carry all levels is the same byte by byte", async () => {
    const panel = smallPanel(60, 72);
    expect(JSON.stringify(await train(panel, OPTIONS))).toBe(
      JSON.stringify(await train(panel, { ...OPTIONS, furtherLevels: [] })),
    );
  });

  test("what happens after the cutoff has no part in them", async () => {
    const panel = smallPanel(2, 60);
    const later = panelOf(
      [0, 1].map((i) => ({
        id: `s${i}`,
        start: 2012 * 12,
        values: [...seasonal(100 * (i + 1), 60, i + 1), 1e6, 0, 5],
      })),
    );
    const at = (of: Panel) => trainForecaster(of, panel.lastPeriod, oneSegment(of), OPTIONS, quietControl());
    expect((await at(later)).model).toEqual((await at(panel)).model);
  });

  test("a segment of one series takes the widths of all for them, and features do no harm", async () => {
    const panel = withFeatures(smallPanel(3, 60));
    const segments = { ids: ["a", "b"], codes: Int32Array.of(0, 0, 1) };
    const { model } = await train(panel, { ...OPTIONS, widthsBySegment: true }, segments);
    expect(model.conformal.halfWidths).toHaveLength(3);
    for (const byLevel of model.conformal.halfWidths) {
      for (let h = 0; h < 6; h++) {
        const widths = byLevel.map((row) => row[h]!);
        expect(widths).toEqual([...widths].sort((a, b) => a - b));
      }
    }
  });

  test.each([[0.8, 0.95], [0.99]])("the graph gives the trainer's bounds, rising, %j", async (...levels) => {
    const panel = smallPanel(2, 40);
    const { model } = await train(panel, { ...OPTIONS, levels, furtherLevels: levels });
    const batch = panelBatch(panel, panel.lastPeriod, model, new Int32Array(2));
    const rows = await forecastRows(model, batch);
    const expected = forecastQuantiles(model, rows, new Int32Array(2));
    const forecaster = await openForecaster(emitOnnx(model, "test"));
    try {
      const { quantiles } = await forecaster.run(batch);
      expect(quantiles).toHaveLength(2 * 6 * 2 * model.conformal.levels.length);
      quantiles.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 3);
      });
    } finally {
      await forecaster.close();
    }
  });

  test("a history without a fold says so", () => {
    const panel = smallPanel(1, 14);
    expect(() => levelSupport(panel, panel.lastPeriod, OPTIONS)).toThrow(FailureError);
  });

  test("a learner that is a program is not run for them", async () => {
    const panel = smallPanel(1, 144);
    const command = { command: ["x"], cwd: ".", files: [], env: {} };
    const support = levelSupport(panel, panel.lastPeriod, { ...OPTIONS, learners: [command] });
    expect(support.filter(({ basis }) => basis !== null).map(({ level }) => level)).toEqual([0.5]);
  });
});

describe("withFurtherLevels", () => {
  const conformal = { levels: [0.5], halfWidths: [[[3, 1]]], residuals: [[1, 1]] };
  const folds = Array.from({ length: 9 }, (_, f) => foldOf({ origin: f, residuals: [[f + 1, 2 * (f + 1)]] }));

  test("takes the residuals at equal weights, and never a bound inside a lower level's", () => {
    // Nine residuals: 0.8 is the 8th smallest, 0.9 the 9th; 0.95 takes 19.
    expect(withFurtherLevels(conformal, folds, 2, [0.5, 0.8, 0.9, 0.95])).toEqual({
      levels: [0.5, 0.8, 0.9],
      halfWidths: [
        [
          [3, 1],
          [8, 16],
          [9, 18],
        ],
      ],
      residuals: [[1, 1]],
      further: { levels: [0.8, 0.9], origins: 9, residuals: [9, 9] },
    });
    const wide = { ...conformal, halfWidths: [[[100, 1]]] };
    expect(withFurtherLevels(wide, folds, 2, [0.8]).halfWidths).toEqual([
      [
        [100, 1],
        [100, 16],
      ],
    ]);
  });

  test("is what it was given where they carry nothing", () => {
    expect(withFurtherLevels(conformal, folds.slice(0, 3), 2, [0.95])).toBe(conformal);
    expect(withFurtherLevels(conformal, [], 2, LEVELS)).toBe(conformal);
  });
});
