import { createRandom } from "../../../stats/random.js";
import { contextScale, fillContext } from "../../context.js";
import type { TrainingView } from "../../training-view.js";
import { featureCount, type Layout, levelOf, type Seen, writeFeatures } from "./features.js";

/** Cells to train on: a forecast of `series` from position `origin` of its history for `lead` (from 0). */
interface Cells {
  readonly series: Int32Array;
  readonly origin: Int32Array;
  readonly lead: Int32Array;
}

/** Rows to train on. The columns of the codes are left at NaN: their numbers follow from the answers. */
export interface Sample {
  readonly rows: number;
  /** Column-major. */
  readonly values: Float32Array;
  /** (target − level) / scale */
  readonly answer: Float64Array;
  /** [rows] */
  readonly series: Int32Array;
}

/**
 * Every (series, origin, lead) whose target is known, each seen through the context that ends at its origin, as
 * the forecaster will see it. Where there are more than `most` it is an even sample of them,
 * the same for the same seed.
 */
export function sampleRows(view: TrainingView, layout: Layout, most: number, seed: number): Sample {
  const { season, context } = view;
  const cells = chooseCells(view, most, seed);
  const count = cells.series.length;
  const width = featureCount(layout);
  const values = new Float32Array(count * width);
  const answer = new Float64Array(count);
  const row = new Float32Array(width);
  const known = new Float64Array(layout.known);
  const unknownCodes = new Array<number>(layout.codes).fill(Number.NaN);
  const observed = view.observed.map((feature) => feature.map(carriedForward));
  const window = new Float32Array(context);
  const filled = new Float64Array(context);
  let scale = 1;
  for (let r = 0; r < count; r++) {
    const s = cells.series[r]!;
    const origin = cells.origin[r]!;
    const history = view.series[s]!;
    if (r === 0 || s !== cells.series[r - 1] || origin !== cells.origin[r - 1]) {
      readWindow(history, origin, window);
      fillContext(window, season, filled);
      scale = contextScale(window, season);
    }
    const lead = cells.lead[r]!;
    const target = origin + 1 + lead;
    view.known.forEach((feature, k) => {
      known[k] = feature[s]![target]!;
    });
    const seen: Seen = {
      filled,
      scale,
      period: view.start[s]! + origin + 1,
      encoded: unknownCodes,
      observed: observed.map((feature) => feature[s]![origin]!),
    };
    writeFeatures(layout, season, seen, lead, known, row);
    for (let f = 0; f < width; f++) values[f * count + r] = row[f]!;
    answer[r] = (history[target]! - levelOf(filled, season)) / scale;
  }
  return { rows: count, values, answer, series: cells.series };
}

/** Sorted by series, origin, lead. */
function chooseCells(view: TrainingView, most: number, seed: number): Cells {
  let total = 0;
  forEachCell(view, () => total++);
  const random = createRandom(seed);
  // One cell of each stretch, anywhere in it: even, and never in time with leads or seasons.
  const stretch = Math.max(1, total / most);
  const pick = (number: number): number =>
    Math.floor((number + (stretch === 1 ? 0 : random.uniform())) * stretch);
  const series: number[] = [];
  const origins: number[] = [];
  const leads: number[] = [];
  let cell = 0;
  let taken = 0;
  let next = pick(0);
  forEachCell(view, (s, origin, lead) => {
    if (cell++ !== next) return;
    series.push(s);
    origins.push(origin);
    leads.push(lead);
    // Two stretches can share a cell at their border; it is taken once.
    do next = pick(++taken);
    while (next < cell);
  });
  return { series: Int32Array.from(series), origin: Int32Array.from(origins), lead: Int32Array.from(leads) };
}

/** An origin has more than a season of history: before that there is no scale like the one that serves. */
function forEachCell(
  { series, season, horizon }: TrainingView,
  visit: (series: number, origin: number, lead: number) => void,
): void {
  series.forEach((history, s) => {
    for (let origin = season; origin < history.length - 1; origin++) {
      const leads = Math.min(horizon, history.length - 1 - origin);
      for (let lead = 0; lead < leads; lead++) {
        if (!Number.isNaN(history[origin + 1 + lead]!)) visit(s, origin, lead);
      }
    }
  });
}

/** What the forecaster would see at `origin`: float32, NaN before the first value. */
function readWindow(history: Float64Array, origin: number, window: Float32Array): void {
  const first = origin - window.length + 1;
  for (let t = 0; t < window.length; t++) window[t] = first + t < 0 ? Number.NaN : history[first + t]!;
}

/** NaN only before the first number. */
function carriedForward(values: Float64Array): Float64Array {
  const carried = Float64Array.from(values);
  for (let t = 1; t < carried.length; t++) if (Number.isNaN(carried[t]!)) carried[t] = carried[t - 1]!;
  return carried;
}
