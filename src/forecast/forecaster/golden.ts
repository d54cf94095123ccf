import { z } from "zod";
import { contextLength } from "../context.js";
import type { GraphMetadata } from "../onnx/metadata.js";
import { takeRows } from "../panel-batch.js";
import type { Batch } from "../rows.js";
import { type ForecastAnswer, type Forecaster, openForecaster } from "./session.js";
import { shortestFloat32 } from "./shortest.js";

/** The file inside a model directory. */
export const GOLDEN_FILE = "golden.json";

/** Series of the file: enough to go through every expert and segment of most models, and a few kilobytes. */
const SERIES = 8;

/** Largest difference, relative to the number expected or, near zero, to `FLOOR` of the row's largest one. */
const TOLERANCE = 1e-6;
const FLOOR = 0.01;

const cells = z.array(z.number().nullable());

/** Golden predictions: what the graph of a model directory answered for some of its series when it was released. Arrays are row-major, null is NaN. */
export const Golden = z.object({
  format: z.literal(1),
  series: z.array(z.string()),
  /** Rows of `Batch`. */
  inputs: z.object({
    history: cells,
    period: z.array(z.number().int()),
    codes: z.array(z.number().int()),
    known: cells,
    observed: cells,
  }),
  forecast: cells,
  quantiles: cells,
});
export type Golden = z.infer<typeof Golden>;

/** Series with a number in their history, spread evenly over the panel. */
export async function goldenOf(
  forecaster: Forecaster,
  series: readonly string[],
  batch: Batch,
): Promise<Golden> {
  const context = batch.history.length / batch.count;
  const usable = series
    .map((_, s) => s)
    .filter((s) => contextLength(batch.history.subarray(s * context, (s + 1) * context)) > 0);
  const count = Math.min(SERIES, usable.length);
  const chosen = Array.from({ length: count }, (_, i) => usable[Math.floor((i * usable.length) / count)]!);
  const rows = takeRows(batch, chosen);
  const { forecast, quantiles } = await forecaster.run(rows);
  return {
    format: 1,
    series: chosen.map((s) => series[s]!),
    inputs: {
      history: written(rows.history),
      period: [...rows.period],
      codes: [...rows.codes],
      known: written(rows.known),
      observed: written(rows.observed),
    },
    forecast: written(forecast),
    quantiles: written(quantiles),
  };
}

/** What a graph answers to the rows of a golden file. */
export interface GoldenCheck {
  readonly series: number;
  /** Largest relative difference; processors differ by some 1e-7. */
  readonly maxRelative: number;
  /** The first number that is another one, or null. `lead` counts from 1. */
  readonly differs: {
    readonly series: string;
    readonly lead: number;
    readonly expected: number | null;
    readonly actual: number | null;
  } | null;
}

/**
 * @param graph bytes of `model.onnx`
 * @throws FailureError `forecast.model-invalid` when the graph cannot be opened, or does not take the rows
 */
export async function checkGolden(graph: Uint8Array, golden: Golden): Promise<GoldenCheck> {
  const forecaster = await openForecaster(graph);
  try {
    const { inputs, series } = golden;
    const answer = await forecaster.run({
      count: series.length,
      history: read(inputs.history),
      period: Int32Array.from(inputs.period),
      codes: Int32Array.from(inputs.codes),
      known: read(inputs.known),
      observed: read(inputs.observed),
    });
    return compare(golden, answer, forecaster.metadata);
  } finally {
    await forecaster.close();
  }
}

function compare(golden: Golden, answer: ForecastAnswer, { horizon }: GraphMetadata): GoldenCheck {
  const { series } = golden;
  let maxRelative = 0;
  let differs: GoldenCheck["differs"] = null;
  for (const name of ["forecast", "quantiles"] as const) {
    const [expected, actual] = [read(golden[name]), answer[name]];
    const width = actual.length / series.length;
    series.forEach((id, s) => {
      const largest = Math.max(...expected.subarray(s * width, (s + 1) * width).map(Math.abs), 0);
      for (let cell = s * width; cell < (s + 1) * width; cell++) {
        const relative = relativeDifference(expected[cell] ?? Number.NaN, actual[cell]!, FLOOR * largest);
        maxRelative = Math.max(maxRelative, relative);
        if (relative <= TOLERANCE || differs !== null) continue;
        const lead = Math.floor(((cell - s * width) * horizon) / width) + 1;
        differs = {
          series: id,
          lead,
          expected: golden[name][cell] ?? null,
          actual: numberOrNull(actual[cell]!),
        };
      }
    });
  }
  return { series: series.length, maxRelative, differs };
}

function relativeDifference(expected: number, actual: number, floor: number): number {
  if (Number.isNaN(expected) && Number.isNaN(actual)) return 0;
  const difference = Math.abs(actual - expected);
  if (difference === 0) return 0;
  const relative = difference / Math.max(Math.abs(expected), floor);
  return Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative;
}

const numberOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

const written = (values: Float32Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : shortestFloat32(value)));

const read = (values: readonly (number | null)[]): Float32Array =>
  Float32Array.from(values, (value) => value ?? Number.NaN);
