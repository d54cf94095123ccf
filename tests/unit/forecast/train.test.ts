import { describe, expect, test } from "vitest";
import { crossValidate } from "../../../src/forecast/cv.js";
import {
  type BacktestTask,
  backtestLearner,
  CLIP,
  fitLearner,
  rowsAt,
} from "../../../src/forecast/cv-task.js";
import type { Executor } from "../../../src/forecast/executor.js";
import { inlineExecutor } from "../../../src/forecast/inline-executor.js";
import { clippedForecast, forecastRows } from "../../../src/forecast/interpret.js";
import { learnerId } from "../../../src/forecast/learners/index.js";
import { FIVE, FOUR, type LearnerSpec, NAIVE } from "../../../src/forecast/learners/spec.js";
import { ForecastModel } from "../../../src/forecast/model.js";
import { panelBatch } from "../../../src/forecast/panel-batch.js";
import type { SegmentCodes } from "../../../src/forecast/segment-codes.js";
import { trainForecaster } from "../../../src/forecast/train.js";
import { contextFor } from "../../../src/forecast/training-plan.js";
import { TrainingReport } from "../../../src/kit/artifacts/training.js";
import { canonicalJson } from "../../../src/kit/json.js";
import type { Panel } from "../../../src/panel/panel.js";
import { panelOf, type SeriesValues, withFeatures } from "../../support/panels.js";
import { quietControl, trainOptions, twoKindsOfSeries } from "../../support/training.js";

const all = (panel: Panel): SegmentCodes => ({ ids: ["all"], codes: new Int32Array(panel.series.length) });
const byKind = (panel: Panel): SegmentCodes => ({
  ids: ["growing", "seasonal"],
  codes: Int32Array.from(panel.series, (id) => ["g", "s"].indexOf(id[0]!)),
});
const train = (panel: Panel, segments = all(panel), overrides = {}) =>
  trainForecaster(panel, panel.lastPeriod, segments, trainOptions(overrides), quietControl());

const FEW: LearnerSpec[] = ["ets-bank", "pooled-ridge"];

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
  const data = (panel: Panel) => ({ panel, horizon: 6, context: 96, segments: all(panel) });
  const folds = [after - 7, after - 1].map((origin, index) => ({
    number: index + 1,
    origin,
    since: Number.NEGATIVE_INFINITY,
    gap: 0,
    slowFit: index + 1,
  }));

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
    expect(then.map((fold) => fold.clip)).toEqual(before.map((fold) => fold.clip));
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
  /** Ids of the experts that a group takes anything of. */
  const usedBy = ({ experts, combination }: ForecastModel, group: number): string[] =>
    experts.filter((_, k) => combination.weights[group]![k] !== 0).map(({ id }) => id);

  test("`single` chooses per segment what CV says, and beats each learner", async () => {
    const panel = panelOf(twoKindsOfSeries(4));
    const { model, report } = await train(panel, byKind(panel));
    expect(report.segments.map(({ segment, chosen, series }) => [segment, chosen, series])).toEqual([
      ["growing", "pooled-ridge", 4],
      ["seasonal", "seasonal-naive", 4],
    ]);
    expect([usedBy(model, 0), usedBy(model, 1)]).toEqual([["pooled-ridge"], ["seasonal-naive"]]);
    expect(report.ensemble).toMatchObject({ asked: "single", method: "single", residual: 0 });
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
      const batch = panelBatch(panel, origin, model, new Int32Array(panel.series.length));
      const { forecast } = await forecastRows(model, batch);
      const actual = panel.series.flatMap((_, s) => {
        const rows = [...panel.period.subarray(panel.offsets[s], panel.offsets[s + 1])];
        const first = panel.offsets[s]! + rows.indexOf(origin + 1);
        return [...panel.target.subarray(first, first + 6)];
      });
      forecast.forEach((point, cell) => {
        error += Math.abs(point - actual[cell]!);
        volume += Math.abs(actual[cell]!);
      });
    }
    expect(report.cv.wmape).toBeCloseTo(error / volume, 12);
  });

  test("`four` is the plain mean of its experts, and the default ones are the four", async () => {
    const panel = withFeatures(panelOf(twoKindsOfSeries(4)));
    const { model, report } = await train(panel, byKind(panel), { ensemble: "four", learners: null });
    expect(model.experts.map(({ id }) => id)).toEqual(FOUR);
    const quarters = [0.25, 0.25, 0.25, 0.25];
    expect(model.combination).toEqual({
      method: "four",
      weights: [quarters, quarters, quarters],
      residual: null,
    });
    expect(report.segments.map(({ chosen }) => chosen)).toEqual(["four", "four"]);
    expect(report.ensemble).toMatchObject({ asked: "four", method: "four", residual: 0 });
    expect(report.ensemble.weights).toEqual(FOUR.map((learner) => ({ learner, weight: 0.25 })));
    expect(model).toMatchObject({
      attributes: [{ name: "region", levels: ["north", "south"] }],
      known: ["holidays"],
      observed: ["price"],
    });

    const two = await train(panel, byKind(panel), { ensemble: "four" });
    expect(two.model.experts.map(({ id }) => id)).toEqual(["seasonal-naive", "pooled-ridge"]);
    expect(two.model.combination.weights).toEqual([0, 1, 2].map(() => [0.5, 0.5]));
  });

  test.each(["full", "auto"] as const)(
    "`%s` says what it compared and keeps what it uses",
    async (ensemble) => {
      const panel = panelOf(twoKindsOfSeries(6));
      const { model, report } = await train(panel, byKind(panel), { ensemble, learners: null });
      expect(report.learners.map(({ id }) => id)).toEqual(FIVE);
      expect(report.ensemble.asked).toBe(ensemble);
      const compared = report.ensemble.candidates.map(({ learner }) => learner);
      expect(compared).toEqual(ensemble === "full" ? ["full"] : ["four", "full", "single"]);
      expect(compared).toContain(model.combination.method);
      // Origins that weights are learned from are no folds of the report.
      expect(report.folds.map(({ origin }) => origin)).toEqual(["2019-06", "2019-12", "2020-06"]);
      expect(report.cv.n).toBe(3 * panel.series.length * 6);
      for (const { id } of model.experts) expect(FIVE).toContain(id);
      for (const row of model.combination.weights) {
        expect(row).toHaveLength(model.experts.length);
        expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
      }
      expect(report.cv.wmape!).toBeLessThan(report.naive.wmape!);
      const trees = model.experts.filter(({ kind }) => kind === "trees").map(({ id }) => id);
      expect((report.importance ?? []).map(({ learner }) => learner)).toEqual(trees);
      for (const { features } of report.importance ?? []) {
        expect(features.map(({ feature }) => feature)).toContain("lag 12");
        expect(features.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      }
      ForecastModel.parse(JSON.parse(JSON.stringify(model)));
    },
  );

  test.each(["four", "full", "single"] as const)(
    "%s: the same rows give byte-identical models, whatever the order of the tasks and the rows after `last`",
    async (ensemble) => {
      const series = twoKindsOfSeries(3);
      const panel = withFeatures(panelOf(series));
      const last = panel.lastPeriod - 9;
      const cut = withFeatures(panelOf(series.map((own) => ({ ...own, values: own.values.slice(0, -9) }))));
      const wild = {
        ...panel,
        target: panel.target.map((value, row) => (panel.period[row]! > last ? 1e9 * (row % 3) : value)),
        known: { holidays: panel.known.holidays!.map((x, row) => (panel.period[row]! > last ? 1e6 : x)) },
        observed: { price: panel.observed.price!.map((x, row) => (panel.period[row]! > last ? -1e6 : x)) },
      };
      const learners: LearnerSpec[] | null = {
        four: null,
        full: [...FEW, { use: "boosted-trees" as const, trees: 5, leaves: 4, minLeaf: 5 }],
        single: FEW,
      }[ensemble];
      const options = trainOptions({ ensemble, learners });
      const runs = [
        await trainForecaster(cut, last, byKind(cut), options, quietControl()),
        await trainForecaster(cut, last, byKind(cut), options, quietControl(backwards)),
        await trainForecaster(panel, last, byKind(panel), options, quietControl()),
        await trainForecaster(wild, last, byKind(wild), options, quietControl()),
      ];
      const [first, reversed, longer, spiked] = runs.map((trained) => JSON.stringify(trained));
      expect(reversed).toBe(first);
      expect(longer).toBe(first);
      expect(spiked).toBe(first);
      const known = { ...cut, target: cut.target.map((x, row) => (cut.period[row] === last ? 2 * x : x)) };
      const other = await trainForecaster(known, last, byKind(known), options, quietControl());
      expect(JSON.stringify(other)).not.toBe(first);
    },
    60_000,
  );

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
    const [pooled] = usedBy(model, 3);
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
    expect(model.experts.map(({ id }) => id)).toEqual(["pooled-ridge"]);
    expect(model.combination.weights).toEqual([[1], [1]]);
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
    expect(model.experts.map(({ id }) => id)).toEqual(["pooled-ridge"]);
  });

  test("half-widths are the ⌈(n+1)·level⌉-th scaled CV residual, by lead; unsupported levels are left out", async () => {
    // One series that rises by 1 a month: the seasonal naive is 12 below at every lead, and so is its scale.
    const ramp = { id: "a", start: 0, values: Array.from({ length: 60 }, (_, t) => t + 1) };
    const { model } = await train(panelOf([ramp]), undefined, {
      learners: ["seasonal-naive"],
      folds: 5,
      levels: [0.9, 0.6, 0.5, 0.6],
    });
    expect(model.conformal).toEqual({
      levels: [0.5, 0.6],
      halfWidths: [[Array(6).fill(1), Array(6).fill(1)]],
      // Each fold is a horizon older than the next: 1 + 1/2 + 1/4 + 1/8 + 1/16 residuals.
      residuals: [Array(6).fill(1)],
    });
  });

  test("intervals by segment have the widths of their own residuals, and the pool's where those are too few", async () => {
    // Scales are 12 and 24, the naive errs by as much: in units of the scale every residual of a ramp is 1.
    const ramp = (id: string, slope: number) => ({
      id,
      start: 2015 * 12,
      values: Array.from({ length: 60 }, (_, t) => 10 + slope * t),
    });
    const repeated = (id: string) => ({
      id,
      start: 2015 * 12,
      values: Array.from({ length: 60 }, (_, t) => 10 + (t % 12)),
    });
    const rampId = (i: number) => `a${i}`;
    const series = [0, 1, 2, 3].flatMap((i) => [ramp(rampId(i), i + 1), repeated(`b${i}`)]);
    const panel = panelOf([...series, ramp("c", 5)]);
    const ids = ["a", "b", "c"];
    const codes = Int32Array.from(panel.series, (id) => ids.indexOf(id[0]!));
    const options = { learners: ["seasonal-naive" as const], levels: [0.5, 0.8, 0.99] };
    const bySegment = await train(panel, { ids, codes }, { ...options, widthsBySegment: true });
    const pooled = await train(panel, { ids, codes }, options);
    // 9 series in 3 folds, which count 1 + 1/2 + 1/4: 15.75 residuals a lead, 7 in `a` and `b`, 1.75 in `c`, none in unknown segments.
    expect(pooled.model.conformal.residuals).toEqual([Array(6).fill(15)]);
    expect(pooled.model.conformal.halfWidths).toEqual([[Array(6).fill(1), Array(6).fill(1)]]);
    expect(bySegment.model.conformal).toEqual({
      levels: [0.5, 0.8],
      halfWidths: [1, 0, 1, 1].map((width) => [Array(6).fill(width), Array(6).fill(width)]),
      residuals: [7, 7, 15, 15].map((n) => Array(6).fill(n)),
    });
    expect(bySegment.report.conformal).toEqual(pooled.report.conformal);
    // Another one of the pool's residuals must not move the widths of `b`.
    const alone = await train(panel, all(panel), { ...options, widthsBySegment: true });
    expect(alone.model.conformal.halfWidths).toHaveLength(1);
  });

  test("a sliding window trains on its periods alone", async () => {
    const series = twoKindsOfSeries(3);
    const panel = panelOf(series);
    const old = panelOf(
      series.map((own) => ({ ...own, values: own.values.map((v, t) => (t < 24 ? 3 * v! + t : v)) })),
    );
    const options = { learners: ["pooled-ridge" as const, "centred-ridge" as const], context: 48, folds: 1 };
    const experts = async (of: Panel, window: number | null) =>
      (await train(of, all(of), { ...options, ensemble: "four", window })).model.experts;
    // 72 periods: the last 48 begin with the 25th.
    expect(await experts(old, 48)).toEqual(await experts(panel, 48));
    expect(await experts(old, 49)).not.toEqual(await experts(panel, 49));
    expect(await experts(old, null)).not.toEqual(await experts(panel, null));
    const recent = panelOf(
      series.map((own) => ({ ...own, start: own.start + 24, values: own.values.slice(24) })),
    );
    expect(await experts(panel, 48)).toEqual(await experts(recent, null));
  });

  test("a gap hides the last targets from the fit, and not from the forecast", async () => {
    const panel = panelOf(twoKindsOfSeries(3));
    const data = { panel, horizon: 6, context: 48, segments: all(panel) };
    const origin = panel.lastPeriod - 6;
    const task = { origin, since: Number.NEGATIVE_INFINITY, gap: 3, learner: "pooled-ridge" as const };
    expect(fitLearner(data, task)).toEqual(fitLearner(data, { ...task, origin: origin - 3, gap: 0 }));
    expect(fitLearner(data, task)).not.toEqual(fitLearner(data, { ...task, gap: 0 }));
    const expert = fitLearner(data, task);
    expect(await backtestLearner(data, { ...task, origins: [origin] })).toEqual([
      await clippedForecast(expert, rowsAt(data, origin), { nonNegative: true, clip: CLIP }),
    ]);
    // What is used in the end has seen everything.
    const fitted = await train(panel, all(panel), { learners: ["pooled-ridge"], gap: 3, context: 48 });
    const plain = await train(panel, all(panel), { learners: ["pooled-ridge"], gap: 0, context: 48 });
    expect(fitted.model.experts).toEqual(plain.model.experts);
    expect(fitted.report.cv).not.toEqual(plain.report.cv);
  });

  test("all learners have the same folds", async () => {
    const panel = panelOf(twoKindsOfSeries(3));
    const seen = new Map<string, { origins: number[]; since: Set<number> }>();
    const watched: Executor = {
      runAll: (job, control) => {
        for (const task of job.kind === "backtest" ? (job.tasks as readonly BacktestTask[]) : []) {
          const id = learnerId(task.learner);
          const own = seen.get(id) ?? { origins: [], since: new Set() };
          seen.set(id, own);
          own.origins.push(...task.origins);
          // The fit has seen nothing after what it forecasts from, and the window that the runbook says.
          expect(Math.min(...task.origins)).toBe(task.origin);
          own.since.add(task.origin - task.gap - task.since + 1);
        }
        return inlineExecutor.runAll(job, control);
      },
    };
    const options = trainOptions({ ensemble: "full", learners: null, window: 40, gap: 1 });
    await trainForecaster(panel, panel.lastPeriod, all(panel), options, quietControl(watched));
    expect([...seen.keys()].sort()).toEqual([...FIVE, NAIVE].sort());
    // Every second month, seven back: what is scored every sixth is among them.
    const expected = [0, 2, 4, 6, 8, 10, 12].map((back) => panel.lastPeriod - 6 - back);
    for (const { origins, since } of seen.values()) {
      expect(origins.sort((x, y) => y - x)).toEqual(expected);
      expect([...since]).toEqual([40]);
    }
  });

  test("ragged starts and short series are forecast, and scored where they have actuals", async () => {
    const series = twoKindsOfSeries(3);
    const end = series[0]!.start + 72;
    const late = [3, 8, 14, 30].map((n) => ({
      id: `young${n}`,
      start: end - n,
      values: Array.from({ length: n }, (_, t) => 40 + ((t * 5) % 7)),
    }));
    const panel = panelOf([...series, ...late]);
    const { model, report } = await train(panel, all(panel), { ensemble: "four", learners: null });
    // Origins 18, 12 and 6 months before the end: 7, 8 and 9 series have a history there.
    expect(report.cv.n).toBe(6 * (7 + 8 + 9));
    // The ones that begin within a window have actuals there and no forecast.
    expect(report.cv.excluded).toBe(2 + 2 + 3);
    const batch = panelBatch(panel, panel.lastPeriod, model, new Int32Array(panel.series.length));
    const { forecast } = await forecastRows(model, batch);
    expect(forecast.every((point) => Number.isFinite(point) && point >= 0)).toBe(true);
    panel.series.forEach((id, s) => {
      if (!id.startsWith("young")) return;
      for (const point of forecast.subarray(s * 6, s * 6 + 6)) expect(point).toBeLessThanOrEqual(3 * 46);
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
    const panel = panelOf(values.map(ends));
    const { model, report } = await train(panel, all(panel), { ensemble: "four", learners: null });
    expect(() => canonicalJson({ model, report })).not.toThrow();
    const batch = panelBatch(panel, panel.lastPeriod, model, new Int32Array(values.length));
    const { forecast, scale } = await forecastRows(model, batch);
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
    expect(contextFor(panel, { context, learners, ensemble: "four" })).toBe(expected);
  });
});
