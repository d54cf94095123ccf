import type { Tensor as OrtTensor } from "onnxruntime-node";
import { loadOnnxRuntime } from "../../onnx/runtime.js";
import type { Rows } from "../../rows.js";
import { OUTPUT } from "./read-graph.js";
import { UnusableGraph } from "./unusable.js";

/** Rows a call: bounds the memory of what a graph makes in between. */
const BATCH = 4096;

/**
 * Runs a graph in onnxruntime on one CPU thread, so that sums do not depend on the machine's cores.
 * @param levels see `OnnxExpert`
 * @returns [N × H]
 * @throws UnusableGraph when onnxruntime does not load or run it, or the answer is not float [N, H]
 */
export async function runGraph(
  bytes: Uint8Array,
  levels: readonly number[],
  rows: Rows,
): Promise<Float64Array> {
  const { InferenceSession, Tensor } = await loadOnnxRuntime();
  const session = await InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // Only what ends a call: a graph may warn as it likes, and an error is thrown as well.
    logSeverityLevel: 4,
  }).catch((error: Error) => {
    throw new UnusableGraph(`onnxruntime does not load it: ${error.message}`);
  });
  const { context, horizon, columns } = rows;
  const codes = floatCodes(rows, levels);
  const forecast = new Float64Array(rows.count * horizon);
  try {
    for (let start = 0; start < rows.count; start += BATCH) {
      const end = Math.min(start + BATCH, rows.count);
      const size = end - start;
      const tensors: Readonly<Record<string, () => OrtTensor>> = {
        history: () =>
          new Tensor("float32", rows.history.subarray(start * context, end * context), [size, context]),
        period: () =>
          new Tensor("int64", BigInt64Array.from(rows.period.subarray(start, end), BigInt), [size]),
        static: () => new Tensor("float32", codes.subarray(start * columns, end * columns), [size, columns]),
        known: () => featureTensor(Tensor, rows, rows.known, start, end, [horizon]),
        observed: () => featureTensor(Tensor, rows, rows.observed, start, end, []),
      };
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, tensors[name]!()]));
      const answer = await session.run(feeds).catch((error: Error) => {
        throw new UnusableGraph(`onnxruntime does not run it on ${size} rows: ${error.message}`);
      });
      forecast.set(readForecast(answer[OUTPUT], size, horizon), start * horizon);
    }
  } finally {
    await session.release();
  }
  return forecast;
}

function featureTensor(
  Tensor: typeof OrtTensor,
  { count }: Rows,
  values: Float32Array,
  start: number,
  end: number,
  shape: readonly number[],
): OrtTensor {
  const width = values.length / count;
  const inner = shape.reduce((product, size) => product * size, 1);
  return new Tensor("float32", values.subarray(start * width, end * width), [
    end - start,
    ...shape,
    width / inner,
  ]);
}

function readForecast(tensor: OrtTensor | undefined, size: number, horizon: number): Float32Array {
  const found = tensor === undefined ? "none" : `${tensor.type} [${tensor.dims.join(", ")}]`;
  if (found !== `float32 [${size}, ${horizon}]`)
    throw new UnusableGraph(
      `its ${OUTPUT} is ${found} for ${size} rows; float32 [${size}, ${horizon}] is expected`,
    );
  return tensor!.data as Float32Array;
}

/** [N × S], as the whole graph hands them on: −1 for anything that is no code. */
function floatCodes({ codes, columns }: Rows, levels: readonly number[]): Float32Array {
  return Float32Array.from(codes, (code, cell) =>
    code >= 0 && code < (levels[cell % columns] ?? 0) ? code : -1,
  );
}
