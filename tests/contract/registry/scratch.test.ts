import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { scratchRegistry } from "../../../src/registry/scratch.js";
import { modelFiles } from "../../support/model-files.js";
import { registryContract } from "./registry-contract.js";
import { tamperInFolder } from "./support/tamper.js";
import { frozenClock } from "./support/test-clock.js";

const place = (folder: string) => ({ folder, files: nodeFiles(), clock: frozenClock });

function open(folder: string) {
  const base = embeddedRegistry(place(join(folder, "base")), "file:base");
  return scratchRegistry(base, place(join(folder, "scratch")));
}

registryContract("scratch on an empty registry", open, (folder, ...change) =>
  tamperInFolder(join(folder, "scratch"), ...change),
);

/** Every path with its content. */
async function hashOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name) + (entry.isFile() ? "" : "/"));
  for (const path of paths.sort()) {
    hash.update(`${path}\n`);
    if (!path.endsWith("/")) hash.update(await readFile(path));
  }
  return hash.digest("hex");
}

describe("scratch on a registry that has something", () => {
  async function setUp() {
    const folder = await mkdtemp(join(tmpdir(), "retrain-scratch-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const base = embeddedRegistry(place(join(folder, "base")), "file:base");
    const file = async (path: string, content: string) => {
      const source = join(folder, `source of ${content}`);
      await writeFile(source, content);
      return { path, source };
    };
    const runSpec = (key: string, quarter: string) => ({
      key,
      model: "demand",
      name: key,
      quarter,
      cutoff: "2025-03-31",
      tags: {},
    });
    const versionSpec = (key: string, runId: string) => ({
      name: "demand",
      key,
      runId,
      description: "",
      tags: {},
    });
    const moveSpec = (to: string, key: string) => ({
      name: "demand",
      alias: "best",
      to,
      by: "b",
      reason: "r",
      decision: null,
      key,
    });
    const closed = await base.ensureRun(runSpec("base closed", "2024Q4"));
    await base.putArtifacts(closed.runId, [await file("a", "base a"), await file("b", "base b")]);
    await base.ensureVersion(versionSpec("v1", closed.runId));
    const first = await modelFiles(folder, { m: "model 1" });
    await base.attachModel("demand", "1", first.files, first.digest);
    await base.moveAlias(moveSpec("1", "m1"));
    await base.closeRun(closed.runId, { verdict: "promoted" });
    const open = await base.ensureRun(runSpec("base open", "2025Q1"));
    await base.ensureVersion(versionSpec("v2", open.runId));
    const scratch = scratchRegistry(base, place(join(folder, "scratch")));
    return { folder, base, scratch, file, runSpec, versionSpec, moveSpec, closed, open };
  }
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  test("it shows what the base has", async () => {
    const { base, scratch, closed } = await setUp();
    expect(scratch).toMatchObject({ kind: "scratch", uri: "file:base" });
    expect(await scratch.listRuns("demand")).toEqual(await base.listRuns("demand"));
    expect(await scratch.listVersions("demand")).toEqual(await base.listVersions("demand"));
    expect(await scratch.aliasHistory("demand")).toEqual(await base.aliasHistory("demand"));
    expect(await scratch.getAlias("demand", "best")).toBe("1");
    expect(text(await scratch.readArtifact(closed.runId, "a"))).toBe("base a");
    expect(text(await scratch.readModelFile("demand", "1", "m"))).toBe("model 1");
  });

  test("every kind of change stays in the scratch folder; reads show base, then scratch", async () => {
    const { folder, base, scratch, file, runSpec, versionSpec, moveSpec, closed, open } = await setUp();
    const before = await hashOf(join(folder, "base"));

    const fresh = await scratch.ensureRun(runSpec("scratch", "2025Q2"));
    await scratch.logRun(open.runId, { metrics: { m: 1 } });
    await scratch.logRun(fresh.runId, { params: { p: "1" } });
    await scratch.putArtifacts(closed.runId, [await file("b", "scratch b"), await file("c", "scratch c")]);
    const second = await modelFiles(folder, { m: "model 2" });
    await scratch.attachModel("demand", "2", second.files, second.digest);
    const third = await scratch.ensureVersion(versionSpec("v3", fresh.runId));
    const moved = await scratch.moveAlias({ ...moveSpec("3", "m2"), expected: "1" });
    await scratch.closeRun(fresh.runId, { verdict: "escalated" });

    expect(await hashOf(join(folder, "base"))).toBe(before);
    expect(third.version).toBe("3");
    expect(moved).toMatchObject({ outcome: "moved", move: { from: "1", to: "3" } });
    expect((await scratch.listRuns("demand")).map(({ runId }) => runId)).toEqual([
      closed.runId,
      open.runId,
      fresh.runId,
    ]);
    expect((await scratch.getRun(open.runId))?.metrics).toEqual({ m: 1 });
    expect((await base.getRun(open.runId))?.metrics).toEqual({});
    expect(await scratch.listArtifacts(closed.runId)).toEqual(["a", "b", "c"]);
    expect(text(await scratch.readArtifact(closed.runId, "a"))).toBe("base a");
    expect(text(await scratch.readArtifact(closed.runId, "b"))).toBe("scratch b");
    expect((await scratch.listVersions("demand")).map(({ version, status }) => [version, status])).toEqual([
      ["1", "ready"],
      ["2", "ready"],
      ["3", "pending"],
    ]);
    expect(text(await scratch.readModelFile("demand", "2", "m"))).toBe("model 2");
    expect(await scratch.getAlias("demand", "best")).toBe("3");
    expect((await scratch.aliasHistory("demand")).map(({ to }) => to)).toEqual(["1", "3"]);
    expect(await scratch.trail("demand")).toEqual([
      ...(await base.trail("demand")),
      { length: 2, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(await base.getAlias("demand", "best")).toBe("1");
    expect((await base.listVersions("demand")).map(({ status }) => status)).toEqual(["ready", "pending"]);
  });

  test("keys, immutability and compare-and-set count in the base too", async () => {
    const { folder, scratch, file, runSpec, versionSpec, moveSpec, closed, open } = await setUp();
    const before = await hashOf(join(folder, "base"));
    expect((await scratch.ensureRun(runSpec("base open", "2025Q1"))).runId).toBe(open.runId);
    expect((await scratch.ensureVersion(versionSpec("v1", closed.runId))).version).toBe("1");
    expect(await scratch.moveAlias(moveSpec("2", "m1"))).toMatchObject({ outcome: "already" });
    expect(await scratch.moveAlias({ ...moveSpec("2", "m3"), expected: null })).toEqual({
      outcome: "conflict",
      current: "1",
    });
    await expect(
      scratch.attachModel("demand", "1", [await file("m", "other")], "other"),
    ).rejects.toMatchObject({ failure: { code: "registry.model-immutable" } });
    expect(await hashOf(join(folder, "base"))).toBe(before);
  });

  describe("damage in the base", () => {
    /** The bytes of version 1, or its record, are damaged in the base. */
    async function damaged(path: string) {
      const made = await setUp();
      const file = join(made.folder, "base/models/demand/versions/1", path);
      const bytes = await readFile(file);
      bytes[bytes.length >> 1]! ^= 1;
      await rm(file);
      await writeFile(file, bytes);
      return { ...made, before: await hashOf(join(made.folder, "base")) };
    }
    const isDamaged = (path: string) => ({
      failure: { code: "registry.version-damaged", name: "demand", version: "1", files: [{ path }] },
    });

    test("a model's bytes: told as the base tells it, and put right above it alone", async () => {
      const { folder, base, scratch, before } = await damaged("model/m");
      for (const registry of [base, scratch])
        await expect(registry.readModelFile("demand", "1", "m")).rejects.toMatchObject(isDamaged("m"));
      const again = await modelFiles(folder, { m: "model 1" });
      await scratch.attachModel("demand", "1", again.files, again.digest);
      expect(text(await scratch.readModelFile("demand", "1", "m"))).toBe("model 1");
      await expect(base.readModelFile("demand", "1", "m")).rejects.toMatchObject(isDamaged("m"));
      expect(await hashOf(join(folder, "base"))).toBe(before);
    });

    test("a version's record: it stops nobody from making another, and its number is not given again", async () => {
      const { folder, base, scratch, versionSpec, open, before } = await damaged("version.json");
      for (const registry of [base, scratch]) {
        await expect(registry.listVersions("demand")).rejects.toMatchObject(isDamaged("version.json"));
        const sound = await registry.listVersions("demand", { skipDamaged: true });
        expect(sound.map(({ version }) => version)).toEqual(["2"]);
      }
      expect(await scratch.ensureVersion(versionSpec("v3", open.runId))).toMatchObject({ version: "3" });
      expect(await scratch.ensureVersion(versionSpec("v2", open.runId))).toMatchObject({ version: "2" });
      expect(await hashOf(join(folder, "base"))).toBe(before);
      expect(await base.ensureVersion(versionSpec("v3", open.runId))).toMatchObject({ version: "3" });
    });
  });

  test("parts, points and inputs of the base show, and grow in the scratch folder only", async () => {
    const { folder, base, scratch, runSpec, closed } = await setUp();
    const input = (name: string) => ({
      name,
      digest: "d",
      source: "s",
      context: "training" as const,
      profile: { rows: 1 },
    });
    const part = await base.ensureRun({ ...runSpec("fold 1", "2024Q4"), parent: closed.runId });
    await base.logRun(part.runId, { points: [{ name: "m", step: 3, value: 0.3 }] });
    await base.logRun(closed.runId, { points: [{ name: "m", step: 1, value: 0.1 }], inputs: [input("a")] });
    const before = await hashOf(join(folder, "base"));
    expect(await scratch.runDetails(closed.runId)).toEqual(await base.runDetails(closed.runId));

    const same = await scratch.ensureRun({ ...runSpec("fold 1", "2024Q4"), parent: closed.runId });
    expect(same.runId).toBe(part.runId);
    const own = await scratch.ensureRun({ ...runSpec("fold 2", "2024Q4"), parent: closed.runId });
    await scratch.logRun(part.runId, { points: [{ name: "m", step: 2, value: 0.2 }] });
    await scratch.logRun(closed.runId, { points: [{ name: "n", step: 1, value: 1 }], inputs: [input("b")] });
    const details = await scratch.runDetails(closed.runId);
    expect(details.points.map(({ name, step }) => `${name} ${step}`)).toEqual(["m 1", "n 1"]);
    expect(details.inputs.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(details.parts.map(({ runId }) => runId)).toEqual([part.runId, own.runId]);
    // The highest step counts, also where the base has it.
    expect(details.parts[0]!.metrics).toEqual({ m: 0.3 });
    expect((await scratch.runDetails(part.runId)).points.map(({ step }) => step)).toEqual([2, 3]);
    expect((await scratch.listRuns("demand")).map(({ runId }) => runId)).toEqual(
      (await base.listRuns("demand")).map(({ runId }) => runId),
    );
    expect(await hashOf(join(folder, "base"))).toBe(before);
  });
});
