import { periodStart } from "../../calendar/period.js";
import { intervalColumns } from "../../kit/artifacts/snapshot.js";
import type { Column } from "../../panel/column.js";
import type { Panel } from "../../panel/panel.js";
import { contextWindow } from "../context.js";
import { quantileProbabilities } from "../model.js";
import type { SeriesSegment } from "./series-state.js";
import { type Forecaster, openForecaster } from "./session.js";
import { shortestFloat32 } from "./shortest.js";

export interface Outlook {
  /** series, period, lead, forecast, lo and hi of each level, segment; sorted by series, then period. */
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly series: number;
  /** Σ forecast. */
  readonly total: number;
  /** Series without a number in the last `inactiveAfter` periods: they have ended, so they get no forecast. */
  readonly inactive: readonly { readonly series: string; readonly lastPeriod: string | null }[];
  /** H: periods after the panel's last one. */
  readonly horizon: number;
  /** How many periods without a number ended a series. */
  readonly inactiveAfter: number;
}

export interface OutlookOptions {
  /** Levels that the forecaster has, rising. */
  readonly available: readonly number[];
  /** The ones to write, rising; each is among `available`. */
  readonly wanted: readonly number[];
  /** Periods at the end of the panel without a number after which a series has ended; null is one season. */
  readonly inactiveAfter: number | null;
}

/**
 * Runs a graph on the last C periods of every series that is still alive at the panel's last period. A
 * series that is alive but stops before the cutoff keeps its place on the calendar: the graph fills the
 * missing end from the year before.
 * @param graph the bytes of `model.onnx`, or its path
 * @throws FailureError `forecast.model-invalid`
 */
export async function outlookOf(
  graph: Uint8Array | string,
  panel: Panel,
  segments: ReadonlyMap<string, SeriesSegment>,
  options: OutlookOptions,
): Promise<Outlook> {
  const forecaster = await openForecaster(graph);
  try {
    return await makeOutlook(forecaster, panel, segments, options);
  } finally {
    await forecaster.close();
  }
}

async function makeOutlook(
  forecaster: Forecaster,
  panel: Panel,
  segments: ReadonlyMap<string, SeriesSegment>,
  options: OutlookOptions,
): Promise<Outlook> {
  const { context, season, horizon } = forecaster.metadata;
  const inactiveAfter = options.inactiveAfter ?? season;
  const window = contextWindow(panel, panel.lastPeriod, context);
  const rowOf = (s: number) => window.subarray(s * context, (s + 1) * context);
  const indexes = panel.series.map((_, s) => s);
  const active = indexes.filter((s) =>
    rowOf(s)
      .subarray(-inactiveAfter)
      .some((value) => !Number.isNaN(value)),
  );
  const alive = new Set(active);

  const history = new Float32Array(active.length * context);
  for (const [row, s] of active.entries()) history.set(rowOf(s), row * context);
  const answer = await forecaster.run({
    rows: active.length,
    history,
    period: new Int32Array(active.length).fill(panel.lastPeriod + 1),
    segment: Int32Array.from(active, (s) => segments.get(panel.series[s]!)?.code ?? -1),
  });
  const forecast = Float64Array.from(answer.forecast, shortestFloat32);
  return {
    columns: outlookColumns({
      series: active.map((s) => panel.series[s]!),
      segments,
      starts: Array.from({ length: horizon }, (_, h) =>
        periodStart(panel.lastPeriod + 1 + h, panel.calendar),
      ),
      forecast,
      intervals: intervals(answer.quantiles, options),
    }),
    rows: forecast.length,
    series: active.length,
    total: forecast.reduce((sum, value) => sum + value, 0),
    inactive: indexes
      .filter((s) => !alive.has(s))
      .map((s) => ({ series: panel.series[s]!, lastPeriod: lastNumber(panel, s) })),
    horizon,
    inactiveAfter,
  };
}

function outlookColumns(table: {
  readonly series: readonly string[];
  readonly segments: ReadonlyMap<string, SeriesSegment>;
  /** First day of each forecast period. */
  readonly starts: readonly string[];
  readonly forecast: Float64Array;
  readonly intervals: readonly Column[];
}): Column[] {
  const { series, starts, segments } = table;
  const each = <T>(cell: (id: string, lead: number) => T): T[] =>
    series.flatMap((id) => starts.map((_, h) => cell(id, h)));
  return [
    { name: "series", type: "VARCHAR", values: each((id) => id) },
    { name: "period", type: "DATE", values: each((_, h) => starts[h]!) },
    { name: "lead", type: "INTEGER", values: Int32Array.from(each((_, h) => h + 1)) },
    { name: "forecast", type: "DOUBLE", values: table.forecast },
    ...table.intervals,
    { name: "segment", type: "VARCHAR", values: each((id) => segments.get(id)?.segment ?? null) },
  ];
}

/** @param quantiles [cells × Q] by the probabilities of the available levels */
function intervals(quantiles: Float32Array, { available, wanted }: OutlookOptions): Column[] {
  const probabilities = quantileProbabilities(available);
  const width = probabilities.length;
  const cells = quantiles.length / width;
  const column = (name: string, q: number): Column => ({
    name,
    type: "DOUBLE",
    values: Float64Array.from({ length: cells }, (_, cell) => shortestFloat32(quantiles[cell * width + q]!)),
  });
  return wanted.flatMap((level) => {
    const { lo, hi } = intervalColumns(level);
    const rank = available.indexOf(level);
    return [column(lo, available.length - 1 - rank), column(hi, available.length + rank)];
  });
}

/** First day of the last period with a number, or null when there is none. */
function lastNumber(panel: Panel, s: number): string | null {
  for (let row = panel.offsets[s + 1]! - 1; row >= panel.offsets[s]!; row--) {
    if (!Number.isNaN(panel.target[row]!)) return periodStart(panel.period[row]!, panel.calendar);
  }
  return null;
}
