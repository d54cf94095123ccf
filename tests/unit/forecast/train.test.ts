import { describe, expect, test } from "vitest";
import { crossValidate } from "../../../src/forecast/cv.js";
import { type Executor, inlineExecutor } from "../../../src/forecast/executor.js";
import { forecastRows } from "../../../src/forecast/interpret.js";
import { ForecastModel } from "../../../src/forecast/model.js";
import type { SegmentCodes } from "../../../src/forecast/segment-codes.js";
import { contextFor, trainForecaster } from "../../../src/forecast/train.js";
import { TrainingReport } from "../../../src/kit/artifacts/training.js";
import { canonicalJson } from "../../../src/kit/json.js";
import type { Panel } from "../../../src/panel/panel.js";
import { panelOf, type SeriesValues } from "../../support/panels.js";
import { quietControl, trainOptions, twoKindsOfSeries } from "../../support/training.js";

const all = (panel: Panel): SegmentCodes => ({ ids: ["all"], codes: new Int32Array(panel.series.length) });
const byKind = (panel: Panel): SegmentCodes => ({
  ids: ["growing", "seasonal"],
  codes: Int32Array.from(panel.series, (id) => ["g", "s"].indexOf(id[0]!)),
});
const train = (panel: Panel, segments = all(panel), overrides = {}) =>
  trainForecaster(panel, panel.lastPeriod, segments, trainOptions(overrides), quietControl());

/** Runs the tasks backwards and answers in their order. */
const backwards: Executor = {
  async runAll(job, control) {
    const reversed = await inlineExecutor.runAll(
      { ...job, tasks: [...job.tasks].reverse() },
      { ...control, onFinished: (task) => control.onFinished(job.tasks.length - 1 - task) },
    );
    return [...reversed].reverse();
  },
};

describe("crossValidate", () => {
  const after = 2015 * 12 + 60;
  const data = (panel: Panel) => ({ panel, horizon: 6, context: 96 });
  const folds = [
    { number: 1, origin: after - 7 },
    { number: 2, origin: after - 1 },
  ];

  test("forecasts do not move when the future does", async () => {
    const known = twoKindsOfSeries(3);
    const changed = known.map((own) => ({
      ...own,
      values: own.values.map((value, t) => (t < 60 ? value : -1e6 * (t + 1))),
    }));
    const run = (series: SeriesValues[]) =>
      crossValidate(data(panelOf(series)), folds, ["seasonal-naive", "pooled-ridge"], quietControl());
    const [before, then] = [await run(known), await run(changed)];
    expect(then.map((fold) => fold.forecasts)).toEqual(before.map((fold) => fold.forecasts));
    expect(then.map((fold) => fold.maseScale)).toEqual(before.map((fold) => fold.maseScale));
    expect(then[1]!.actual).not.toEqual(before[1]!.actual);
  });

  test("forecasts do move when the last known value does", async () => {
    const known = twoKindsOfSeries(3);
    const changed = known.map((own) => ({
      ...own,
      values: own.values.map((value, t) => (t === 59 ? value! * 2 : value)),
    }));
    const run = (series: SeriesValues[]) =>
      crossValidate(data(panelOf(series)), folds, ["pooled-ridge"], quietControl());
    const [before, then] = [await run(known), await run(changed)];
    expect(then[1]!.forecasts).not.toEqual(before[1]!.forecasts);
  });

  test("reports each fold once, when its last learner is done", async () => {
    const seen: number[][] = [];
    await crossValidate(data(panelOf(twoKindsOfSeries(2))), folds, ["seasonal-naive", "pooled-ridge"], {
      ...quietControl(),
      onFold: (fold, done, total) => seen.push([fold.number, done, total]),
    });
    expect(seen).toEqual([
      [1, 1, 2],
      [2, 2, 2],
    ]);
  });
});

describe("trainForecaster", () => {
  test("chooses per segment what CV says, and the composite beats or equals each learner", async () => {
    const panel = panelOf(twoKindsOfSeries(4));
    const { model, report } = await train(panel, byKind(panel));
    expect(report.segments.map(({ segment, chosen, series }) => [segment, chosen, series])).toEqual([
      ["growing", "pooled-ridge", 4],
      ["seasonal", "seasonal-naive", 4],
    ]);
    expect(model.chosen.map((index) => model.learners[index]!.id)).toEqual([
      "pooled-ridge",
      "seasonal-naive",
    ]);
    for (const total of report.learnerTotals) expect(report.cv.wmape!).toBeLessThanOrEqual(total.wmape!);
    expect(report.cv.wmape!).toBeLessThan(report.naive.wmape!);
    expect(report.naive).toEqual(report.learnerTotals[0]);
    expect(report.cv.n).toBe(3 * 8 * 6);
    ForecastModel.parse(JSON.parse(JSON.stringify(model)));
    TrainingReport.parse(JSON.parse(JSON.stringify(report)));
  });

  test("its CV score is the score of forecasts that it would have made at each origin", async () => {
    const panel = panelOf(twoKindsOfSeries(2));
    const { report } = await train(panel, all(panel), { learners: ["pooled-ridge"] });
    let [error, volume] = [0, 0];
    for (const fold of [1, 2, 3]) {
      const origin = panel.lastPeriod - 6 * (4 - fold);
      const { model } = await trainForecaster(
        panel,
        origin,
        all(panel),
        trainOptions({ learners: ["pooled-ridge"] }),
        quietControl(),
      );
      const history = new Float32Array(panel.series.length * model.context).fill(Number.NaN);
      const actual: number[] = [];
      panel.series.forEach((_, s) => {
        for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
          const back = origin - panel.period[row]!;
          if (back >= 0) history[(s + 1) * model.context - 1 - back] = panel.target[row]!;
          else if (back >= -6) actual.push(panel.target[row]!);
        }
      });
      const { forecast } = forecastRows(model, history, new Int32Array(panel.series.length));
      forecast.forEach((point, cell) => {
        error += Math.abs(point - actual[cell]!);
        volume += Math.abs(actual[cell]!);
      });
    }
    expect(report.cv.wmape).toBeCloseTo(error / volume, 12);
  });

  test("the same rows give byte-identical models, whatever the order of the tasks and the rows after `last`", async () => {
    const series = twoKindsOfSeries(4);
    const panel = panelOf(series);
    const last = panel.lastPeriod - 9;
    const cut = panelOf(series.map((own) => ({ ...own, values: own.values.slice(0, -9) })));
    const options = trainOptions();
    const texts = await Promise.all([
      trainForecaster(cut, last, byKind(cut), options, quietControl()),
      trainForecaster(cut, last, byKind(cut), options, quietControl(backwards)),
      trainForecaster(panel, last, byKind(panel), options, quietControl()),
    ]);
    const [first, reversed, longer] = texts.map((trained) => JSON.stringify(trained));
    expect(reversed).toBe(first);
    expect(longer).toBe(first);
  });

  test("small segments and segments of zeros take the pooled choice; unknown series are in the totals only", async () => {
    const start = 2015 * 12;
    const panel = panelOf([
      ...twoKindsOfSeries(4),
      { id: "z0", start, values: Array(72).fill(0) },
      { id: "u0", start, values: Array.from({ length: 72 }, (_, t) => 30 + (t % 5)) },
    ]);
    const kinds = ["g", "s", "z"];
    const codes = Int32Array.from(panel.series, (id) => kinds.indexOf(id[0]!));
    const { model, report } = await train(panel, { ids: kinds, codes });
    const pooled = model.learners[model.fallback]!.id;
    expect(report.segments[2]).toMatchObject({ segment: "z", chosen: pooled, series: 1 });
    expect(report.segments[2]!.scores.every((score) => score.wmape === null && score.n === 18)).toBe(true);
    expect(report.cv.n).toBe(10 * 18);
    expect(report.segments.reduce((n, segment) => n + segment.scores[0]!.n, 0)).toBe(9 * 18);

    const careful = await train(panel, { ids: kinds, codes }, { minSegmentSeries: 5 });
    expect(new Set(careful.report.segments.map((segment) => segment.chosen))).toEqual(new Set([pooled]));
  });

  test("a single segment and unknown series share one learner", async () => {
    const panel = panelOf(twoKindsOfSeries(4));
    // Alone, the segment would choose the seasonal naive; the unknown series outweigh it.
    const codes = Int32Array.from(panel.series, (id) => (id === "s0" ? 0 : -1));
    const learners = ["seasonal-naive", "pooled-ridge"];
    const growing = panelOf(
      twoKindsOfSeries(4).map((own) =>
        own.id.startsWith("s") && own.id !== "s0"
          ? { ...own, values: own.values.map((value) => value! / 1e6) }
          : own,
      ),
    );
    const { model, report } = await train(growing, { ids: ["only"], codes }, { learners });
    const wmapes = report.segments[0]!.scores.map((score) => score.wmape!);
    expect(wmapes[0]!).toBeLessThan(wmapes[1]!);
    expect(report.segments[0]!.chosen).toBe("pooled-ridge");
    expect(model.chosen).toEqual([model.fallback]);
  });

  test("pairs with one side only are counted as excluded", async () => {
    const series = twoKindsOfSeries(2);
    const end = series[0]!.start + 72;
    const panel = panelOf([
      // No actuals in the last fold, and no history before it.
      { ...series[0]!, id: "ended", values: series[0]!.values.slice(0, 66) },
      { id: "new", start: end - 4, values: [1, 2, 3, 4] },
      ...series,
    ]);
    const { report } = await train(panel, undefined, { folds: 1 });
    expect(report.cv).toMatchObject({ n: 4 * 6, excluded: 6 + 4 });
    expect(report.folds[0]).toMatchObject({ series: 5, pairs: 24 });
  });

  test("naive is scored even where it may not be chosen", async () => {
    const panel = panelOf(twoKindsOfSeries(2));
    const { model, report } = await train(panel, all(panel), { learners: ["pooled-ridge"] });
    expect(report.learners.map((learner) => learner.id)).toEqual(["pooled-ridge"]);
    const both = await train(panel, all(panel), { learners: ["pooled-ridge", "seasonal-naive"] });
    expect(both.report.naive).toEqual(both.report.learnerTotals[1]);
    expect(report.naive).toEqual(both.report.naive);
    expect(report.naive.wmape!).toBeGreaterThan(report.learnerTotals[0]!.wmape!);
    expect(model.learners.map((learner) => learner.id)).toEqual(["pooled-ridge"]);
  });

  test("half-widths are the ⌈(n+1)·level⌉-th scaled CV residual, by lead; unsupported levels are left out", async () => {
    // One series that rises by 1 a month: the seasonal naive is 12 below at every lead, and so is its scale.
    const ramp = { id: "a", start: 0, values: Array.from({ length: 60 }, (_, t) => t + 1) };
    const { model } = await train(panelOf([ramp]), undefined, {
      learners: ["seasonal-naive"],
      folds: 5,
      levels: [0.9, 0.8, 0.5, 0.8],
    });
    expect(model.conformal).toEqual({
      levels: [0.5, 0.8],
      halfWidths: [Array(6).fill(1), Array(6).fill(1)],
      residuals: Array(6).fill(5),
    });
  });

  test("clips at zero only where no training target is negative", async () => {
    const series = twoKindsOfSeries(2);
    expect((await train(panelOf(series))).model.nonNegative).toBe(true);
    const below = series.map((own, i) =>
      i === 0 ? { ...own, values: [-0.5, ...own.values.slice(1)] } : own,
    );
    expect((await train(panelOf(below))).model.nonNegative).toBe(false);
  });

  test.each([
    ["zeros only", [Array(40).fill(0), Array(40).fill(0)]],
    ["one constant", [Array(40).fill(7)]],
    [
      "magnitudes from 1e-9 to 1e12",
      [1e-9, 1, 1e12].map((unit) => Array.from({ length: 40 }, (_, t) => unit * (1 + (t % 12)))),
    ],
    ["a series of one value beside a long one", [[5], Array.from({ length: 40 }, (_, t) => 10 + (t % 7))]],
    ["negative values", [Array.from({ length: 40 }, (_, t) => -100 - (t % 12))]],
    ["alternating signs", [Array.from({ length: 40 }, (_, t) => (-1) ** t * 50)]],
  ])("survives %s", async (_, values) => {
    const ends = (own: number[], i: number) => ({ id: `s${i}`, start: 100 + 40 - own.length, values: own });
    const { model, report } = await train(panelOf(values.map(ends)));
    expect(() => canonicalJson({ model, report })).not.toThrow();
    const history = new Float32Array(values.length * model.context).fill(Number.NaN);
    values.forEach((own, s) => {
      history.set(Float32Array.from(own), (s + 1) * model.context - own.length);
    });
    const { forecast, scale } = forecastRows(model, history, new Int32Array(values.length));
    expect([...forecast, ...scale].every(Number.isFinite)).toBe(true);
    values.forEach((own, s) => {
      const reach = 20 * Math.max(...own.map(Math.abs));
      expect(forecast.subarray(s * 6, s * 6 + 6).every((point) => Math.abs(point) <= reach)).toBe(true);
    });
  });

  test("quarters", async () => {
    const values = Array.from({ length: 40 }, (_, t) => 100 + t + 10 * (t % 4));
    const panel = panelOf([{ id: "q", start: 2010 * 4, values }], {
      frequency: "quarter",
      fiscalYearStart: 1,
    });
    const { model, report } = await train(panel, undefined, { horizon: 4 });
    expect([model.season, model.context, report.folds.map((fold) => `${fold.fold}: ${fold.origin}`)]).toEqual(
      [4, 40, ["1: 2016Q4", "2: 2017Q4", "3: 2018Q4"]],
    );
  });

  test("stops at an abort", async () => {
    const controller = new AbortController();
    const running = trainForecaster(
      panelOf(twoKindsOfSeries(2)),
      2015 * 12 + 71,
      { ids: ["all"], codes: new Int32Array(4) },
      trainOptions(),
      { ...quietControl(), signal: controller.signal, onFold: () => controller.abort(new Error("stop")) },
    );
    await expect(running).rejects.toThrow("stop");
  });
});

describe("contextFor", () => {
  const panel = panelOf([{ id: "a", start: 0, values: [1] }]);
  test.each([
    [null, ["pooled-ridge" as const], 96],
    [60, ["pooled-ridge" as const], 60],
    [61, ["pooled-ridge" as const], 72],
    [12, ["pooled-ridge" as const], 36],
    [null, [{ use: "pooled-ridge" as const, lags: 100 }], 108],
  ])("%s with %j is %i", (context, learners, expected) => {
    expect(contextFor(panel, { context, learners })).toBe(expected);
  });
});
