import { readFile } from "node:fs/promises";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { fail } from "../../kit/failure.js";
import { type GraphMetadata, readMetadata } from "../onnx/metadata.js";
import { loadOnnxRuntime } from "../onnx/runtime.js";
import type { Batch } from "../rows.js";

export interface ForecastAnswer {
  /** [rows × H], row-major; NaN in rows without a number. */
  readonly forecast: Float32Array;
  /** [rows × H × Q] by `metadata.quantileProbabilities`. */
  readonly quantiles: Float32Array;
}

export interface Forecaster {
  readonly metadata: GraphMetadata;
  /** Inputs of the graph, by name. */
  readonly inputs: readonly string[];
  /** Batches have the columns of `metadata`. */
  run(batch: Batch): Promise<ForecastAnswer>;
  /** Frees native memory; `run` must not be called afterwards. */
  close(): Promise<void>;
}

const INPUTS: ReadonlySet<string> = new Set(["history", "period", "static", "known", "observed"]);

/** Rows a call: bounds the memory of the product with all maps. */
const BATCH = 4096;

/**
 * Opens a forecaster graph in onnxruntime on one CPU thread, so that sums do not depend on the machine's
 * cores.
 * @param source the bytes of `model.onnx`, or its path
 * @throws FailureError `forecast.model-invalid` when it cannot be read, is no ONNX model or is not one of our
 * forecasters
 */
export async function openForecaster(source: Uint8Array | string): Promise<Forecaster> {
  const file = typeof source === "string" ? source : "model.onnx";
  const invalid = (error: unknown): never =>
    fail(
      {
        code: "forecast.model-invalid",
        retryable: false,
        file,
        detail: error instanceof Error ? error.message : String(error),
      },
      error,
    );
  const bytes = typeof source === "string" ? await readFile(source).catch(invalid) : source;
  const metadata = await metadataOf(bytes, invalid);
  const runtime = await loadOnnxRuntime();
  const session = await runtime.InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch(invalid);
  const missing = ["history", "period"].filter((name) => !session.inputNames.includes(name));
  const unknown = session.inputNames.filter((name) => !INPUTS.has(name));
  if (missing.length + unknown.length > 0) {
    await session.release();
    invalid(
      missing.length > 0
        ? `the graph has no input ${missing.join(", ")}`
        : `the graph asks for ${unknown.join(", ")}, which no forecaster has`,
    );
  }
  return {
    metadata,
    inputs: session.inputNames,
    run: (batch) => runBatches(session, runtime.Tensor, metadata, batch),
    close: () => session.release(),
  };
}

async function metadataOf(bytes: Uint8Array, invalid: (error: unknown) => never): Promise<GraphMetadata> {
  const { decodeModel } = await import("../onnx/proto.js");
  try {
    return readMetadata(decodeModel(bytes).metadataProps);
  } catch (error) {
    return invalid(`no graph that retrain wrote: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function runBatches(
  session: InferenceSession,
  TensorType: typeof Tensor,
  metadata: GraphMetadata,
  batch: Batch,
): Promise<ForecastAnswer> {
  const { context, horizon, quantileProbabilities, attributes, known, observed } = metadata;
  const widths = {
    history: context,
    period: 1,
    codes: 1 + attributes.length,
    known: horizon * known.length,
    observed: observed.length,
  };
  checkBatch(batch, widths);
  const width = horizon * quantileProbabilities.length;
  const forecast = new Float32Array(batch.count * horizon);
  const quantiles = new Float32Array(batch.count * width);
  for (let start = 0; start < batch.count; start += BATCH) {
    const end = Math.min(start + BATCH, batch.count);
    const size = end - start;
    const part = (name: Exclude<keyof Batch, "count">) =>
      batch[name].subarray(start * widths[name], end * widths[name]);
    const inputs: Readonly<Record<string, () => Tensor>> = {
      history: () => new TensorType("float32", part("history") as Float32Array, [size, context]),
      period: () => new TensorType("int64", BigInt64Array.from(part("period"), BigInt), [size]),
      static: () => new TensorType("float32", Float32Array.from(part("codes")), [size, widths.codes]),
      known: () => new TensorType("float32", part("known") as Float32Array, [size, horizon, known.length]),
      observed: () => new TensorType("float32", part("observed") as Float32Array, [size, widths.observed]),
    };
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, inputs[name]!()]));
    const answer = await session.run(feeds);
    forecast.set(answer.forecast!.data as Float32Array, start * horizon);
    quantiles.set(answer.quantiles!.data as Float32Array, start * width);
  }
  return { forecast, quantiles };
}

function checkBatch(batch: Batch, widths: Readonly<Record<Exclude<keyof Batch, "count">, number>>): void {
  for (const name of ["history", "period", "codes", "known", "observed"] as const) {
    const expected = batch.count * widths[name];
    if (batch[name].length === expected) continue;
    throw new RangeError(`${batch.count} rows need ${expected} values of ${name}; got ${batch[name].length}`);
  }
}
