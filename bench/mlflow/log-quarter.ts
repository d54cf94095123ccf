/**
 * Logs what a quarter left in a registry, as a quarter does: node log-quarter.js CONTENT.json, with MLFLOW_TRACKING_URI.
 * Prints the seconds of the calls with the connection, without the imports.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFiles } from "../../src/durable/node-files.js";
import { RUN_TAGS } from "../../src/history/run-tags.js";
import { type TrackedPart, trackParts } from "../../src/history/tracking/parts.js";
import { checkServer } from "../../src/registry/mlflow/http/check-server.js";
import { openConnection } from "../../src/registry/mlflow/http/connection.js";
import { mlflowRegistry } from "../../src/registry/mlflow/registry.js";
import type { Content, ContentRun } from "./content.js";

const { name, run, parts, version, modelFolder, modelFiles } = JSON.parse(
  readFileSync(process.argv[2]!, "utf8"),
) as Content;
const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };
const filesIn = (folder: string, paths: readonly string[]) =>
  paths.map((path) => ({ path, source: join(folder, path) }));
const partOf = ({ key, name, tags, params, metrics, points }: ContentRun): TrackedPart => ({
  sort: tags[RUN_TAGS.part] as TrackedPart["sort"],
  id: key.slice(run.key.length + 1),
  name,
  values: { params, metrics, points },
});

const started = performance.now();
const connection = await openConnection(process.env.MLFLOW_TRACKING_URI!, process.env);
await checkServer(connection);
const registry = mlflowRegistry({ connection, files: nodeFiles(), clock, experiment: name, user: "bench" });

const { key, quarter, cutoff, tags, params, metrics, points, inputs } = run;
const made = await registry.ensureRun({ key, model: name, name: run.name, quarter, cutoff, tags });
await registry.logRun(made.runId, { params, metrics, points, inputs });
await trackParts(registry, made, parts.map(partOf));
const { version: number } = await registry.ensureVersion({
  name,
  key,
  runId: made.runId,
  description: version.description,
  tags: version.tags,
});
const move = { name, to: number, by: "bench", reason: "bench", decision: null };
await registry.moveAlias({ ...move, alias: "candidate", key: `${key} candidate` });
await registry.attachModel(name, number, filesIn(modelFolder, modelFiles), version.digest!);
await registry.putArtifacts(made.runId, filesIn(run.folder, run.files));
await registry.moveAlias({ ...move, alias: "best", expected: null, key: `${key} best` });
await registry.closeRun(made.runId, {});
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, version: number }));
