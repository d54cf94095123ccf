import { stringify } from "yaml";
import type { ForecasterDescriptor } from "./descriptor.js";

/** Oldest versions that load and run the graph; opset 13 came with onnx 1.8. */
const REQUIREMENTS = ["mlflow>=2.10", "numpy>=1.24", "onnx>=1.14", "onnxruntime>=1.15"];
const ONNX_VERSION = "1.8.0";
const PYTHON = "3.11";

/** The graph that the MLmodel file is about. */
export interface GraphFile {
  readonly sha256: string;
  readonly bytes: number;
  /** Whether it has the input `static`. */
  readonly hasSegments: boolean;
}

/**
 * `MLmodel`, as `mlflow.onnx.save_model` lays it out, without what differs from run to run: no time stamp,
 * and `model_uuid` comes from the graph's hash.
 */
export function mlmodel(graph: GraphFile, descriptor: ForecasterDescriptor): string {
  const { context, horizon, quantileProbabilities } = descriptor;
  const inputs = [
    tensor("history", "float32", [-1, context]),
    tensor("period", "int64", [-1]),
    ...(graph.hasSegments ? [tensor("static", "float32", [-1, 1])] : []),
  ];
  const outputs = [
    tensor("forecast", "float32", [-1, horizon]),
    tensor("quantiles", "float32", [-1, horizon, quantileProbabilities.length]),
  ];
  return yaml({
    flavors: {
      onnx: {
        code: null,
        data: "model.onnx",
        onnx_version: ONNX_VERSION,
        providers: ["CPUExecutionProvider"],
      },
      python_function: {
        data: "model.onnx",
        env: { conda: "conda.yaml", virtualenv: "python_env.yaml" },
        loader_module: "mlflow.onnx",
        python_version: PYTHON,
      },
    },
    metadata: { quarter: descriptor.quarter, cutoff: descriptor.cutoff, retrain: descriptor.retrain },
    model_size_bytes: graph.bytes,
    model_uuid: graph.sha256.slice(0, 32),
    signature: { inputs: JSON.stringify(inputs), outputs: JSON.stringify(outputs), params: null },
  });
}

/** The files from which MLflow builds a Python environment for the model. */
export const environmentFiles = (): Readonly<Record<string, string>> => ({
  "requirements.txt": `${REQUIREMENTS.join("\n")}\n`,
  "python_env.yaml": yaml({
    python: PYTHON,
    build_dependencies: ["pip", "setuptools", "wheel"],
    dependencies: ["-r requirements.txt"],
  }),
  "conda.yaml": yaml({
    name: "mlflow-env",
    channels: ["conda-forge"],
    dependencies: [`python=${PYTHON}`, "pip", { pip: REQUIREMENTS }],
  }),
});

const tensor = (name: string, dtype: string, shape: readonly number[]) => ({
  name,
  type: "tensor",
  "tensor-spec": { dtype, shape },
});

const yaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
