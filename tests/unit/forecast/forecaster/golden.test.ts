import { describe, expect, test } from "vitest";
import { checkGolden, Golden, goldenOf } from "../../../../src/forecast/forecaster/golden.js";
import { openForecaster } from "../../../../src/forecast/forecaster/session.js";
import type { ForecastModel } from "../../../../src/forecast/model.js";
import { emitOnnx } from "../../../../src/forecast/onnx/emit.js";
import { panelBatch } from "../../../../src/forecast/panel-batch.js";
import { smallModel, smallPanel } from "./support.js";

const graphOf = (model: ForecastModel) => emitOnnx(model, "0.1.0");

async function golden(): Promise<Golden> {
  const panel = smallPanel();
  const forecaster = await openForecaster(graphOf(smallModel));
  try {
    const segment = Int32Array.from(panel.series, (_, s) => s % 2);
    const batch = panelBatch(panel, panel.lastPeriod, forecaster.metadata, segment);
    return Golden.parse(JSON.parse(JSON.stringify(await goldenOf(forecaster, panel.series, batch))));
  } finally {
    await forecaster.close();
  }
}

describe("golden predictions", () => {
  test("hold series with numbers, and the graph that made them answers the same", async () => {
    const made = await golden();
    expect(made.series).toContain("a-whole");
    expect(made.forecast).toHaveLength(made.series.length * smallModel.horizon);
    expect(made.quantiles).toHaveLength(made.series.length * smallModel.horizon * 6);
    const { length } = made.series;
    expect(await checkGolden(graphOf(smallModel), made)).toEqual({
      series: length,
      maxRelative: 0,
      differs: null,
    });
  });

  test.each([
    ["1 ± 9e-7 is the same", 9e-7, false],
    ["1 ± 2e-6 is another", 2e-6, true],
    ["a number that is missing is another", Number.NaN, true],
  ])("%s", async (_name, by, isOther) => {
    const made = await golden();
    const cell = 4;
    const was = made.forecast[cell]!;
    made.forecast[cell] = Number.isNaN(by) ? null : was * (1 + by);
    const { differs } = await checkGolden(graphOf(smallModel), made);
    const expected = { series: made.series[1], lead: 2, expected: made.forecast[cell] };
    if (isOther) expect(differs).toMatchObject(expected);
    else expect(differs).toBeNull();
  });

  test("a bound is told by its lead", async () => {
    const made = await golden();
    made.quantiles[6 * smallModel.horizon + 6 * 2 + 1]! += 1;
    expect((await checkGolden(graphOf(smallModel), made)).differs).toMatchObject({
      series: made.series[1],
      lead: 3,
    });
  });

  test("another model's graph answers something else", async () => {
    const [halfWidths] = smallModel.conformal.halfWidths;
    const wider = {
      ...smallModel.conformal,
      halfWidths: [halfWidths!.map((row) => row.map((w) => w * 1.001))],
    };
    const { differs } = await checkGolden(graphOf({ ...smallModel, conformal: wider }), await golden());
    expect(differs).not.toBeNull();
  });
});
