import { combine } from "./combine/combine.js";
import { expertForecast } from "./experts/index.js";
import type { Expert } from "./experts/model.js";
import type { ForecastModel } from "./model.js";
import { type Batch, prepareRows, type Rows } from "./rows.js";
import { groupOf } from "./segment-codes.js";

/** Row-major, one row a series. A series without a single number in its context is NaN throughout. */
export interface RowForecasts {
  /** [N × H] */
  readonly forecast: Float64Array;
  /** [N], the unit of the interval half-widths: `Rows.unit`. */
  readonly scale: Float64Array;
}

/** Upper and lower clip of a forecaster. */
export interface Clip {
  readonly nonNegative: boolean;
  readonly clip: number;
}

/**
 * The trainer's interpreter of `model.json`; its steps are those of the doc comment of `ForecastModel`.
 */
export async function forecastRows(model: ForecastModel, batch: Batch): Promise<RowForecasts> {
  const rows = prepareRows(batch, { ...model, oddRows: model.oddRows ?? false });
  const experts: Float64Array[] = [];
  for (const expert of model.experts) experts.push(await clippedForecast(expert, rows, model));
  const forecast = combine(model.combination, experts, rows);
  clipRows(forecast, rows, model);
  blankEmpty(forecast, rows);
  return { forecast, scale: rows.unit };
}

/** Step 5. */
export async function clippedForecast(expert: Expert, rows: Rows, clip: Clip): Promise<Float64Array> {
  const forecast = await expertForecast(expert, rows);
  clipRows(forecast, rows, clip, expert.kind !== "onnx");
  return forecast;
}

/**
 * In place.
 * @param isBounded whether steady rows keep within their bounds; what another program forecasts does not
 */
export function clipRows(
  forecast: Float64Array,
  rows: Rows,
  { nonNegative, clip }: Clip,
  isBounded = true,
): void {
  const { horizon } = rows;
  for (let i = 0; i < rows.count; i++) {
    const [low, high] = [rows.low[i]!, rows.high[i]!];
    if (isBounded && Number.isFinite(high)) {
      for (let cell = i * horizon; cell < (i + 1) * horizon; cell++) {
        forecast[cell] = Math.max(low, Math.min(forecast[cell]!, high));
      }
    }
    if (!nonNegative) continue;
    const ceiling = clip * rows.peak[i]!;
    for (let cell = i * horizon; cell < (i + 1) * horizon; cell++) {
      forecast[cell] = Math.max(0, Math.min(forecast[cell]!, ceiling));
    }
  }
}

/** Rows without a number have no forecast. */
export function blankEmpty(forecast: Float64Array, rows: Rows): void {
  const { horizon } = rows;
  rows.length.forEach((length, i) => {
    if (length === 0) forecast.fill(Number.NaN, i * horizon, (i + 1) * horizon);
  });
}

/**
 * Quantiles [N × H × Q] in the order of `quantileProbabilities(model.conformal.levels)`: lower bounds by
 * falling level, then upper bounds by rising level.
 * @param segment [N], −1 where unknown
 */
export function forecastQuantiles(
  model: Pick<ForecastModel, "conformal" | "horizon" | "nonNegative">,
  rows: RowForecasts,
  segment: Int32Array,
): Float64Array {
  const { halfWidths, levels } = model.conformal;
  const width = levels.length * 2;
  const quantiles = new Float64Array(rows.forecast.length * width);
  const floor = model.nonNegative ? 0 : Number.NEGATIVE_INFINITY;
  rows.forecast.forEach((point, cell) => {
    const lead = cell % model.horizon;
    const row = (cell - lead) / model.horizon;
    const scale = rows.scale[row]!;
    const byLevel =
      halfWidths.length === 1 ? halfWidths[0]! : halfWidths[groupOf(segment[row]!, halfWidths.length)]!;
    byLevel.forEach((byLead, level) => {
      const half = byLead[lead]! * scale;
      quantiles[cell * width + levels.length - 1 - level] = Math.max(point - half, floor);
      quantiles[cell * width + levels.length + level] = Math.max(point + half, floor);
    });
  });
  return quantiles;
}
