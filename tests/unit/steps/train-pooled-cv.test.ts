import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FOUR } from "../../../src/forecast/learners/spec.js";
import { ForecastModel } from "../../../src/forecast/model.js";
import { TrainingReport } from "../../../src/kit/artifacts/training.js";
import type { Panel } from "../../../src/panel/panel.js";
import { trainPooledCv } from "../../../steps/train-pooled-cv.js";
import { panelOf } from "../../support/panels.js";
import { readParquet } from "../../support/parquet.js";
import { twoKindsOfSeries } from "../../support/training.js";
import { openBench, smallSegments } from "./forecaster-context.js";

/** The bench's quarter is 2021Q4, its horizon 3: 84 months from 2015-01 end with it. */
const LAST = 2021 * 12 + 11;
const panel = (length = 84) => panelOf(twoKindsOfSeries(3, length), undefined, LAST);
const kinds = ["growing", "seasonal"].map((id) => ({
  id,
  label: id,
  series: 3,
  volumeShare: 0.5,
  centre: [],
}));
const segments = {
  ...smallSegments,
  segments: kinds,
  assignment: Object.fromEntries(
    ["g0", "g1", "g2", "s0", "s1", "s2"].map((id) => [id, id[0] === "g" ? "growing" : "seasonal"]),
  ),
};

async function run(
  input: Panel,
  params: unknown = {},
  options: { segments?: boolean; signal?: AbortSignal } = {},
) {
  const bench = await openBench({ panel: input, segments });
  const inputs = bench.inputs();
  const progress: string[] = [];
  const result = await trainPooledCv.run({
    ...bench.context(
      trainPooledCv.params.parse(params),
      { panel: inputs.panel, segments: options.segments === false ? null : inputs.segments },
      ["model"],
    ),
    progress: (done: number, total: number, label: string) => progress.push(`${done}/${total} ${label}`),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const bytes = (file: string) => readFileSync(join(bench.folder("model"), file));
  const holdout = await readParquet(join(bench.folder("model"), "holdout.parquet"));
  return { ...result, bytes, holdout, progress, warnings: bench.warnings };
}

describe("train-pooled-cv", () => {
  test("writes the model, the report and the holdout of last quarter's cutoff", async () => {
    const { bytes, holdout, progress, warnings, summary, metrics } = await run(panel(), {
      ensemble: "single",
      learners: ["seasonal-naive", "pooled-ridge"],
      minSegmentSeries: 2,
    });
    const model = ForecastModel.parse(JSON.parse(bytes("model.json").toString()));
    const report = TrainingReport.parse(JSON.parse(bytes("training.json").toString()));

    expect(model).toMatchObject({
      frequency: "month",
      horizon: 3,
      context: 96,
      segments: ["growing", "seasonal"],
    });
    expect(report.folds.map((fold) => fold.origin)).toEqual(["2021-03", "2021-06", "2021-09"]);
    expect(report.segments.map((segment) => segment.chosen)).toEqual(["pooled-ridge", "seasonal-naive"]);
    expect(summary).toMatch(
      /^3 folds, CV WMAPE \d+\.\d% \(naive \d+\.\d%\), pooled-ridge chosen in 1 of 2 segments$/,
    );
    expect(metrics).toMatchObject({
      "cv.wmape": { value: report.cv.wmape, n: 54 },
      "cv.mase": { value: report.cv.mase },
      "cv.bias": { value: report.cv.bias },
      "naive.wmape": { value: report.naive.wmape },
      "naive.mase": { value: report.naive.mase },
      folds: { value: 3 },
      series: { value: 6 },
    });
    const levels = report.conformal.levels.map((level) => `cv.coverage.${Math.round(level * 100)}`);
    const declared = Object.keys(trainPooledCv.metrics).filter((name) => name !== "cv.coverage.*");
    expect(Object.keys(metrics!).sort()).toEqual([...declared, ...levels].sort());
    expect(metrics).toMatchObject({
      "cv.coverage.80": {
        value: report.intervals.levels.find(({ level }) => level === 0.8)!.coverage,
        n: 36,
      },
      // 95% takes further origins, which judge the first fold too.
      "cv.coverage.95": { n: 54 },
      "cv.wql": { value: report.intervals.wql, n: 54 },
      "naive.wql": { value: report.intervals.naiveWql, n: 54 },
    });
    expect(progress).toEqual([
      "1/3 fold 1 of 3",
      "2/3 fold 2 of 3",
      "3/3 fold 3 of 3",
      "1/3 holdout fold 1 of 3",
      "2/3 holdout fold 2 of 3",
      "3/3 holdout fold 3 of 3",
    ]);
    expect(warnings).toEqual([]);

    expect(holdout.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "series VARCHAR",
      "period DATE",
      "lead INTEGER",
      "forecast DOUBLE",
      "actual DOUBLE",
      "scale DOUBLE",
    ]);
    const [series, period, lead, forecast, actual, scale] = holdout.map((column) => [...column.values]);
    expect(series).toEqual(["g0", "g1", "g2", "s0", "s1", "s2"].flatMap((id) => [id, id, id]));
    expect(period!.slice(0, 3)).toEqual(["2021-10-01", "2021-11-01", "2021-12-01"]);
    expect(lead!.slice(0, 3)).toEqual([1, 2, 3]);
    // The series of `seasonal` repeat exactly, and their learner is the seasonal naive.
    expect(forecast!.slice(9)).toEqual(actual!.slice(9).map((value) => Math.fround(value as number)));
    // `g` has a seasonal naive error, series that repeat have none.
    expect(scale!.slice(0, 9).every((value) => typeof value === "number" && value > 0)).toBe(true);
    expect(scale!.slice(9).every(Number.isNaN)).toBe(true);
  });

  test("by default takes the mean of four, and says so", async () => {
    const { bytes, summary, metrics } = await run(panel());
    const model = ForecastModel.parse(JSON.parse(bytes("model.json").toString()));
    expect(model.experts.map(({ id }) => id)).toEqual(FOUR);
    expect(model.combination.method).toBe("four");
    expect(summary).toMatch(/^3 folds, CV WMAPE \d+\.\d% \(naive \d+\.\d%\), mean of 4 learners$/);
    expect(metrics!["cv.wmape"]!.value!).toBeLessThan(metrics!["naive.wmape"]!.value!);
  });

  test("hands window, gap and interval groups on to the training", async () => {
    const learners = ["pooled-ridge"];
    const text = async (params: object) => {
      const { bytes } = await run(panel(), { learners, ...params });
      return {
        model: ForecastModel.parse(JSON.parse(bytes("model.json").toString())),
        report: TrainingReport.parse(JSON.parse(bytes("training.json").toString())),
      };
    };
    const plain = await text({});
    expect(plain.model.conformal.halfWidths).toHaveLength(1);
    expect((await text({ intervals: "by-segment" })).model.conformal.halfWidths).toHaveLength(3);
    const window = await text({ window: 48 });
    expect(window.model.experts).not.toEqual(plain.model.experts);
    const gap = await text({ gap: 2 });
    expect(gap.model.experts).toEqual(plain.model.experts);
    expect(gap.report.cv).not.toEqual(plain.report.cv);
  });

  test("the same inputs give the same bytes", async () => {
    const [first, second] = [await run(panel()), await run(panel())];
    for (const file of ["model.json", "training.json", "holdout.parquet"]) {
      expect(second.bytes(file).equals(first.bytes(file))).toBe(true);
    }
  });

  test("without segments there is one", async () => {
    const { bytes, summary } = await run(panel(), {}, { segments: false });
    expect(ForecastModel.parse(JSON.parse(bytes("model.json").toString())).segments).toEqual(["all"]);
    expect(summary).toMatch(/mean of 4 learners$/);
  });

  test("says when history allows fewer folds, and leaves the holdout empty when it allows none before", async () => {
    const values = Array.from({ length: 17 }, (_, t) => 10 + (t % 5));
    const short = panelOf([{ id: "g0", start: LAST - 16, values }]);
    const { holdout, warnings, bytes } = await run(short);
    expect(warnings).toEqual(["history allows 1 of 3 folds"]);
    expect(holdout.map((column) => column.values.length)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(JSON.parse(bytes("training.json").toString()).folds).toHaveLength(1);
  });

  test("says when the context had to grow", async () => {
    const { warnings } = await run(panel(), { context: 20 });
    expect(warnings).toEqual(["the context is 60 periods, not 20: whole seasons that hold every lag"]);
  });

  test("a metric that cannot be measured is null and says why", async () => {
    const zeros = panelOf([{ id: "g0", start: LAST - 59, values: Array(60).fill(0) }]);
    const { metrics, summary } = await run(zeros);
    expect(metrics).toMatchObject({
      "cv.wmape": { value: null, n: 9, why: "actuals-all-zero" },
      "cv.mase": { value: null, n: 9, why: "no-series-varies" },
    });
    expect(summary).toContain("CV WMAPE unknown");
  });

  test("fails with what it needs when one fold is too much", async () => {
    const short = panelOf([{ id: "g0", start: LAST - 9, values: Array(10).fill(1) }]);
    await expect(run(short)).rejects.toMatchObject({
      failure: { code: "forecast.too-short", have: 10, need: 16, horizon: 3 },
    });
  });

  test("stops when the run does", async () => {
    await expect(run(panel(), {}, { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow("stop");
  });
});

describe("parameters", () => {
  const valid = (value: unknown) => trainPooledCv.params.safeParse(value).success;
  test("defaults", () => {
    expect(trainPooledCv.params.parse({})).toEqual({
      folds: 3,
      ensemble: "four",
      gap: 0,
      intervals: "pooled",
      levels: [0.5, 0.8, 0.9, 0.95, 0.98, 0.99],
      minSegmentSeries: 5,
    });
  });
  test.each([
    [{ learners: ["pooled-ridge", { use: "pooled-ridge", lags: 36, lambda: 0.01 }] }, true],
    [{ learners: ["pooled-ridge", "pooled-ridge"] }, false],
    [{ learners: ["pooled-ridge", { use: "pooled-ridge" }] }, false],
    [{ learners: [] }, false],
    [{ learners: ["theta"] }, true],
    [{ learners: ["arima"] }, false],
    [{ ensemble: "five" }, false],
    [{ window: 1 }, false],
    [{ gap: -1 }, false],
    [{ learners: [{ use: "pooled-ridge", lag: 3 }] }, false],
    [{ folds: 0 }, false],
    [{ levels: [1] }, false],
    [{ fold: 3 }, false],
  ])("%j: %s", (value, expected) => expect(valid(value)).toBe(expected));
});
