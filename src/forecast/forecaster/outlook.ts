import { periodStart } from "../../calendar/period.js";
import { intervalColumns } from "../../kit/artifacts/snapshot.js";
import type { Column } from "../../panel/column.js";
import type { Panel } from "../../panel/panel.js";
import { quantileProbabilities } from "../model.js";
import { type InputColumns, panelBatch, takeRows } from "../panel-batch.js";
import { levelColumns } from "../reconcile/level-columns.js";
import type { Reconciliation } from "../reconcile/model.js";
import { reconcileOutlook } from "../reconcile/outlook.js";
import type { Batch } from "../rows.js";
import type { SeriesSegment } from "./series-state.js";
import { type ForecastAnswer, type Forecaster, openForecaster } from "./session.js";
import { shortestFloat32 } from "./shortest.js";

export interface Outlook {
  /** series, period, lead, forecast, lo and hi of each level, segment; sorted by series, then period. */
  readonly columns: readonly Column[];
  /** The sums of the forecasts, level by level (see `levelColumns`); null without a reconciliation. */
  readonly levels: readonly Column[] | null;
  readonly rows: number;
  readonly series: number;
  /** Σ forecast. */
  readonly total: number;
  /** Series without a number in the last `inactiveAfter` periods: they have ended, so they get no forecast. */
  readonly inactive: readonly { readonly series: string; readonly lastPeriod: string | null }[];
  /** Known features that some forecast lacks in some period ahead, where their average effect stands in. */
  readonly missingAhead: readonly MissingAhead[];
  /** H: periods after the panel's last one. */
  readonly horizon: number;
  /** How many periods without a number ended a series. */
  readonly inactiveAfter: number;
}

export interface MissingAhead {
  readonly feature: string;
  /** Periods ahead without a value in at least one series, and series without a value in at least one of them. */
  readonly periods: number;
  readonly series: number;
}

export interface OutlookOptions {
  /** Levels that the forecaster has, rising. */
  readonly available: readonly number[];
  /** The ones to write, rising; each is among `available`. */
  readonly wanted: readonly number[];
  /** Periods at the end of the panel without a number after which a series has ended; null is one season. */
  readonly inactiveAfter: number | null;
  /** Absent: every series is what the graph says of it. */
  readonly reconciliation?: Reconciliation | null;
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
  const batch = panelBatch(
    panel,
    panel.lastPeriod,
    forecaster.metadata,
    Int32Array.from(panel.series, (id) => segments.get(id)?.code ?? -1),
  );
  const rowOf = (s: number) => batch.history.subarray(s * context, (s + 1) * context);
  const indexes = panel.series.map((_, s) => s);
  const active = indexes.filter((s) =>
    rowOf(s)
      .subarray(-inactiveAfter)
      .some((value) => !Number.isNaN(value)),
  );
  const alive = new Set(active);

  const living = takeRows(batch, active);
  const answer = await forecaster.run(living);
  const starts = Array.from({ length: horizon }, (_, h) =>
    periodStart(panel.lastPeriod + 1 + h, panel.calendar),
  );
  const { point, floor, levels } = await reconciled(
    { panel, forecaster, batch, active, answer, starts },
    options,
  );
  const forecast = Float64Array.from(point, printed);
  return {
    columns: outlookColumns({
      series: active.map((s) => panel.series[s]!),
      segments,
      starts,
      forecast,
      intervals: intervals(answer.quantiles, (cell) => point[cell]! - answer.forecast[cell]!, floor, options),
    }),
    levels,
    rows: forecast.length,
    series: active.length,
    total: forecast.reduce((sum, value) => sum + value, 0),
    inactive: indexes
      .filter((s) => !alive.has(s))
      .map((s) => ({ series: panel.series[s]!, lastPeriod: lastNumber(panel, s) })),
    missingAhead: missingAhead(living, forecaster.metadata),
    horizon,
    inactiveAfter,
  };
}

interface GraphForecast {
  readonly panel: Panel;
  readonly forecaster: Forecaster;
  /** Every series of the panel. */
  readonly batch: Batch;
  /** Which of them are alive, and the graph's answer on these. */
  readonly active: readonly number[];
  readonly answer: ForecastAnswer;
  /** First day of each forecast period. */
  readonly starts: readonly string[];
}

/** What the outlook says of the living series, and below which no bound may be. */
interface Reconciled {
  readonly point: Float32Array | Float64Array;
  readonly floor: number;
  readonly levels: readonly Column[] | null;
}

async function reconciled(
  { panel, forecaster, batch, active, answer, starts }: GraphForecast,
  { reconciliation = null }: OutlookOptions,
): Promise<Reconciled> {
  if (reconciliation === null)
    return { point: answer.forecast, floor: Number.NEGATIVE_INFINITY, levels: null };
  const { season, horizon } = forecaster.metadata;
  const living = new Uint8Array(panel.series.length);
  const all = new Float64Array(panel.series.length * horizon).fill(Number.NaN);
  active.forEach((s, i) => {
    living[s] = 1;
    all.set(answer.forecast.subarray(i * horizon, (i + 1) * horizon), s * horizon);
  });
  const { hierarchy, forecast } = await reconcileOutlook(
    { panel, season, horizon, batch, living, forecast: all, run: (sums) => forecaster.run(sums) },
    reconciliation,
  );
  const point = new Float64Array(answer.forecast.length);
  active.forEach((s, i) => {
    point.set(forecast.subarray(s * horizon, (s + 1) * horizon), i * horizon);
  });
  return {
    point,
    floor: reconciliation.nonNegative ? 0 : Number.NEGATIVE_INFINITY,
    levels: levelColumns({ panel, hierarchy, horizon, living, forecast: forecast.map(printed), starts }),
  };
}

/** A number as the outlook prints it. */
const printed = (value: number): number => shortestFloat32(Math.fround(value));

function missingAhead({ known: values, count }: Batch, { known, horizon }: InputColumns): MissingAhead[] {
  return known.flatMap((feature, k) => {
    const periods = new Set<number>();
    const series = new Set<number>();
    for (let cell = 0; cell < count * horizon; cell++) {
      if (!Number.isNaN(values[cell * known.length + k]!)) continue;
      periods.add(cell % horizon);
      series.add(Math.floor(cell / horizon));
    }
    return periods.size === 0 ? [] : [{ feature, periods: periods.size, series: series.size }];
  });
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

/**
 * @param quantiles [cells × Q] by the probabilities of the available levels
 * @param shift how far the outlook's forecast of a cell is from the graph's: its bounds go with it
 */
function intervals(
  quantiles: Float32Array,
  shift: (cell: number) => number,
  floor: number,
  { available, wanted }: OutlookOptions,
): Column[] {
  const probabilities = quantileProbabilities(available);
  const width = probabilities.length;
  const cells = quantiles.length / width;
  const column = (name: string, q: number): Column => ({
    name,
    type: "DOUBLE",
    values: Float64Array.from({ length: cells }, (_, cell) =>
      printed(Math.max(floor, quantiles[cell * width + q]! + shift(cell))),
    ),
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
