import { describe, expect, onTestFinished, test } from "vitest";
import { contextWindow } from "../../../../src/forecast/context.js";
import { checkParity } from "../../../../src/forecast/forecaster/parity.js";
import { openForecaster } from "../../../../src/forecast/forecaster/session.js";
import type { ForecastModel } from "../../../../src/forecast/model.js";
import { emitOnnx } from "../../../../src/forecast/onnx/emit.js";
import { smallBatch, smallModel, smallPanel } from "./support.js";

const panel = smallPanel();
const { series } = panel;
const rows = smallBatch(
  contextWindow(panel, panel.lastPeriod, smallModel.context),
  Int32Array.of(0, 1, 1, 0, -1, 0),
  panel.lastPeriod + 1,
);

/** Compares the interpreter of `smallModel` with the graph of another model. */
async function parityWith(graph: ForecastModel): Promise<number> {
  const forecaster = await openForecaster(emitOnnx(graph, "0.0.0"));
  onTestFinished(() => forecaster.close());
  return checkParity(smallModel, forecaster, series, rows);
}

const changed = (change: (model: ForecastModel) => void): ForecastModel => {
  const model = structuredClone(smallModel);
  change(model);
  return model;
};

describe("parity", () => {
  test("holds to float32 rounding for the same model", async () => {
    expect(await parityWith(smallModel)).toBeLessThan(1e-6);
  });

  test("allows one part in ten thousand and no more", async () => {
    const weight = (by: number) =>
      changed((model) => {
        const naive = model.experts[0]!;
        if (naive.kind === "linear") naive.maps[0]!.weights[1]![1] = 1 + by;
      });
    const worst = await parityWith(weight(0.5e-4));
    expect(worst).toBeGreaterThan(0.4e-4);
    expect(worst).toBeLessThan(0.7e-4);
    await expect(parityWith(weight(2e-4))).rejects.toMatchObject({
      failure: { code: "forecast.parity", series: "a-whole", lead: 2 },
    });
  });

  test("judges a forecast of zero by the scale of its series", async () => {
    // The all-zero series has scale 1: its interval may be off by 1e-6, not by 1e-3.
    const half = (by: number) =>
      changed((model) => {
        for (const byLead of model.conformal.halfWidths[0]!) byLead[2]! *= 1 + by;
      });
    await expect(parityWith(half(1e-7))).resolves.toBeLessThan(1e-4);
    await expect(parityWith(half(1e-3))).rejects.toMatchObject({ failure: { lead: 3 } });
  });

  test("sees other weights for unknown segments", async () => {
    const other = changed((model) => {
      model.combination.weights[2] = [0, 1];
    });
    await expect(parityWith(other)).rejects.toMatchObject({ failure: { series: "e-ended-last-year" } });
  });

  test("sees a number where there should be none", async () => {
    const empty = { ...rows, history: new Float32Array(rows.history.length).fill(Number.NaN) };
    const forecaster = await openForecaster(emitOnnx(smallModel, "0.0.0"));
    onTestFinished(() => forecaster.close());
    expect(await checkParity(smallModel, forecaster, series, empty)).toBe(0);
    const numbers = { ...forecaster, run: () => forecaster.run(rows) };
    await expect(checkParity(smallModel, numbers, series, empty)).rejects.toMatchObject({
      failure: { series: "a-whole", lead: 1, trainer: Number.NaN },
    });
  });
});
