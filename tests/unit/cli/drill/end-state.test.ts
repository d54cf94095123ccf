import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemAdapters } from "../../../../src/cli/adapters.js";
import { PUBLISHED_REPORT } from "../../../../src/cli/conclude/publish.js";
import { differences, registryFacts } from "../../../../src/cli/drill/end-state.js";
import { DRILL_MODEL } from "../../../../src/cli/drill/project.js";
import { openRuns } from "../../../../src/cli/setup.js";
import { nodeFiles } from "../../../../src/durable/node-files.js";
import { stateFolder } from "../../../../src/engine/state-folder.js";
import { embeddedRegistry } from "../../../../src/registry/embedded/registry.js";

/** A project whose registry has one released version with a model file and a run with an artifact. */
async function released(model = "graph") {
  const project = mkdtempSync(join(tmpdir(), "retrain-unit-"));
  onTestFinished(() => rmSync(project, { recursive: true, force: true }));
  const folder = join(project, ".retrain", "registry");
  const registry = embeddedRegistry({ folder, files: nodeFiles(), clock: systemAdapters.clock }, "file:x");
  const version = async (key: string) => {
    const { runId } = await registry.ensureRun({
      key,
      model: DRILL_MODEL,
      name: "n",
      quarter: "2025Q2",
      cutoff: "2025-06-30",
      tags: {},
    });
    const source = join(project, "model.onnx");
    writeFileSync(source, model);
    await registry.putArtifacts(runId, [{ path: "training/model.json", source }]);
    const made = await registry.ensureVersion({ name: DRILL_MODEL, key, runId, description: "", tags: {} });
    await registry.attachModel(DRILL_MODEL, made.version, [{ path: "model.onnx", source }], "sha256:1");
    return made.version;
  };
  const move = (to: string, key: string) =>
    registry.moveAlias({ name: DRILL_MODEL, alias: "best", to, by: "t", reason: "r", decision: "d", key });
  await move(await version("k"), "m");
  return { project, registry, version, move };
}

describe("facts of a registry", () => {
  test("two projects in which the same happened differ in nothing", async () => {
    const [one, two] = [await released(), await released()];
    expect(differences(await registryFacts(one.project), await registryFacts(two.project))).toEqual([]);
  });

  test("a second version shows", async () => {
    const one = await released();
    const before = await registryFacts(one.project);
    await one.version("another key");
    const found = differences(before, await registryFacts(one.project));
    expect(found).toContain("registered versions: expected 1, found 2");
    expect(found).toContain("registry runs: expected 1, found 2");
  });

  test("an alias that moved twice shows, also where it names the same version", async () => {
    const one = await released();
    const before = await registryFacts(one.project);
    await one.move("1", "again");
    expect(differences(before, await registryFacts(one.project))).toContain(
      "moves of best: expected 1, found 2",
    );
  });

  test("other bytes of a model and of an artifact show", async () => {
    const [one, two] = [await released(), await released("grapf")];
    const found = differences(await registryFacts(one.project), await registryFacts(two.project));
    expect(found.map((line) => line.split(":")[0])).toEqual([
      expect.stringMatching(/^artifact 2025Q2 .* training\/model.json$/),
      "model file 1/model/model.onnx",
    ]);
  });

  test("a part, a point of a part and an input that differ show", async () => {
    const one = await released();
    const { runId } = (await one.registry.listRuns(DRILL_MODEL))[0]!;
    const spec = {
      key: "fold 1",
      model: DRILL_MODEL,
      name: "fold 1",
      quarter: "2025Q2",
      cutoff: "2025-06-30",
    };
    const start = await registryFacts(one.project);
    const part = await one.registry.ensureRun({ ...spec, tags: {}, parent: runId });
    const withPart = await registryFacts(one.project);
    expect(differences(start, withPart)).toEqual([
      expect.stringMatching(/^part 1 of registry run 2025Q2 \w+: expected nothing, found /),
    ]);
    await one.registry.logRun(part.runId, { points: [{ name: "m", step: 1, value: 1 }] });
    expect(differences(withPart, await registryFacts(one.project))).toHaveLength(1);
    const dataset = { name: "panel", digest: "d", source: "s", context: "training", profile: {} } as const;
    await one.registry.logRun(runId, { inputs: [dataset] });
    expect(differences(withPart, await registryFacts(one.project))).toEqual([
      expect.stringMatching(/^inputs of registry run/),
      expect.stringMatching(/^part 1 of registry run/),
    ]);
  });

  test("a published report counts by being what the quarter's last run wrote", async () => {
    const [one, two] = [await released(), await released()];
    const publish = async ({ project, registry }: typeof one, onDisk: string, published: string) => {
      const { runId } = (await registry.listRuns(DRILL_MODEL))[0]!;
      const { runs } = openRuns(stateFolder(join(project, ".retrain")));
      const kind = {
        quarter: "2025Q2",
        model: DRILL_MODEL,
        dryRun: false,
        cutoff: "2025-06-30",
        alias: "best",
      };
      const { folder } = await runs.create({ ...kind, runbook: "r", overrides: [], retrain: "0" });
      mkdirSync(join(folder, dirname(PUBLISHED_REPORT)));
      writeFileSync(join(folder, PUBLISHED_REPORT), onDisk);
      const source = join(project, "published");
      writeFileSync(source, published);
      await registry.putArtifacts(runId, [{ path: "report/report.html", source }]);
    };
    await publish(one, "at nine", "at nine");
    await publish(two, "at ten", "at ten");
    expect(differences(await registryFacts(one.project), await registryFacts(two.project))).toEqual([]);
    await publish(two, "at eleven", "at ten");
    expect(differences(await registryFacts(one.project), await registryFacts(two.project))).toEqual([
      expect.stringMatching(
        /report\/report.html: expected the file in the folder of the quarter's last run, found/,
      ),
    ]);
  });

  test("a model file that is gone shows", async () => {
    const one = await released();
    const before = await registryFacts(one.project);
    rmSync(join(one.project, ".retrain/registry/models", DRILL_MODEL, "versions/1/model/model.onnx"));
    expect(differences(before, await registryFacts(one.project))).toEqual([
      expect.stringMatching(/^model file 1\/model\/model.onnx: expected [0-9a-f]{64}, found nothing$/),
    ]);
  });
});

test("facts that only one side has are differences", () => {
  expect(differences({ a: "1", b: "2" }, { b: "2", c: "3" })).toEqual([
    "a: expected 1, found nothing",
    "c: expected nothing, found 3",
  ]);
});
