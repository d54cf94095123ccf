import { contextLength, contextPeak, contextScale, fillContext, meanOf } from "./context.js";
import { relevelled } from "./relaunch.js";
import { steadiness } from "./steady.js";

/** Lengths that every row of a forecaster has. */
export interface Shape {
  /** Periods in a year. */
  readonly season: number;
  /** H: periods ahead. */
  readonly horizon: number;
  /** C: periods of history that the forecaster sees; a multiple of the season. */
  readonly context: number;
  /** Steps 0 and 5 of `ForecastModel` for relaunched and steady rows; a model without such rows does not have them. Default: they are done. */
  readonly oddRows?: boolean | undefined;
}

/** What a forecaster is given: one row a series. These are the inputs of the graph. */
export interface Batch {
  readonly count: number;
  /** [N × C], most recent last, NaN where missing. */
  readonly history: Float32Array;
  /** [N], calendar index of the first forecast period (see calendar/period). */
  readonly period: Int32Array;
  /**
   * [N × S], row-major: the segment code, then one code an attribute. −1, or anything that is no code, is
   * unknown.
   */
  readonly codes: Int32Array;
  /** [N × H × K]: known features of the forecast periods; NaN where missing. */
  readonly known: Float32Array;
  /** [N × O]: observed features at the last period of the history; NaN where missing. */
  readonly observed: Float32Array;
}

/** A batch with what every expert asks of it. Steps 1 to 4 of `ForecastModel`. */
export interface Rows extends Batch, Shape {
  /** S: columns of `codes`. */
  readonly columns: number;
  /** [N × C]: the history without holes; zeros in a row without a number. */
  readonly filled: Float64Array;
  /** [N]: periods from the first number to the end; 0 when there is none. */
  readonly length: Int32Array;
  /** [N]: mean of the numbers; 0 when there is none. */
  readonly mean: Float64Array;
  /** [N]: the unit of the series; 1 when there is no number. */
  readonly scale: Float64Array;
  /** [N]: largest number; 0 when there is none. */
  readonly peak: Float64Array;
  /** [N]: the unit of its interval half-widths: the scale, but for a row that never moved. */
  readonly unit: Float64Array;
  /** [N]: what a forecast may be at least and at most; ∓∞ but for steady rows. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Whether any row was relevelled or is steady. */
  readonly isOdd: boolean;
}

/** @throws RangeError when an input has not the length that the shape asks for */
export function prepareRows(batch: Batch, shape: Shape): Rows {
  const { count, history } = batch;
  const { context, season, horizon } = shape;
  if (history.length !== count * context || batch.period.length !== count) {
    throw new RangeError(
      `history has ${history.length} values and period ${batch.period.length}, ${count} rows of ${context} are expected`,
    );
  }
  const filled = new Float64Array(count * context);
  const length = new Int32Array(count);
  const mean = new Float64Array(count);
  const scale = new Float64Array(count).fill(1);
  const peak = new Float64Array(count);
  const unit = new Float64Array(count).fill(1);
  const low = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const high = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const { oddRows = true } = shape;
  let isOdd = false;
  for (let i = 0; i < count; i++) {
    const given = history.subarray(i * context, (i + 1) * context);
    length[i] = contextLength(given);
    if (length[i] === 0) continue;
    const row = oddRows ? relevelled(given, season) : given;
    const own = filled.subarray(i * context, (i + 1) * context);
    fillContext(row, season, own);
    mean[i] = meanOf(row);
    scale[i] = contextScale(row, season);
    unit[i] = scale[i]!;
    peak[i] = contextPeak(row);
    if (row !== given) isOdd = true;
    const steady = oddRows ? steadiness(row, own, shape) : null;
    if (steady === null) continue;
    isOdd = true;
    [unit[i], low[i], high[i]] = [steady.unit ?? scale[i]!, steady.low, steady.high];
  }
  const columns = count === 0 ? 0 : batch.codes.length / count;
  return {
    ...batch,
    season,
    horizon,
    context,
    oddRows,
    columns,
    filled,
    length,
    mean,
    scale,
    peak,
    unit,
    low,
    high,
    isOdd,
  };
}
