import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ArtifactFile, ArtifactWriter } from "../../kit/artifact.js";
import type { Column } from "../../panel/column.js";
import { writeParquet } from "../../panel/table.js";
import type { ForecasterDescriptor } from "./descriptor.js";
import { environmentFiles, mlmodel } from "./mlmodel.js";
import { SERIES_STATE_FILE } from "./series-state.js";

export const GRAPH_FILE = "model.onnx";
export const DESCRIPTOR_FILE = "forecaster.json";
export const MANIFEST_FILE = "manifest.json";

export interface ModelDirectory {
  readonly graph: Uint8Array;
  readonly hasSegments: boolean;
  readonly descriptor: ForecasterDescriptor;
  /** Columns of `series-state.parquet`. */
  readonly state: readonly Column[];
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
  const { graph, descriptor, hasSegments } = directory;
  const texts = {
    MLmodel: mlmodel({ sha256: sha256(graph), bytes: graph.length, hasSegments }, descriptor),
    ...environmentFiles(),
  };
  await writer.writeBytes(GRAPH_FILE, graph);
  await writer.writeJson(DESCRIPTOR_FILE, descriptor);
  await writeParquet(writer.path(SERIES_STATE_FILE), directory.state);
  for (const [name, text] of Object.entries(texts)) await writer.writeText(name, text);

  const contents = [GRAPH_FILE, DESCRIPTOR_FILE, SERIES_STATE_FILE, ...Object.keys(texts)].sort();
  const files: ArtifactFile[] = [];
  for (const path of contents) {
    const bytes = await readFile(writer.path(path));
    files.push({ path, sha256: sha256(bytes), bytes: bytes.length });
  }
  await writer.writeJson(MANIFEST_FILE, { format: 1, files });
  return {
    files: [...contents, MANIFEST_FILE].sort(),
    digest: directoryDigest(sha256(await readFile(writer.path(MANIFEST_FILE)))),
  };
}

/** Digest of a model directory by the sha256 (hex) of its `manifest.json`. */
export const directoryDigest = (manifestSha256: string): string => `sha256:${manifestSha256}`;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
