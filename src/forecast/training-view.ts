import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import { codesOf, columnsOf } from "./panel-batch.js";
import { relevelled } from "./relaunch.js";
import type { SegmentCodes } from "./segment-codes.js";

/** What every training task shares. It survives a structured clone. */
export interface TrainingData {
  readonly panel: Panel;
  readonly horizon: number;
  /** Periods of history that the forecaster sees. */
  readonly context: number;
  /** Column 0 of the codes; the panel's attributes are the others. */
  readonly segments: SegmentCodes;
  /** Sums of series that CV forecasts beside the series. */
  readonly sums?: readonly { readonly members: Int32Array }[];
}

/** What a learner may train on: the panel up to an origin, and nothing after it. */
export interface TrainingView {
  readonly season: number;
  /** Periods to forecast after the origin. */
  readonly horizon: number;
  /** Periods of history that the forecaster will see of every series; a multiple of the season. */
  readonly context: number;
  /** Last period of the view. */
  readonly origin: number;
  /** Whether no target of the view is below zero: forecasts are then clipped. */
  readonly nonNegative: boolean;
  /**
   * One row a series in the panel's order: from its first to its last number at or before the origin, NaN in
   * gaps, empty when there is none. What came before a relaunch is at the level after it, as the forecaster sees it.
   */
  readonly series: readonly Float64Array[];
  /** [N]: calendar period of the first value of each row of `series`; 0 for an empty one. */
  readonly start: Int32Array;
  /** [N × S], −1 where unknown. */
  readonly codes: Int32Array;
  /** How many codes each of the S columns has. */
  readonly levels: readonly number[];
  /** One a feature: rows like those of `series`, at the same periods, NaN where missing. Known ones go up to the origin here. */
  readonly known: readonly (readonly Float64Array[])[];
  readonly observed: readonly (readonly Float64Array[])[];
}

/**
 * @param origin later rows are left out
 * @param since earlier rows are left out: a sliding window
 */
export function trainingView(
  data: TrainingData,
  origin: number,
  since = Number.NEGATIVE_INFINITY,
): TrainingView {
  return viewOf(data, origin, since, relevelled);
}

/** The same with relaunched series at the level that they had before. */
export const viewAsGiven = (
  data: TrainingData,
  origin: number,
  since = Number.NEGATIVE_INFINITY,
): TrainingView => viewOf(data, origin, since, (history) => history);

function viewOf(
  data: TrainingData,
  origin: number,
  since: number,
  prepare: (history: Float64Array, season: number) => Float64Array,
): TrainingView {
  const { panel } = data;
  const spans = panel.series.map((_, index) => spanOf(panel, index, since, origin));
  const column = (values: Float64Array) => spans.map((span) => valuesOf(panel, values, span));
  const season = seasonLength(panel.calendar.frequency);
  const series = column(panel.target).map((history) => prepare(history, season));
  return {
    season,
    horizon: data.horizon,
    context: data.context,
    origin,
    nonNegative: series.every((history) => history.every((value) => !(value < 0))),
    series,
    start: Int32Array.from(spans, (span) => (span === null ? 0 : panel.period[span.first]!)),
    codes: codesOf(panel, columnsOf(panel), data.segments.codes),
    levels: [data.segments.ids.length, ...panel.attributes.map(({ levels }) => levels.length)],
    known: Object.values(panel.known).map(column),
    observed: Object.values(panel.observed).map(column),
  };
}

/** Whether no target up to a period is below zero. */
export const isNonNegative = ({ target, period }: Panel, last: number): boolean =>
  !target.some((value, row) => value < 0 && period[row]! <= last);

/** Rows of the panel: both ends hold a number. */
interface Span {
  readonly first: number;
  readonly last: number;
}

function spanOf(panel: Panel, index: number, since: number, origin: number): Span | null {
  let first = -1;
  let last = -1;
  for (let row = panel.offsets[index]!; row < panel.offsets[index + 1]!; row++) {
    if (panel.period[row]! > origin) break;
    if (panel.period[row]! < since || Number.isNaN(panel.target[row]!)) continue;
    if (first < 0) first = row;
    last = row;
  }
  return first < 0 ? null : { first, last };
}

function valuesOf(panel: Panel, values: Float64Array, span: Span | null): Float64Array {
  if (span === null) return new Float64Array(0);
  const start = panel.period[span.first]!;
  const row = new Float64Array(panel.period[span.last]! - start + 1).fill(Number.NaN);
  for (let r = span.first; r <= span.last; r++) row[panel.period[r]! - start] = values[r]!;
  return row;
}
