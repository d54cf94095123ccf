import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ArtifactFile, ArtifactWriter } from "../../kit/artifact.js";
import { directoryDigest, MANIFEST_FILE, type ModelManifest } from "../../kit/model-directory.js";
import type { Column } from "../../panel/column.js";
import { writeParquet } from "../../panel/table.js";
import { RECONCILIATION_FILE, type Reconciliation } from "../reconcile/model.js";
import type { ForecasterDescriptor } from "./descriptor.js";
import { GOLDEN_FILE, type Golden } from "./golden.js";
import type { InputExample } from "./input-example.js";
import { environmentFiles, INPUT_EXAMPLE_FILE, mlmodel, SERVING_EXAMPLE_FILE } from "./mlmodel.js";
import { SERIES_INPUTS_FILE } from "./series-inputs.js";
import { SERIES_STATE_FILE } from "./series-state.js";

export const GRAPH_FILE = "model.onnx";
export const DESCRIPTOR_FILE = "forecaster.json";
const MLMODEL_FILE = "MLmodel";

export interface ModelDirectory {
  readonly graph: Uint8Array;
  readonly descriptor: ForecasterDescriptor;
  /** Columns of `series-state.parquet`. */
  readonly state: readonly Column[];
  /** Columns of `series-inputs.parquet`. */
  readonly inputs: readonly Column[];
  readonly example: InputExample;
  readonly golden: Golden;
  /** Null where every series is forecast on its own. */
  readonly reconciliation: Reconciliation | null;
}

/**
 * Writes an MLflow model directory: `mlflow.pyfunc.load_model` takes it as it is.
 * @returns the paths of its files, sorted, and its digest: `sha256:` of `manifest.json`, which has the hash
 * of every other file
 */
export async function writeModelDirectory(
  writer: ArtifactWriter,
  directory: ModelDirectory,
): Promise<{ readonly files: readonly string[]; readonly digest: string }> {
  const { graph, descriptor, example } = directory;
  const texts = {
    ...environmentFiles(),
    [INPUT_EXAMPLE_FILE]: `${JSON.stringify(example)}\n`,
    [SERVING_EXAMPLE_FILE]: `${JSON.stringify({ inputs: example })}\n`,
    [GOLDEN_FILE]: `${JSON.stringify(directory.golden)}\n`,
    ...(directory.reconciliation === null
      ? {}
      : { [RECONCILIATION_FILE]: `${JSON.stringify(directory.reconciliation)}\n` }),
  };
  await writer.writeBytes(GRAPH_FILE, graph);
  await writer.writeJson(DESCRIPTOR_FILE, descriptor);
  await writeParquet(writer.path(SERIES_STATE_FILE), directory.state);
  await writeParquet(writer.path(SERIES_INPUTS_FILE), directory.inputs);
  for (const [name, text] of Object.entries(texts)) await writer.writeText(name, text);

  const contents = await filesOf(writer, [
    GRAPH_FILE,
    DESCRIPTOR_FILE,
    SERIES_STATE_FILE,
    SERIES_INPUTS_FILE,
    ...Object.keys(texts),
  ]);
  const subject = {
    sha256: sha256(graph),
    bytes: contents.reduce((sum, file) => sum + file.bytes, 0),
    example,
  };
  await writer.writeText(MLMODEL_FILE, mlmodel(subject, descriptor));
  const files = [...contents, ...(await filesOf(writer, [MLMODEL_FILE]))].sort(byPath);
  await writer.writeJson(MANIFEST_FILE, { format: 1, files } satisfies ModelManifest);
  return {
    files: [...files.map(({ path }) => path), MANIFEST_FILE].sort(),
    digest: directoryDigest(sha256(await readFile(writer.path(MANIFEST_FILE)))),
  };
}

async function filesOf(writer: ArtifactWriter, paths: readonly string[]): Promise<ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  for (const path of paths) {
    const bytes = await readFile(writer.path(path));
    files.push({ path, sha256: sha256(bytes), bytes: bytes.length });
  }
  return files;
}

const byPath = (a: ArtifactFile, b: ArtifactFile): number => (a.path < b.path ? -1 : 1);

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
