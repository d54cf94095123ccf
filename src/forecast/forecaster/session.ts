import { readFile } from "node:fs/promises";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { fail } from "../../kit/failure.js";
import { type GraphMetadata, readMetadata } from "../onnx/metadata.js";

/** A batch of series, one row each. */
export interface ForecastRequest {
  readonly rows: number;
  /** [rows × context], row-major, most recent last, NaN where missing. */
  readonly history: Float32Array;
  /** [rows], calendar index of the first forecast period (see calendar/period). */
  readonly period: Int32Array;
  /** [rows], segment codes, −1 unknown. Not looked at where `hasSegments` is false. */
  readonly segment: Int32Array;
}

export interface ForecastAnswer {
  /** [rows × H], row-major; NaN in rows without a number. */
  readonly forecast: Float32Array;
  /** [rows × H × Q] by `metadata.quantileProbabilities`. */
  readonly quantiles: Float32Array;
}

export interface Forecaster {
  readonly metadata: GraphMetadata;
  /** Whether the graph looks at segment codes. */
  readonly hasSegments: boolean;
  run(request: ForecastRequest): Promise<ForecastAnswer>;
  /** Frees native memory; `run` must not be called afterwards. */
  close(): Promise<void>;
}

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
  // Loading the native library takes tens of milliseconds, which commands that run no model should not pay.
  const runtime = await import("onnxruntime-node");
  const session = await runtime.InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch(invalid);
  const missing = ["history", "period"].filter((name) => !session.inputNames.includes(name));
  if (missing.length > 0) {
    await session.release();
    invalid(`the graph has no input ${missing.join(", ")}`);
  }
  return {
    metadata,
    hasSegments: session.inputNames.includes("static"),
    run: (request) => runBatches(session, runtime.Tensor, metadata, request),
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
  request: ForecastRequest,
): Promise<ForecastAnswer> {
  const { context, horizon, quantileProbabilities } = metadata;
  checkRequest(request, context);
  const width = horizon * quantileProbabilities.length;
  const forecast = new Float32Array(request.rows * horizon);
  const quantiles = new Float32Array(request.rows * width);
  for (let start = 0; start < request.rows; start += BATCH) {
    const end = Math.min(start + BATCH, request.rows);
    const size = end - start;
    const feeds: Record<string, Tensor> = {
      history: new TensorType("float32", request.history.subarray(start * context, end * context), [
        size,
        context,
      ]),
      period: new TensorType("int64", BigInt64Array.from(request.period.subarray(start, end), BigInt), [
        size,
      ]),
    };
    if (session.inputNames.includes("static")) {
      const codes = Float32Array.from(request.segment.subarray(start, end));
      feeds.static = new TensorType("float32", codes, [size, 1]);
    }
    const answer = await session.run(feeds);
    forecast.set(answer.forecast!.data as Float32Array, start * horizon);
    quantiles.set(answer.quantiles!.data as Float32Array, start * width);
  }
  return { forecast, quantiles };
}

function checkRequest(request: ForecastRequest, context: number): void {
  const { rows, history, period, segment } = request;
  if (history.length !== rows * context || period.length !== rows || segment.length !== rows) {
    throw new RangeError(
      `${rows} rows need ${rows * context} history values, ${rows} periods and ${rows} segments; ` +
        `got ${history.length}, ${period.length} and ${segment.length}`,
    );
  }
}
