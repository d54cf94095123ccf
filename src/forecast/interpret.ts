import { contextLength, contextPeak, contextScale, fillContext } from "./context.js";
import type { ForecastModel } from "./model.js";

export type LinearMap = ForecastModel["learners"][number]["maps"][number];

/** The part of a model that makes point forecasts. */
export type PointModel = Pick<
  ForecastModel,
  "season" | "horizon" | "context" | "nonNegative" | "clip" | "learners" | "chosen" | "fallback"
>;

/** Row-major, one row a series. A series without a single number in its context is NaN throughout. */
export interface RowForecasts {
  /** [N × H] */
  readonly forecast: Float64Array;
  /** [N], the unit of the interval half-widths. */
  readonly scale: Float64Array;
}

/**
 * The trainer's interpreter of `model.json`; its steps are those of the doc comment of `ForecastModel`.
 * @param history [N × context], row-major, most recent last, NaN where missing
 * @param segmentCodes [N], index into `model.segments`, −1 where the segment is unknown
 */
export function forecastRows(
  model: PointModel,
  history: Float32Array,
  segmentCodes: Int32Array,
): RowForecasts {
  const rows = segmentCodes.length;
  const { context, horizon, season } = model;
  if (history.length !== rows * context) {
    throw new RangeError(`history has ${history.length} values, ${rows} rows of ${context} are expected`);
  }
  const forecast = new Float64Array(rows * horizon);
  const scale = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = history.subarray(i * context, (i + 1) * context);
    const length = contextLength(row);
    const out = forecast.subarray(i * horizon, (i + 1) * horizon);
    scale[i] = contextScale(row, season);
    if (length === 0) {
      out.fill(Number.NaN);
      continue;
    }
    applyMap(selectMap(model, segmentCodes[i]!, length), fillContext(row, season), out);
    if (model.nonNegative) clipTo(out, model.clip * contextPeak(row));
  }
  return { forecast, scale };
}

/**
 * Quantiles [N × H × Q] in the order of `quantileProbabilities(model.conformal.levels)`: lower bounds by
 * falling level, then upper bounds by rising level.
 */
export function forecastQuantiles(model: ForecastModel, rows: RowForecasts): Float64Array {
  const { halfWidths } = model.conformal;
  const width = halfWidths.length * 2;
  const quantiles = new Float64Array(rows.forecast.length * width);
  const floor = model.nonNegative ? 0 : Number.NEGATIVE_INFINITY;
  rows.forecast.forEach((point, cell) => {
    const lead = cell % model.horizon;
    const scale = rows.scale[(cell - lead) / model.horizon]!;
    halfWidths.forEach((byLead, level) => {
      const half = byLead[lead]! * scale;
      quantiles[cell * width + halfWidths.length - 1 - level] = Math.max(point - half, floor);
      quantiles[cell * width + halfWidths.length + level] = Math.max(point + half, floor);
    });
  });
  return quantiles;
}

function selectMap(model: PointModel, segment: number, length: number): LinearMap {
  const learner = model.learners[segment < 0 ? model.fallback : model.chosen[segment]!]!;
  const map = learner.maps.find((candidate) => candidate.minLength <= length);
  if (map === undefined) throw new RangeError(`learner ${learner.id} has no map for ${length} periods`);
  return map;
}

function applyMap(map: LinearMap, filled: Float64Array, out: Float64Array): void {
  const first = filled.length - map.lags;
  out.fill(0);
  for (let k = 0; k < map.lags; k++) {
    const value = filled[first + k]!;
    const weights = map.weights[k]!;
    for (let h = 0; h < out.length; h++) out[h]! += value * weights[h]!;
  }
}

function clipTo(out: Float64Array, ceiling: number): void {
  for (let h = 0; h < out.length; h++) out[h] = Math.max(0, Math.min(out[h]!, ceiling));
}
