import type { Calendar } from "../../calendar/period.js";
import { fail } from "../../kit/failure.js";
import { err, ok, type Result } from "../../kit/result.js";
import type { Panel } from "../../panel/panel.js";
import { ForecasterDescriptor } from "../forecaster/descriptor.js";
import { openForecaster } from "../forecaster/session.js";
import { panelBatch } from "../panel-batch.js";
import type { ForecastRow } from "./compare.js";

export interface ChampionForecastRequest {
  /** Bytes of the champion's `model.onnx`. */
  readonly model: Uint8Array;
  /** Text of the champion's `forecaster.json`. */
  readonly descriptor: string;
  readonly panel: Panel;
  /** Segment id of a series as of now; ids are stable from quarter to quarter. Null where it is unknown. */
  readonly segmentOf: (series: string) => string | null;
  /** Last period that the champion may see. */
  readonly origin: number;
  /** How many periods after the origin to forecast. */
  readonly periods: number;
}

/** Why a champion cannot forecast what it was asked for. */
export type ChampionUnfit = "champion-frequency" | "champion-horizon";

/**
 * Forecasts of the champion's own graph for every series of the panel, as if it were called at `origin`. Rows are in the panel's
 * series order, then by period; a series without a number in the champion's context has none.
 * @throws FailureError `forecast.model-invalid` when the graph or the descriptor is not one of ours
 */
export async function championForecasts(
  request: ChampionForecastRequest,
): Promise<Result<readonly ForecastRow[], ChampionUnfit>> {
  const { panel, origin, periods } = request;
  const descriptor = parseDescriptor(request.descriptor);
  const { horizon } = descriptor;
  if (!hasPeriodsOf(panel.calendar, descriptor)) return err("champion-frequency");
  if (horizon < periods) return err("champion-horizon");

  const codes = new Map(descriptor.segments.map(({ segment, code }) => [segment, code]));
  const forecaster = await openForecaster(request.model);
  try {
    const segment = Int32Array.from(panel.series, (id) => codes.get(request.segmentOf(id) ?? "") ?? -1);
    const batch = panelBatch(panel, origin, forecaster.metadata, segment);
    const { forecast } = await forecaster.run(batch);
    return ok(
      panel.series.flatMap((series, s) =>
        Array.from({ length: periods }, (_, lead) => ({
          series,
          period: origin + 1 + lead,
          forecast: forecast[s * horizon + lead]!,
        })).filter((row) => Number.isFinite(row.forecast)),
      ),
    );
  } finally {
    await forecaster.close();
  }
}

/** Whether a period of the forecaster is a period of the calendar: months, or quarters that start in the same months. */
export function hasPeriodsOf(
  calendar: Calendar,
  { frequency, fiscalYearStart }: Pick<ForecasterDescriptor, "frequency" | "fiscalYearStart">,
): boolean {
  const phase = (start: number) => (frequency === "quarter" ? (start - 1) % 3 : 0);
  return frequency === calendar.frequency && phase(fiscalYearStart) === phase(calendar.fiscalYearStart);
}

/** @throws FailureError `forecast.model-invalid` when the text is not a descriptor of ours */
export function parseDescriptor(text: string): ForecasterDescriptor {
  try {
    return ForecasterDescriptor.parse(JSON.parse(text));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return fail({ code: "forecast.model-invalid", retryable: false, file: "forecaster.json", detail }, error);
  }
}
