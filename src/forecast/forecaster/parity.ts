import { fail } from "../../kit/failure.js";
import { forecastQuantiles, forecastRows } from "../interpret.js";
import type { ForecastModel } from "../model.js";
import type { Batch } from "../rows.js";
import type { Forecaster } from "./session.js";

/**
 * Largest difference allowed, relative to the largest of |trainer|, |point forecast| (a bound near zero is a
 * difference of two numbers of that size) and 1% of the series' scale.
 */
const TOLERANCE = 1e-4;
/**
 * Below this share of a series' scale a difference is no longer judged by the size of the forecast: it may be
 * zero.
 */
const FLOOR = 0.01;

/**
 * Runs the graph and the trainer's interpreter on every series and compares forecasts and quantiles.
 * @param series ids of the rows, for the failure
 * @returns the largest relative difference
 * @throws FailureError `forecast.parity` with the first series and lead that differ
 */
export async function checkParity(
  model: ForecastModel,
  forecaster: Forecaster,
  series: readonly string[],
  batch: Batch,
): Promise<number> {
  const { count } = batch;
  const answer = await forecaster.run(batch);
  const trainer = await forecastRows(model, batch);
  const width = model.conformal.levels.length * 2;
  const columns = batch.codes.length / count;
  const bounds = forecastQuantiles(
    model,
    trainer,
    Int32Array.from({ length: count }, (_, row) => batch.codes[row * columns] ?? -1),
  );
  let worst = 0;
  const compare = (row: number, lead: number, expected: number, actual: number): void => {
    if (Number.isNaN(expected) && Number.isNaN(actual)) return;
    const point = trainer.forecast[row * model.horizon + lead]!;
    const unit = Math.max(Math.abs(expected), Math.abs(point), FLOOR * trainer.scale[row]!);
    const difference = Math.abs(actual - expected) / unit;
    if (!(difference <= TOLERANCE)) {
      fail({
        code: "forecast.parity",
        retryable: false,
        series: series[row]!,
        lead: lead + 1,
        trainer: expected,
        graph: actual,
        tolerance: TOLERANCE * unit,
      });
    }
    worst = Math.max(worst, difference);
  };
  for (let s = 0; s < count; s++) {
    for (let h = 0; h < model.horizon; h++) {
      const cell = s * model.horizon + h;
      compare(s, h, trainer.forecast[cell]!, answer.forecast[cell]!);
      for (let q = cell * width; q < (cell + 1) * width; q++) {
        compare(s, h, bounds[q]!, answer.quantiles[q]!);
      }
    }
  }
  return worst;
}
