import { createHash } from "node:crypto";
import { MANIFEST_FILE, ModelManifest } from "../../src/kit/model-directory.js";
import type { ModelRegistry } from "../../src/kit/registry.js";

/** Tag of a run with the number of its version. */
export const VERSION_TAG = "retrain.version";

/** What a copy says about itself, and what a run says about the registry that it is in. */
const COPY_TAG = /^retrain\.(origin|trail$)/;

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/**
 * Everything that a registry holds of a model, by keys, in a form that does not depend on numbers and ids: an original and its copies are equal, in
 * whatever registry.
 */
export async function registryContent(registry: ModelRegistry, name: string) {
  const versions = await registry.listVersions(name);
  const keyOf = new Map(versions.map(({ version, key }) => [version, key]));
  const tagsOf = (tags: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(tags)
        .filter(([tag]) => !COPY_TAG.test(tag))
        .map(([tag, value]) => [tag, tag === VERSION_TAG ? keyOf.get(value) : value]),
    );
  const runs: Record<string, unknown> = {};
  const add = async (run: Awaited<ReturnType<ModelRegistry["listRuns"]>>[number], parent: string | null) => {
    const { points, inputs, parts } = await registry.runDetails(run.runId);
    const paths = await registry.listArtifacts(run.runId);
    const files = await Promise.all(
      paths.map(async (path) => [path, sha256(await registry.readArtifact(run.runId, path))]),
    );
    if (run.key in runs) throw new Error(`two runs of key ${run.key}`);
    const { runId: _, parent: __, tags, ...values } = run;
    runs[run.key] = { ...values, tags: tagsOf(tags), parent, points, inputs, files };
    for (const part of parts) await add(part, run.key);
  };
  for (const run of await registry.listRuns(name)) await add(run, null);
  if (keyOf.size !== new Set(keyOf.values()).size) throw new Error("two versions of one key");
  const models = Object.fromEntries(
    await Promise.all(
      versions.map(async ({ version, runId, key, tags, ...rest }) => {
        const run = (await registry.getRun(runId))!.key;
        const files = rest.digest === null ? null : await modelFiles(registry, name, version);
        return [key, { ...rest, run, files, tags: tagsOf(tags) }] as const;
      }),
    ),
  );
  const history = (await registry.aliasHistory(name)).map(({ from, to, ...rest }) => ({
    ...rest,
    from: from === null ? null : keyOf.get(from),
    to: keyOf.get(to),
  }));
  return { runs, models, history };
}

async function modelFiles(registry: ModelRegistry, name: string, version: string) {
  const manifest = await registry.readModelFile(name, version, MANIFEST_FILE);
  const { files } = ModelManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
  return Promise.all(
    files.map(async ({ path }) => [path, sha256(await registry.readModelFile(name, version, path))]),
  );
}
