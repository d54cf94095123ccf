import { stringify } from "yaml";
import type { ForecasterDescriptor } from "./descriptor.js";
import type { InputExample } from "./input-example.js";

/**
 * What a Python environment for the model is built from. The layout of `MLmodel` is that of this MLflow;
 * 2.10 and later load it too. onnxruntime is the version that makes the outlook.
 */
const MLFLOW_VERSION = "3.17.2";
const REQUIREMENTS = [`mlflow==${MLFLOW_VERSION}`, "numpy==2.4.6", "onnx==1.23.2", "onnxruntime==1.30.0"];
const PYTHON = "3.11";
/** The onnx release that came with the graph's operators, opset 13 and opset 3 of ai.onnx.ml. */
const ONNX_VERSION = "1.11.0";

export const INPUT_EXAMPLE_FILE = "input_example.json";
export const SERVING_EXAMPLE_FILE = "serving_input_example.json";

/** What the MLmodel file is about. */
export interface MlmodelSubject {
  /** Of the graph, hex. */
  readonly sha256: string;
  /** Of the files beside MLmodel and manifest, together. */
  readonly bytes: number;
  /** Says which inputs the graph has, and their widths. */
  readonly example: InputExample;
}

/**
 * `MLmodel`, as `mlflow.onnx.save_model` with a signature and an input example lays it out, without what
 * differs from run to run: `model_uuid` comes from the graph's hash, and, as in other reproducible builds, the
 * time stamp is the data's (the start of the cutoff day). The registry knows when the version was made, and
 * by which run.
 */
export function mlmodel(subject: MlmodelSubject, descriptor: ForecasterDescriptor): string {
  const { context, horizon, quantileProbabilities } = descriptor;
  const { attributes, known, observed } = descriptor.inputs;
  const has = (name: keyof InputExample) => subject.example[name] !== undefined;
  const inputs = [
    tensor("history", "float32", [-1, context]),
    tensor("period", "int64", [-1]),
    ...(has("static") ? [tensor("static", "float32", [-1, 1 + attributes.length])] : []),
    ...(has("known") ? [tensor("known", "float32", [-1, horizon, known.length])] : []),
    ...(has("observed") ? [tensor("observed", "float32", [-1, observed.length])] : []),
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
        // As the outlook is made: one thread, so that a sum does not depend on the machine's cores.
        onnx_session_options: {
          execution_mode: "sequential",
          inter_op_num_threads: 1,
          intra_op_num_threads: 1,
        },
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
    metadata: metadata(descriptor),
    mlflow_version: MLFLOW_VERSION,
    model_size_bytes: subject.bytes,
    model_uuid: subject.sha256.slice(0, 32),
    saved_input_example_info: {
      artifact_path: INPUT_EXAMPLE_FILE,
      serving_input_path: SERVING_EXAMPLE_FILE,
      type: "ndarray",
    },
    signature: { inputs: JSON.stringify(inputs), outputs: JSON.stringify(outputs), params: null },
    utc_time_created: `${descriptor.cutoff} 00:00:00.000000`,
  });
}

/** What a caller needs to make the inputs and to read the answer, as `model.metadata.metadata` in Python. */
const metadata = (descriptor: ForecasterDescriptor) => ({
  quarter: descriptor.quarter,
  cutoff: descriptor.cutoff,
  frequency: descriptor.frequency,
  fiscal_year_start: descriptor.fiscalYearStart,
  season: descriptor.season,
  context: descriptor.context,
  horizon: descriptor.horizon,
  first_period: descriptor.first.period,
  first_period_start: descriptor.first.start,
  quantile_probabilities: descriptor.quantileProbabilities,
  retrain: descriptor.retrain,
});

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

/** Python reads YAML 1.1, where an unquoted day is a date and no text. */
const yaml = (value: unknown): string =>
  stringify(value, { schema: "yaml-1.1", lineWidth: 0, aliasDuplicateObjects: false });
