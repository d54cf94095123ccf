import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MANIFEST_FILE, ModelManifest } from "../../src/kit/model-directory.js";
import type { ModelRegistry, ModelVersion, RegistryRun, RunDetails } from "../../src/kit/registry.js";

/** What a quarter leaves in a registry, with its files in folders. */
export interface Content {
  /** Name of the experiment and of the registered model, in which nothing is yet. */
  readonly name: string;
  readonly run: ContentRun;
  readonly parts: readonly ContentRun[];
  readonly version: ModelVersion;
  readonly modelFolder: string;
  readonly modelFiles: readonly string[];
}

/** Metrics without those that have points. */
export interface ContentRun extends RegistryRun, Pick<RunDetails, "points" | "inputs"> {
  readonly folder: string;
  readonly files: readonly string[];
}

/** The latest quarter of a model, written below `folder`. */
export async function contentOf(registry: ModelRegistry, model: string, folder: string): Promise<Content> {
  const write = (path: string, bytes: Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  };
  const exported = async (run: RegistryRun): Promise<ContentRun> => {
    const { points, inputs } = await registry.runDetails(run.runId);
    const files = await registry.listArtifacts(run.runId);
    const own = join(folder, run.runId);
    for (const path of files) write(join(own, path), await registry.readArtifact(run.runId, path));
    const withPoints = new Set(points.map(({ name }) => name));
    const metrics = Object.entries(run.metrics).filter(([name]) => !withPoints.has(name));
    return { ...run, metrics: Object.fromEntries(metrics), points, inputs, folder: own, files };
  };
  const run = (await registry.listRuns(model)).at(-1)!;
  const parts = [];
  for (const part of (await registry.runDetails(run.runId)).parts) parts.push(await exported(part));
  const version = (await registry.listVersions(model)).at(-1)!;
  const manifest = await registry.readModelFile(model, version.version, MANIFEST_FILE);
  const { files } = ModelManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
  const modelFolder = join(folder, "model");
  const modelFiles = [MANIFEST_FILE, ...files.map(({ path }) => path)];
  for (const path of modelFiles)
    write(join(modelFolder, path), await registry.readModelFile(model, version.version, path));
  return { name: model, run: await exported(run), parts, version, modelFolder, modelFiles };
}
