import { describe, expect, test } from "vitest";
import { championForecasts } from "../../../../src/forecast/champion/score.js";
import { contextWindow } from "../../../../src/forecast/context.js";
import type { ForecasterDescriptor } from "../../../../src/forecast/forecaster/descriptor.js";
import { forecastRows } from "../../../../src/forecast/interpret.js";
import type { ForecastModel } from "../../../../src/forecast/model.js";
import { emitOnnx } from "../../../../src/forecast/onnx/emit.js";
import { smallBatch, smallModel, smallPanel, smallTraining } from "../forecaster/support.js";

const descriptor = (model: ForecastModel): ForecasterDescriptor => ({
  format: 2,
  model: "room-demand",
  quarter: "2021Q2",
  cutoff: "2021-06-30",
  frequency: model.frequency,
  fiscalYearStart: 1,
  season: model.season,
  horizon: model.horizon,
  context: model.context,
  first: { period: 2021 * 12 + 6, start: "2021-07-01" },
  levels: model.conformal.levels,
  residuals: model.conformal.residuals[0]!,
  inputs: { attributes: model.attributes, known: model.known, observed: model.observed },
  method: "single",
  experts: [],
  reconciliation: null,
  quantileProbabilities: [],
  segments: model.segments.map((segment, code) => ({ code, segment, learner: "naive" })),
  fallback: "naive",
  columns: { series: "id", time: "month", target: "rooms", attributes: [], known: [], observed: [] },
  cv: smallTraining.cv,
  naive: smallTraining.naive,
  series: 6,
  data: "sha256:0",
  retrain: "0.1.0",
});

const panel = smallPanel();
const origin = panel.lastPeriod - 3;
const segments: Readonly<Record<string, string>> = {
  "a-whole": "south",
  "c-gaps": "north",
  "f-zero": "gone",
};
const segmentOf = (series: string) => segments[series] ?? null;

const ask = (changes: Partial<Parameters<typeof championForecasts>[0]> = {}) =>
  championForecasts({
    model: emitOnnx(smallModel, "0.1.0"),
    descriptor: JSON.stringify(descriptor(smallModel)),
    panel,
    segmentOf,
    origin,
    periods: 3,
    ...changes,
  });

describe("the champion", () => {
  test("forecasts what its own trainer would have, from the history up to the origin", async () => {
    const codes = Int32Array.from(panel.series, (id) => smallModel.segments.indexOf(segmentOf(id) ?? ""));
    const { forecast } = await forecastRows(
      smallModel,
      smallBatch(contextWindow(panel, origin, smallModel.context), codes, origin + 1),
    );
    const expected = panel.series.flatMap((series, s) =>
      [0, 1, 2].map((lead) => ({ series, period: origin + 1 + lead, forecast: forecast[s * 3 + lead]! })),
    );
    const result = await ask();
    const rows = result.ok ? result.value : [];
    expect(rows.map(({ series, period }) => [series, period])).toEqual(
      expected.filter((row) => !Number.isNaN(row.forecast)).map(({ series, period }) => [series, period]),
    );
    for (const row of rows) {
      const match = expected.find((other) => other.series === row.series && other.period === row.period);
      expect(row.forecast).toBeCloseTo(match?.forecast ?? Number.NaN, 3);
    }
    // The two experts differ, so a wrong segment code would show.
    const whole = rows.filter((row) => row.series === "a-whole").map((row) => row.forecast);
    expect(new Set(whole).size).toBe(1);
  });

  test("takes the last weights for a segment that it does not know", async () => {
    const means = async (model: ForecastModel) => {
      const result = await ask({ model: emitOnnx(model, "0.1.0") });
      const rows = result.ok ? result.value.filter((row) => row.series === "e-ended-last-year") : [];
      return new Set(rows.map((row) => row.forecast)).size;
    };
    expect(segmentOf("e-ended-last-year")).toBeNull();
    expect(await means(smallModel)).toBeGreaterThan(1);
    const weights = [...smallModel.combination.weights.slice(0, 2), [0, 1]];
    const other = { ...smallModel, combination: { ...smallModel.combination, weights } };
    expect(await means(other)).toBe(1);
  });

  test("does not see what happened after the origin", async () => {
    const target = Float64Array.from(panel.target, (value, row) =>
      panel.period[row]! > origin ? value + 1000 : value,
    );
    expect(await ask({ panel: { ...panel, target } })).toEqual(await ask());
  });

  test("is asked for fewer periods than its horizon", async () => {
    const [all, two] = [await ask(), await ask({ periods: 2 })];
    const firstTwo = all.ok ? all.value.filter((row) => row.period <= origin + 2) : [];
    expect(two).toEqual({ ok: true, value: firstTwo });
  });

  test("has no row for a series without history at the origin", async () => {
    const result = await ask({ origin: panel.lastPeriod - 5 });
    const ids = new Set(result.ok ? result.value.map((row) => row.series) : []);
    expect(ids).toEqual(new Set(["a-whole", "c-gaps", "d-ended-in-may", "e-ended-last-year", "f-zero"]));
  });

  test("says why it cannot be compared", async () => {
    expect(await ask({ periods: 4 })).toEqual({ ok: false, error: "champion-horizon" });
    const quarterly = { ...panel, calendar: { frequency: "quarter", fiscalYearStart: 1 } as const };
    expect(await ask({ panel: quarterly })).toEqual({ ok: false, error: "champion-frequency" });
  });

  test("cannot be compared over quarters of another phase", async () => {
    const model: ForecastModel = { ...smallModel, frequency: "quarter" };
    const quarters = (fiscalYearStart: number) =>
      ask({
        model: emitOnnx(model, "0.1.0"),
        descriptor: JSON.stringify(descriptor(model)),
        panel: { ...panel, calendar: { frequency: "quarter", fiscalYearStart } },
      });
    expect(await quarters(2)).toEqual({ ok: false, error: "champion-frequency" });
    expect((await quarters(4)).ok).toBe(true);
  });

  test("that is not one of ours is named as such", async () => {
    await expect(ask({ descriptor: "{}" })).rejects.toMatchObject({
      failure: { code: "forecast.model-invalid", file: "forecaster.json" },
    });
    await expect(ask({ model: new Uint8Array([1, 2, 3]) })).rejects.toMatchObject({
      failure: { code: "forecast.model-invalid", file: "model.onnx" },
    });
  });
});
