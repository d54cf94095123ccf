import { periodStart } from "../calendar/period.js";
import { FailureError } from "../kit/failure.js";
import type { Column } from "../panel/column.js";
import { type Panel, targetWindow } from "../panel/panel.js";
import { type CvControl, maseScales } from "./cv.js";
import { forecastRows } from "./interpret.js";
import { panelBatch } from "./panel-batch.js";
import type { SegmentCodes } from "./segment-codes.js";
import { trainForecaster } from "./train.js";
import type { TrainOptions } from "./training-plan.js";

/** One forecast of a period that the forecaster had not seen, in the panel's series order, then by lead. */
export interface HoldoutRow {
  readonly series: string;
  readonly period: number;
  /** 1 is the first period after the origin. */
  readonly lead: number;
  readonly forecast: number;
  readonly actual: number;
  /** MASE denominator of the series up to the origin; null where there is none. */
  readonly scale: number | null;
}

/**
 * What this recipe would have forecast for the periods after `origin`, had it been run then: CV, choice and
 * fit all see the rows up to the origin only, so that it can be compared with forecasts that were really made
 * at that time. Pairs with both sides present. Empty where the history up to the origin is too short to
 * train.
 */
export async function holdoutForecasts(
  panel: Panel,
  origin: number,
  segments: SegmentCodes,
  options: TrainOptions,
  control: CvControl,
): Promise<readonly HoldoutRow[]> {
  const model = await trainForecaster(panel, origin, segments, options, control).then(
    (trained) => trained.model,
    (error: unknown) => {
      if (error instanceof FailureError && error.failure.code === "forecast.too-short") return null;
      throw error;
    },
  );
  if (model === null) return [];
  const { horizon, context } = model;
  const { forecast } = await forecastRows(model, panelBatch(panel, origin, model, segments.codes));
  const actual = targetWindow(panel, origin + horizon, horizon);
  const scales = maseScales({ panel, horizon, context, segments }, origin);
  return panel.series.flatMap((series, s) =>
    Array.from({ length: horizon }, (_, h) => ({
      series,
      period: origin + h + 1,
      lead: h + 1,
      forecast: forecast[s * horizon + h]!,
      actual: actual[s * horizon + h]!,
      scale: scales[s]!,
    })).filter((row) => !Number.isNaN(row.forecast) && !Number.isNaN(row.actual)),
  );
}

/** `holdout.parquet` */
export function holdoutColumns(panel: Panel, rows: readonly HoldoutRow[]): Column[] {
  const doubles = (of: (row: HoldoutRow) => number) => Float64Array.from(rows, of);
  return [
    { name: "series", type: "VARCHAR", values: rows.map((row) => row.series) },
    { name: "period", type: "DATE", values: rows.map((row) => periodStart(row.period, panel.calendar)) },
    { name: "lead", type: "INTEGER", values: Int32Array.from(rows, (row) => row.lead) },
    { name: "forecast", type: "DOUBLE", values: doubles((row) => row.forecast) },
    { name: "actual", type: "DOUBLE", values: doubles((row) => row.actual) },
    { name: "scale", type: "DOUBLE", values: doubles((row) => row.scale ?? Number.NaN) },
  ];
}
