import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { nodeFiles } from "../../../../src/durable/node-files.js";
import type { ModelRegistry, ModelVersion, RegistryFile } from "../../../../src/kit/registry.js";
import { embeddedRegistry } from "../../../../src/registry/embedded/registry.js";
import { type TransferRequest, transfer } from "../../../../src/registry/transfer/transfer.js";
import { registryContent, VERSION_TAG } from "../../../support/registry-content.js";

export const MODEL = "demand";

const sha256 = (bytes: string) => createHash("sha256").update(bytes).digest("hex");

/** A folder for registries and sources that is gone after the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "retrain-transfer-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function openAt(folder: string, name: string): ModelRegistry {
  let tick = 0;
  const now = () => new Date(Date.UTC(2025, 0, 1) + tick++ * 60_000).toISOString();
  const place = { folder: join(folder, name), files: nodeFiles(), clock: { now, monotonic: () => 0 } };
  return embeddedRegistry(place, `file:${name}`);
}

export const copy = (from: ModelRegistry, to: ModelRegistry, request: Partial<TransferRequest> = {}) =>
  transfer(
    from,
    to,
    { model: MODEL, versions: null, aliases: null, ...request },
    { files: nodeFiles(), versionTag: VERSION_TAG, onProgress: () => undefined },
  );

/** Writes registries as steps do, with sources in one folder. */
export function writer(folder: string) {
  let sources = 0;
  const file = async (path: string, content: string): Promise<RegistryFile> => {
    const source = join(folder, "sources", String(sources++));
    await mkdir(join(folder, "sources"), { recursive: true });
    await writeFile(source, content);
    return { path, source };
  };

  async function modelFiles(content: string): Promise<{ files: RegistryFile[]; digest: string }> {
    const contents = { "model.onnx": content, "deep/state.bin": `state of ${content}` };
    const entries = Object.entries(contents);
    const manifest = JSON.stringify({
      format: 1,
      files: entries.map(([path, text]) => ({ path, sha256: sha256(text), bytes: text.length })),
    });
    const files = await Promise.all(
      [...entries, ["manifest.json", manifest] as const].map(([path, text]) => file(path, text)),
    );
    return { files, digest: `sha256:${sha256(manifest)}` };
  }

  async function run(registry: ModelRegistry, key: string): Promise<string> {
    const spec = { model: MODEL, quarter: "2025Q1", cutoff: "2025-03-31" };
    const { runId } = await registry.ensureRun({ ...spec, key, name: `run ${key}`, tags: { panel: key } });
    await registry.logRun(runId, {
      params: { horizon: "6" },
      metrics: { wmape: 0.5 },
      points: [
        { name: "lead.wmape", step: 1, value: 0.1 },
        { name: "lead.wmape", step: 2, value: 0.2 },
      ],
      inputs: [{ name: "panel", digest: "abc", source: "a.csv", context: "training", profile: { rows: 3 } }],
    });
    const fold = await registry.ensureRun({
      ...spec,
      key: `${key} fold 1`,
      name: "fold 1",
      tags: { fold: "1" },
      parent: runId,
    });
    await registry.logRun(fold.runId, { metrics: { wmape: 0.25 } });
    await registry.putArtifacts(fold.runId, [await file("fold.json", key)]);
    await registry.closeRun(fold.runId, { done: "yes" });
    await registry.putArtifacts(runId, [await file("training/model.json", `model of ${key}`)]);
    return runId;
  }

  /** A run with a version that has its model, open until it is concluded. */
  async function version(registry: ModelRegistry, key: string): Promise<ModelVersion> {
    const runId = await run(registry, key);
    const made = await registry.ensureVersion({
      ...{ name: MODEL, key, runId, description: `of ${key}`, tags: { cutoff: "2025-03-31" } },
    });
    const { files, digest } = await modelFiles(key);
    return registry.attachModel(MODEL, made.version, files, digest);
  }

  async function conclude(registry: ModelRegistry, made: ModelVersion, verdict = "promoted"): Promise<void> {
    await registry.putArtifacts(made.runId, [await file("decision/decision.json", `${made.key} ${verdict}`)]);
    await registry.closeRun(made.runId, { verdict, [VERSION_TAG]: made.version });
  }

  /** A quarter from start to end. */
  async function quarter(registry: ModelRegistry, key: string): Promise<ModelVersion> {
    const made = await version(registry, key);
    await conclude(registry, made);
    return made;
  }

  return { file, run, version, conclude, quarter, modelFiles };
}

export const move = (registry: ModelRegistry, to: string, key: string, alias = "best") =>
  registry.moveAlias({
    ...{ name: MODEL, alias, to, by: "tester", reason: `because ${key}` },
    ...{ decision: `sha256:${key}`, key },
  });

/** As `registryContent` says, of the one model here. */
export const contentOf = (registry: ModelRegistry) => registryContent(registry, MODEL);
