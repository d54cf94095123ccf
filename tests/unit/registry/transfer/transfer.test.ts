import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFiles } from "../../../../src/durable/node-files.js";
import { versionHere } from "../../../../src/kit/copied.js";
import { modelKey } from "../../../../src/kit/model-ref.js";
import type { ModelRegistry } from "../../../../src/kit/registry.js";
import { scratchRegistry } from "../../../../src/registry/scratch.js";
import { VERSION_TAG } from "../../../support/registry-content.js";
import { contentOf, copy, MODEL, move, openAt, tempFolder, writer } from "./support.js";

async function bench() {
  const folder = await tempFolder();
  return {
    folder,
    laptop: openAt(folder, "laptop"),
    team: openAt(folder, "team"),
    other: openAt(folder, "other"),
    write: writer(folder),
  };
}

const actions = (items: readonly { action: string }[]) => items.map(({ action }) => action);
const outcomes = (aliases: readonly { alias: string; outcome: string }[]) =>
  Object.fromEntries(aliases.map(({ alias, outcome }) => [alias, outcome]));

describe("a copy", () => {
  test("holds all that the source holds; the second one copies nothing", async () => {
    const { laptop, team, write } = await bench();
    for (const key of ["a", "b"]) await write.quarter(laptop, key);
    await move(laptop, "1", "m1", "candidate");
    await move(laptop, "1", "m2");
    await move(laptop, "2", "m3", "candidate");
    await move(laptop, "2", "m4");

    const report = await copy(laptop, team);
    expect(actions(report.runs)).toEqual(["copied", "copied"]);
    expect(actions(report.versions)).toEqual(["copied", "copied"]);
    expect(report.aliases.map(({ alias, appended }) => [alias, appended])).toEqual([
      ["best", 2],
      ["candidate", 2],
    ]);
    // Of each run its two files and the fold's, of each model two files and the manifest.
    expect(report.runs.map(({ files }) => files)).toEqual([3, 3]);
    expect(report.versions.map(({ files }) => files)).toEqual([3, 3]);
    expect(report.bytes).toBeGreaterThan(100);
    expect(await contentOf(team)).toEqual(await contentOf(laptop));
    expect((await team.getVersion(MODEL, "1"))!.tags["retrain.origin"]).toBe("file:laptop version 1");

    const before = await contentOf(team);
    const again = await copy(laptop, team);
    expect([...actions(again.runs), ...actions(again.versions)]).toEqual(Array(4).fill("there"));
    expect(outcomes(again.aliases)).toEqual({ best: "there", candidate: "there" });
    expect(again.bytes).toBe(0);
    expect(await contentOf(team)).toEqual(before);
    // Nor is there anything to bring back.
    expect((await copy(team, laptop)).bytes).toBe(0);
  });

  test("numbers differ where the target has versions of its own; moves and tags name the right ones", async () => {
    const { laptop, team, other, write } = await bench();
    for (const key of ["t1", "t2"]) await write.quarter(team, key);
    for (const key of ["a", "b"]) await write.quarter(laptop, key);
    await move(laptop, "1", "m1");
    await move(laptop, "2", "m2");
    const report = await copy(laptop, team);
    expect(report.versions.map(({ from, to }) => [from, to])).toEqual([
      ["1", "3"],
      ["2", "4"],
    ]);
    expect(await team.getAlias(MODEL, "best")).toBe("4");
    const runs = await team.listRuns(MODEL);
    const b = runs.find(({ key }) => key === "b")!;
    expect(b.tags[VERSION_TAG]).toBe("4");
    // A file of the run that says "version 1" means what is 3 here.
    expect([versionHere(b.tags, "1"), versionHere(b.tags, "2")]).toEqual(["3", "4"]);
    const t2 = runs.find(({ key }) => key === "t2")!;
    expect(versionHere(t2.tags, "2")).toBe("2");

    // Copied once more, to where numbers differ again.
    await write.quarter(other, "o");
    await copy(team, other);
    const there = (await other.listRuns(MODEL)).find(({ key }) => key === "b")!;
    const numberOf = async (key: string) =>
      (await other.listVersions(MODEL)).find((version) => version.key === key)!.version;
    expect(there.tags[VERSION_TAG]).toBe(await numberOf("b"));
    expect(versionHere(there.tags, "1")).toBe(await numberOf("a"));
    expect(versionHere(there.tags, "2")).toBe(await numberOf("b"));
    const origin = (await other.getVersion(MODEL, await numberOf("a")))!.tags["retrain.origin"];
    expect(origin).toBe("file:laptop version 1");
  });

  test("only a version: its run goes along, aliases and the others stay", async () => {
    const { laptop, team, write } = await bench();
    for (const key of ["a", "b", "c"]) await write.quarter(laptop, key);
    await move(laptop, "2", "m1");
    const report = await copy(laptop, team, { versions: ["2"] });
    expect([report.runs.length, report.versions.length, report.aliases.length]).toEqual([1, 1, 0]);
    expect((await team.listVersions(MODEL)).map(({ key }) => key)).toEqual(["b"]);
    const run = (await team.listRuns(MODEL))[0]!;
    expect([versionHere(run.tags, "2"), versionHere(run.tags, "1")]).toEqual(["1", "0"]);
    await copy(laptop, team);
    const later = (await team.listRuns(MODEL)).find(({ key }) => key === "b")!;
    const a = (await team.listVersions(MODEL)).find(({ key }) => key === "a")!;
    expect(versionHere(later.tags, "1")).toBe(a.version);
    expect(await contentOf(team).then(({ models }) => Object.keys(models).sort())).toEqual(["a", "b", "c"]);
    expect((await copy(laptop, team)).bytes).toBe(0);
    await expect(copy(laptop, team, { versions: ["9"] })).rejects.toMatchObject({
      failure: { code: "registry.version-missing", version: "9" },
    });
  });

  test("with a version go the runs that came to it later, and a model that both sides made is one", async () => {
    const { laptop, team, write } = await bench();
    const key = modelKey("sha256:i");
    await write.quarter(team, "other");
    const there = await write.version(team, key);
    await write.quarter(laptop, "elsewhere");
    // The same model, in a directory that another program wrote.
    const runId = await write.run(laptop, "mine");
    const mine = await laptop.ensureVersion({ name: MODEL, key, runId, description: "", tags: {} });
    const { files, digest } = await write.modelFiles("another directory");
    await laptop.attachModel(MODEL, mine.version, files, digest);
    const later = await write.run(laptop, "later");
    await write.conclude(laptop, { ...mine, runId: later });
    await write.run(laptop, "of no version");
    await move(laptop, mine.version, "m1");

    const report = await copy(laptop, team, { versions: [mine.version] });
    expect(report.runs.map((run) => run.key).sort()).toEqual(["later", "mine"]);
    expect(report.versions).toMatchObject([{ from: "2", to: there.version, action: "there" }]);
    const run = (await team.listRuns(MODEL)).find((one) => one.key === "later")!;
    expect(run.tags[VERSION_TAG]).toBe(there.version);
    expect((await copy(laptop, team)).aliases).toMatchObject([{ alias: "best", outcome: "moved" }]);
    expect(await team.getAlias(MODEL, "best")).toBe(there.version);
    // Which model it was, as the registry that made the move has it.
    expect((await team.aliasHistory(MODEL))[0]?.model?.digest).toBe(digest);
    expect((await team.getVersion(MODEL, there.version))?.digest).toBe(there.digest);
  });

  test("an unfinished run is copied open, and completed when it is finished", async () => {
    const { laptop, team, write } = await bench();
    const made = await write.version(laptop, "a");
    await copy(laptop, team);
    expect((await team.listRuns(MODEL))[0]!.closed).toBe(false);
    expect(actions((await copy(laptop, team)).runs)).toEqual(["there"]);
    await write.conclude(laptop, made);
    expect(actions((await copy(laptop, team)).runs)).toEqual(["completed"]);
    expect(await contentOf(team)).toEqual(await contentOf(laptop));
  });

  test("a run that came to another verdict later is brought up to date", async () => {
    const { laptop, team, write } = await bench();
    const made = await write.version(laptop, "a");
    await write.conclude(laptop, made, "escalated");
    await copy(laptop, team);
    await write.conclude(laptop, made, "promoted");
    expect(actions((await copy(laptop, team)).runs)).toEqual(["completed"]);
    expect(await contentOf(team)).toEqual(await contentOf(laptop));
  });

  test("a run and version that both sides made are left as each side has them", async () => {
    const { laptop, team, write } = await bench();
    const [mine, theirs] = [await write.version(laptop, "a"), await write.version(team, "a")];
    await write.conclude(laptop, mine, "promoted");
    await write.conclude(team, theirs, "escalated");
    const before = await contentOf(team);
    const report = await copy(laptop, team);
    expect([...actions(report.runs), ...actions(report.versions)]).toEqual(["there", "there"]);
    expect(await contentOf(team)).toEqual(before);
  });

  test("a dry run says what would happen and changes nothing", async () => {
    const { laptop, team, write, folder } = await bench();
    await write.quarter(team, "t");
    await write.quarter(laptop, "a");
    await move(laptop, "1", "m1");
    const before = await contentOf(team);
    const clock = { now: () => "2025-01-01T00:00:00.000Z", monotonic: () => 0 };
    const scratch = scratchRegistry(team, { folder: join(folder, "scratch"), files: nodeFiles(), clock });
    const would = await copy(laptop, scratch);
    expect(await contentOf(team)).toEqual(before);
    expect(await copy(laptop, team)).toEqual({ ...would, dryRun: false });
  });
});

describe("damage", () => {
  const damage = (folder: string, file: string) =>
    writeFile(join(folder, "laptop/models/demand/versions/1/model", file), "damaged");

  test.each(["model.onnx", "manifest.json"])("of %s in the source is refused", async (file) => {
    const { laptop, team, write, folder } = await bench();
    await write.quarter(laptop, "a");
    await damage(folder, file);
    await expect(copy(laptop, team)).rejects.toMatchObject({
      failure: {
        code: "registry.version-damaged",
        name: "demand",
        version: "1",
        role: "source of the copy",
        files: [{ path: file, problem: "changed" }],
      },
    });
    expect(await team.listVersions(MODEL)).toEqual([]);
    expect((await team.listRuns(MODEL)).filter(({ closed }) => closed)).toEqual([]);
  });

  test.each(["model.onnx", "manifest.json"])(
    "of %s in the target is put right from the source",
    async (file) => {
      const { laptop, team, write, folder } = await bench();
      await write.quarter(laptop, "a");
      await move(laptop, "1", "m1");
      await copy(laptop, team);
      const path = join(folder, "team/models/demand/versions/1/model", file);
      const whole = await readFile(path);
      await writeFile(path, "damaged");
      expect((await copy(laptop, team)).versions).toMatchObject([
        { from: "1", to: "1", action: "completed" },
      ]);
      expect(await readFile(path)).toEqual(whole);
      expect((await copy(laptop, team)).versions).toMatchObject([{ action: "there" }]);
      // A sound copy puts its original right as well.
      await damage(folder, file);
      expect((await copy(team, laptop)).versions).toMatchObject([{ action: "completed" }]);
    },
  );

  test("a target that keeps something else is noticed", async () => {
    const { laptop, team, write } = await bench();
    await write.quarter(laptop, "a");
    const forgetful: ModelRegistry = {
      ...team,
      readModelFile: async () => new TextEncoder().encode("something else"),
    };
    await expect(copy(laptop, forgetful)).rejects.toMatchObject({ failure: { code: "registry.corrupt" } });
  });

  test("another model under the same key is refused before anything is written", async () => {
    const { laptop, team, write } = await bench();
    await write.quarter(laptop, "x");
    const runId = await write.run(laptop, "a");
    const spec = { name: MODEL, key: "a", description: "", tags: {} };
    const mine = await laptop.ensureVersion({ ...spec, runId });
    const other = await write.modelFiles("another");
    await laptop.attachModel(MODEL, mine.version, other.files, other.digest);
    await write.version(team, "a");
    await expect(copy(laptop, team)).rejects.toMatchObject({
      failure: { code: "registry.model-immutable", version: "1" },
    });
    expect(await team.listRuns(MODEL)).toHaveLength(1);
  });
});

describe("aliases", () => {
  test("diverged: versions and the other aliases are copied, this one stays", async () => {
    const { laptop, team, write } = await bench();
    await write.quarter(laptop, "a");
    await move(laptop, "1", "m1");
    await copy(laptop, team);
    await write.quarter(laptop, "b");
    await move(laptop, "2", "m2");
    await move(laptop, "2", "c1", "candidate");
    await write.quarter(team, "t");
    await move(team, "2", "m9");

    const report = await copy(laptop, team);
    expect(report.aliases).toMatchObject([
      {
        alias: "best",
        outcome: "diverged",
        cause: "histories",
        source: { version: "2", moves: 2 },
        target: { version: "2", moves: 2 },
      },
      { alias: "candidate", outcome: "moved" },
    ]);
    expect((await team.aliasHistory(MODEL)).map(({ key }) => key)).toEqual(["m1", "m9", "c1"]);
    expect(await team.listVersions(MODEL)).toHaveLength(3);
    expect(await team.getAlias(MODEL, "candidate")).toBe("3");
  });

  test("fast-forward in both directions; only the aliases that are asked for", async () => {
    const { laptop, team, write } = await bench();
    await write.quarter(laptop, "a");
    await move(laptop, "1", "m1");
    await copy(laptop, team);
    await write.quarter(team, "b");
    await move(team, "2", "m2");
    expect(outcomes((await copy(laptop, team)).aliases)).toEqual({ best: "ahead" });
    expect((await copy(team, laptop, { aliases: [] })).aliases).toEqual([]);
    expect(await laptop.getAlias(MODEL, "best")).toBe("1");
    expect((await copy(team, laptop, { aliases: ["candidate"] })).aliases).toEqual([]);
    expect(outcomes((await copy(team, laptop, { aliases: ["best"] })).aliases)).toEqual({ best: "moved" });
    expect(await laptop.aliasHistory(MODEL)).toEqual(await team.aliasHistory(MODEL));
  });

  test("one move on both sides by the same key but to another version is no common history", async () => {
    const { laptop, team, write } = await bench();
    await write.quarter(laptop, "a");
    await write.quarter(team, "t");
    await move(laptop, "1", "same");
    await move(team, "1", "same");
    expect(outcomes((await copy(laptop, team)).aliases)).toEqual({ best: "diverged" });
  });

  test("moved in the target meanwhile: the rest of its moves stays away", async () => {
    const { laptop, team, write } = await bench();
    for (const key of ["a", "b"]) await write.quarter(laptop, key);
    await move(laptop, "1", "m1");
    await move(laptop, "2", "m2");
    const racing: ModelRegistry = {
      ...team,
      async moveAlias(request) {
        if (request.key === "m2") await move(team, "1", "somebody");
        if (request.key === "m2") await move(team, "2", "somebody else");
        return team.moveAlias(request);
      },
    };
    const report = await copy(laptop, racing);
    expect(report.aliases).toMatchObject([{ alias: "best", outcome: "diverged", cause: "raced" }]);
    expect((await team.aliasHistory(MODEL)).map(({ key }) => key)).toEqual([
      "m1",
      "somebody",
      "somebody else",
    ]);
  });

  test("an alias that something else moved is not moved", async () => {
    const { laptop, team, write } = await bench();
    await write.quarter(laptop, "a");
    await move(laptop, "1", "m1");
    const strange: ModelRegistry = { ...team, getAlias: async () => "7" };
    expect((await copy(laptop, strange)).aliases).toMatchObject([
      { outcome: "diverged", cause: "unrecorded", target: { version: "7", moves: 0 } },
    ]);
    expect(await team.aliasHistory(MODEL)).toEqual([]);
  });
});
