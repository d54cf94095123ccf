import { describe, expect, test } from "vitest";
import type { CvControl } from "../../../src/forecast/cv.js";
import type { Executor } from "../../../src/forecast/executor.js";
import { holdoutForecasts } from "../../../src/forecast/holdout.js";
import { forecastRows } from "../../../src/forecast/interpret.js";
import { panelBatch } from "../../../src/forecast/panel-batch.js";
import { trainForecaster } from "../../../src/forecast/train.js";
import { fail } from "../../../src/kit/failure.js";
import { panelOf, type SeriesValues } from "../../support/panels.js";
import { quietControl, trainOptions, twoKindsOfSeries } from "../../support/training.js";

const all = (series: readonly string[]) => ({ ids: ["all"], codes: new Int32Array(series.length) });
const ORIGIN = 2015 * 12 + 71 - 3;
const holdout = (series: SeriesValues[], origin = ORIGIN) => {
  const panel = panelOf(series);
  return holdoutForecasts(panel, origin, all(panel.series), trainOptions(), quietControl());
};

describe("holdoutForecasts", () => {
  test("scores the periods after the origin that have an actual, series by series", async () => {
    const series = twoKindsOfSeries(2);
    const rows = await holdout(series);
    expect(rows.map(({ series: id, period, lead }) => [id, period - ORIGIN, lead])).toEqual(
      ["g0", "g1", "s0", "s1"].flatMap((id) => [1, 2, 3].map((lead) => [id, lead, lead])),
    );
    const s0 = series.find((own) => own.id === "s0")!;
    expect(rows.filter((row) => row.series === "s0").map((row) => row.actual)).toEqual(s0.values.slice(-3));
  });

  test("equals the recipe run on a panel that ends at the origin", async () => {
    const series = twoKindsOfSeries(3);
    const cut = panelOf(series.map((own) => ({ ...own, values: own.values.slice(0, -3) })));
    const { model } = await trainForecaster(cut, ORIGIN, all(cut.series), trainOptions(), quietControl());
    const { forecast } = await forecastRows(
      model,
      panelBatch(cut, ORIGIN, model, new Int32Array(cut.series.length)),
    );
    const expected = cut.series.flatMap((_, s) => [...forecast.subarray(s * 6, s * 6 + 3)]);
    expect((await holdout(series)).map((row) => row.forecast)).toEqual(expected);
  });

  test("forecasts, choice and scale do not move when the quarter does", async () => {
    const series = twoKindsOfSeries(3);
    const changed = series.map((own) => ({
      ...own,
      values: own.values.map((value, t) => (t < 69 ? value : -1e6)),
    }));
    const unseen = (rows: Awaited<ReturnType<typeof holdout>>) =>
      rows.map(({ series: id, lead, forecast, scale }) => ({ id, lead, forecast, scale }));
    expect(unseen(await holdout(changed))).toEqual(unseen(await holdout(series)));
  });

  test("the scale is the seasonal naive error up to the origin, and null where there is none", async () => {
    const start = 2015 * 12;
    const rows = await holdout([
      ...twoKindsOfSeries(1),
      { id: "flat", start, values: Array(72).fill(4) },
      { id: "ramp", start, values: Array.from({ length: 72 }, (_, t) => 2 * t) },
      { id: "young", start: ORIGIN, values: [1, 2, 3, 4] },
    ]);
    const scaleOf = (id: string) => rows.find((row) => row.series === id)!.scale;
    expect([scaleOf("flat"), scaleOf("ramp"), scaleOf("young")]).toEqual([null, 24, null]);
  });

  test("is empty where the history before the origin is too short, and passes other errors on", async () => {
    expect(await holdout(twoKindsOfSeries(2), 2015 * 12 + 17)).toEqual([]);
    const panel = panelOf(twoKindsOfSeries(2));
    const aborted = { ...quietControl(), signal: AbortSignal.abort(new Error("stop")) };
    const attempt = (control: CvControl) =>
      holdoutForecasts(panel, ORIGIN, all(panel.series), trainOptions(), control);
    await expect(attempt(aborted)).rejects.toThrow("stop");
    const broken: Executor = {
      runAll: () => fail({ code: "usage.invalid", retryable: false, message: "no", next: null }),
    };
    await expect(attempt(quietControl(broken))).rejects.toThrow("usage.invalid");
  });
});
