import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { thisProcess } from "../../../src/durable/process-identity.js";
import { cleanRegistry } from "../../../src/registry/embedded/clean.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { modelFiles } from "../../support/model-files.js";
import { tempFolder } from "../durable/temp-folder.js";

const files = nodeFiles();
const clock = { now: () => "2025-07-01T09:00:00.000Z", monotonic: () => 0 };
const alive = { ...thisProcess(), since: clock.now(), run: "r", token: "t" };
const dead = { ...alive, pid: 4_999_999, processStart: null };
const away = { ...dead, host: "another-host" };

/** A registry with a version and a move, and what kills left in it. */
async function killed() {
  const folder = join(await tempFolder(), "registry");
  const registry = embeddedRegistry({ folder, files, clock }, "file:r");
  const run = { key: "k", model: "demand", name: "n", quarter: "2025Q1", cutoff: "2025-03-31", tags: {} };
  const { runId } = await registry.ensureRun(run);
  const spec = { name: "demand", key: "k", runId, description: "", tags: {} };
  const { version } = await registry.ensureVersion(spec);
  const { files: model, digest } = await modelFiles(join(folder, ".."), { "model.onnx": "graph" });
  await registry.attachModel("demand", version, model, digest);
  const move = { name: "demand", alias: "best", to: version, by: "b", reason: "r", decision: null, key: "k" };
  await registry.moveAlias(move);
  const whole = tree(folder);
  const left = [
    `runs/${runId}/.tmp-a`,
    "runs/.tmp-folder/x",
    "runs/0123/.tmp-b",
    "models/demand/.tmp-c",
    "models/demand/versions/1/.tmp-d",
    "models/demand/versions/2/staging/model.onnx",
    "version-log/.tmp-e",
    ".tmp-f",
  ];
  for (const path of left) put(folder, path, "half");
  put(folder, "models/demand/.tmp-g", JSON.stringify(dead));
  put(folder, "models/demand/lock", JSON.stringify(dead));
  put(folder, "models/demand/lock.after-t", JSON.stringify({ ...dead, token: "t2" }));
  return { folder, registry, whole };
}

function put(folder: string, path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const tree = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );

const clean = (folder: string, dryRun = false) =>
  cleanRegistry({ folder, files: nodeFiles(), clock }, { dryRun, measure: async () => 1 });

describe("what killed processes left in a registry", () => {
  test("goes, and nothing else; a dry run says the same and changes nothing", async () => {
    const { folder, registry, whole } = await killed();
    const before = tree(folder);
    const said = await clean(folder, true);
    expect(tree(folder)).toEqual(before);
    const gone = await clean(folder);
    expect(gone).toEqual(said);
    expect(gone.length).toBe(11);
    expect(tree(folder)).toEqual(whole);
    expect(await clean(folder)).toEqual([]);
    expect(await registry.getAlias("demand", "best")).toBe("1");
  });

  test.each([
    ["lives", alive],
    ["is on another host", away],
  ])("stays while a process that %s changes the model", async (_name, holder) => {
    const { folder } = await killed();
    put(folder, "models/demand/lock", JSON.stringify(holder));
    const before = tree(folder);
    expect(await clean(folder)).toEqual([]);
    expect(tree(folder)).toEqual(before);
  });

  test("the lock that somebody is about to put into place stays", async () => {
    const { folder } = await killed();
    put(folder, "models/demand/.tmp-h", JSON.stringify(alive));
    await clean(folder);
    expect(existsSync(join(folder, "models/demand/.tmp-h"))).toBe(true);
    expect(existsSync(join(folder, "models/demand/.tmp-g"))).toBe(false);
  });

  test("no registry is nothing to clean", async () => {
    expect(await clean(join(await tempFolder(), "none"))).toEqual([]);
  });
});
