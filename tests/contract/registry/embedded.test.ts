import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { modelFiles } from "../../support/model-files.js";
import { registryContract } from "./registry-contract.js";
import { compileSource } from "./support/compiled-source.js";
import { tamperInFolder } from "./support/tamper.js";
import { frozenClock } from "./support/test-clock.js";

const files = nodeFiles();
const open = (folder: string) => embeddedRegistry({ folder, files, clock: frozenClock }, "file:registry");

registryContract("embedded", open, tamperInFolder);

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "retrain-registry-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const run = (key: string) => ({
  key,
  model: "demand",
  name: "demand",
  quarter: "2025Q1",
  cutoff: "2025-03-31",
  tags: {},
});

describe("on disk", () => {
  test("the folder is laid out as documented, with no `mlruns` and nothing left over", async () => {
    const folder = await tempFolder();
    const registry = open(folder);
    const { runId } = await registry.ensureRun(run("k"));
    const source = join(folder, "..", "source.tmp");
    await writeFile(source, "x");
    onTestFinished(() => rm(source));
    await registry.putArtifacts(runId, [{ path: "snapshot/a", source }]);
    await registry.ensureVersion({ name: "demand", key: "k", runId, description: "", tags: {} });
    await registry.attachModel("demand", "1", [{ path: "model.onnx", source }], "d");
    await registry.moveAlias({
      name: "demand",
      alias: "best",
      to: "1",
      by: "b",
      reason: "r",
      decision: null,
      key: "k",
    });
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    expect(paths.sort()).toEqual([
      "models/demand/alias-log.jsonl",
      "models/demand/alias-log.seal.json",
      "models/demand/versions/1/model/model.onnx",
      "models/demand/versions/1/version.json",
      "registry.json",
      `runs/${runId}/artifacts.json`,
      `runs/${runId}/artifacts/snapshot/a`,
      `runs/${runId}/run.json`,
      "version-log/demand.jsonl",
    ]);
    expect(JSON.parse(await readFile(join(folder, "registry.json"), "utf8"))).toEqual({ format: 1 });
  });

  describe("a version number is never given twice", () => {
    const make = async (folder: string, key: string) => {
      const registry = open(folder);
      const { runId } = await registry.ensureRun(run(key));
      return (await registry.ensureVersion({ name: "demand", key, runId, description: "", tags: {} }))
        .version;
    };
    const gone: Readonly<Record<string, string>> = {
      "the last version": "models/demand/versions/2",
      "every version": "models/demand/versions",
      "the model": "models/demand",
    };
    for (const [what, path] of Object.entries(gone))
      test(`when ${what} was deleted`, async () => {
        const folder = await tempFolder();
        expect([await make(folder, "a"), await make(folder, "b")]).toEqual(["1", "2"]);
        await rm(join(folder, path), { recursive: true });
        expect(await make(folder, "c")).toBe("3");
        expect(await make(folder, "b")).toBe("4");
        expect(await make(folder, "b")).toBe("4");
      });

    test("when a version's folder was renamed: it is no version any more", async () => {
      const folder = await tempFolder();
      await make(folder, "a");
      const versions = join(folder, "models/demand/versions");
      await rename(join(versions, "1"), join(versions, "7"));
      expect(await open(folder).listVersions("demand")).toEqual([]);
      expect(await open(folder).getVersion("demand", "7")).toBeNull();
      expect(await make(folder, "b")).toBe("2");
    });

    test("in a registry of before there was a log: what is there counts, and what aliases named", async () => {
      const folder = await tempFolder();
      const registry = open(folder);
      for (const key of ["a", "b", "c"]) await make(folder, key);
      const move = { name: "demand", by: "b", reason: "r", decision: null };
      await registry.moveAlias({ ...move, alias: "candidate", to: "3", key: "k" });
      await rm(join(folder, "version-log"), { recursive: true });
      await rm(join(folder, "models/demand/versions/3"), { recursive: true });
      expect(await make(folder, "d")).toBe("4");
      await rm(join(folder, "models/demand"), { recursive: true });
      expect(await make(folder, "e")).toBe("5");
    });

    test("a kill between the version and its line in the log: asked again, it is the same version, and the line is there", async () => {
      const folder = await tempFolder();
      expect(await make(folder, "a")).toBe("1");
      await rm(join(folder, "version-log"), { recursive: true });
      expect(await make(folder, "a")).toBe("1");
      await rm(join(folder, "models/demand/versions/1"), { recursive: true });
      expect(await make(folder, "b")).toBe("2");
    });
  });

  test("a run from before runs had parts, points and inputs is read as one that has none", async () => {
    const folder = await tempFolder();
    const registry = open(folder);
    const made = await registry.ensureRun(run("k"));
    const path = join(folder, "runs", made.runId, "run.json");
    const {
      parent: _,
      points: _p,
      inputs: _i,
      sha256: _s,
      ...old
    } = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify(old));
    expect(await registry.listRuns("demand")).toEqual([made]);
    expect(await registry.runDetails(made.runId)).toEqual({ points: [], inputs: [], parts: [] });
    const part = await registry.ensureRun({ ...run("part"), parent: made.runId });
    expect((await registry.runDetails(made.runId)).parts).toEqual([part]);
    const parts = join(folder, "runs", made.runId, "parts");
    expect(await readdir(parts, { recursive: true })).toContain(join((await readdir(parts))[0]!, "run.json"));
  });

  test("the same key gives the same run id in another folder", async () => {
    const [one, two] = [open(await tempFolder()), open(await tempFolder())];
    expect((await one.ensureRun(run("k"))).runId).toBe((await two.ensureRun(run("k"))).runId);
  });

  test("a run that is made later stands later, also where the clock has gone back", async () => {
    const folder = await tempFolder();
    const keys = ["c", "a", "b", "d"];
    for (const [i, key] of keys.entries()) {
      const now = () => `2025-07-0${[5, 1, 9, 2][i]}T09:00:00.000Z`;
      const clock = { now, monotonic: () => 0 };
      await embeddedRegistry({ folder, files, clock }, "file:registry").ensureRun(run(key));
    }
    expect((await open(folder).listRuns("demand")).map(({ key }) => key)).toEqual(keys);
  });

  test("damage is found: a broken record, and an artifact that was edited", async () => {
    const folder = await tempFolder();
    const registry = open(folder);
    const { runId } = await registry.ensureRun(run("k"));
    await registry.putArtifacts(runId, [{ path: "a", source: join(folder, "registry.json") }]);
    await writeFile(join(folder, "runs", runId, "artifacts/a"), "edited");
    const corrupt = { failure: { code: "registry.corrupt" } };
    await expect(registry.readArtifact(runId, "a")).rejects.toMatchObject(corrupt);
    const reads = {
      "run.json": () => registry.getRun(runId),
      "artifacts.json": () => registry.listArtifacts(runId),
    };
    for (const [name, read] of Object.entries(reads)) {
      const path = join(folder, "runs", runId, name);
      const whole = await readFile(path);
      const before = await read();
      for (let bit = 0; bit < whole.length * 8; bit += 7) {
        const flipped = Buffer.from(whole);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        await writeFile(path, flipped);
        const seen = await read().catch((error: unknown) => error);
        // Blanks, and the name of the hash of a run, are not what was recorded.
        if (!(seen instanceof Error)) expect(seen, `bit ${bit} of ${name}`).toEqual(before);
        else expect(seen, `bit ${bit} of ${name}`).toMatchObject(corrupt);
      }
      for (const content of ["{", "", "[]"]) {
        await writeFile(path, content);
        await expect(read()).rejects.toMatchObject(corrupt);
      }
      await writeFile(path, whole);
    }
  });

  test("a record of files of the version before has no hash, and gets one with the next file", async () => {
    const folder = await tempFolder();
    const registry = open(folder);
    const { runId } = await registry.ensureRun(run("k"));
    const source = join(folder, "registry.json");
    await registry.putArtifacts(runId, [{ path: "a", source }]);
    const path = join(folder, "runs", runId, "artifacts.json");
    const { sha256, ...old } = JSON.parse(await readFile(path, "utf8"));
    expect(sha256).toMatch(/^sha256:/);
    await writeFile(path, JSON.stringify(old));
    expect(await registry.listArtifacts(runId)).toEqual(["a"]);
    await registry.putArtifacts(runId, [{ path: "b", source }]);
    expect(await registry.listArtifacts(runId)).toEqual(["a", "b"]);
    expect(JSON.parse(await readFile(path, "utf8"))).toHaveProperty("sha256");
    await expect(registry.putArtifacts(runId, [{ path: "sha256", source }])).rejects.toMatchObject({
      failure: { code: "registry.name-invalid" },
    });
  });

  test("a torn last line of the alias log is no move", async () => {
    const folder = await tempFolder();
    const registry = open(folder);
    const { runId } = await registry.ensureRun(run("k"));
    await registry.ensureVersion({ name: "demand", key: "k", runId, description: "", tags: {} });
    const log = join(folder, "models/demand/alias-log.jsonl");
    const request = { name: "demand", alias: "best", to: "1", by: "b", reason: "r", decision: null };
    await registry.moveAlias({ ...request, key: "k1" });
    await writeFile(log, `${await readFile(log, "utf8")}{"seq":2,"record":{"alias":"be`);
    expect(await registry.aliasHistory("demand")).toHaveLength(1);
    expect(await registry.moveAlias({ ...request, key: "k2" })).toMatchObject({ outcome: "moved" });
    expect((await registry.aliasHistory("demand")).map(({ key }) => key)).toEqual(["k1", "k2"]);
  });

  test("a log of the version before, without hashes, is gone on with and vouched for", async () => {
    const { folder, registry, log, request } = await withTwoMoves();
    const text = await readFile(log, "utf8");
    await rm(join(log, "..", "alias-log.seal.json"));
    await writeFile(log, text.replaceAll(/,"hash":"[0-9a-f]{64}"/g, ""));
    expect(await registry.aliasHistory("demand")).toHaveLength(2);
    const trail = await registry.trail("demand");
    expect(trail.map(({ length }) => length)).toEqual([1, 2]);
    await registry.moveAlias({ ...request, key: "k3" });
    expect((await registry.trail("demand")).slice(0, 2)).toEqual(trail);
    const after = await readFile(log, "utf8");
    expect(await open(folder).aliasHistory("demand")).toHaveLength(3);
    await writeFile(log, after.replace('"reason":"r"', '"reason":"R"'));
    await expect(open(folder).aliasHistory("demand")).rejects.toMatchObject(trailDamaged);
  });

  const trailDamaged = { failure: { code: "registry.trail-damaged", name: "demand" } };

  async function withTwoMoves() {
    const folder = await tempFolder();
    const registry = open(folder);
    const { runId } = await registry.ensureRun(run("k"));
    for (const key of ["a", "b"])
      await registry.ensureVersion({ name: "demand", key, runId, description: "", tags: {} });
    const request = { name: "demand", alias: "best", to: "1", by: "b", reason: "r", decision: null };
    await registry.moveAlias({ ...request, key: "k1" });
    await registry.moveAlias({ ...request, to: "2", key: "k2" });
    return { folder, registry, request, log: join(folder, "models/demand/alias-log.jsonl") };
  }

  describe.each([
    ["a bit flipped in the last line", (text: string) => text.replace(/2(?=","at")/g, "3")],
    ["a bit flipped in the first line", (text: string) => text.replace("best", "bect")],
    ["cut at the end of a line", (text: string) => text.replace(/[^\n]*\n$/, "")],
    ["cut within the last line", (text: string) => text.slice(0, -30)],
    ["cut by its line end", (text: string) => text.slice(0, -1)],
    ["emptied", () => ""],
    ["with a line twice", (text: string) => text + text.split("\n")[1]!.concat("\n")],
    ["gone", () => null],
    ["a folder", () => undefined],
  ] as const)("an alias log that is %s", (_name, change) => {
    test("is noticed by every call, and mended by a person's word alone", async () => {
      const { folder, registry, request, log } = await withTwoMoves();
      const changed = change(await readFile(log, "utf8"));
      await rm(log);
      if (changed === undefined) await mkdir(log);
      else if (changed !== null) await writeFile(log, changed);
      for (const seen of [registry, open(folder)]) {
        await expect(seen.getAlias("demand", "best")).rejects.toMatchObject(trailDamaged);
        await expect(seen.getAlias("demand", "another")).rejects.toMatchObject(trailDamaged);
        await expect(seen.aliasHistory("demand")).rejects.toMatchObject(trailDamaged);
        const next = { ...request, key: "k3" };
        await expect(seen.moveAlias(next)).rejects.toMatchObject(trailDamaged);
      }
      const sound = changed?.startsWith(`{"seq":1,"record":{"alias":"best"`) ? ["k1"] : [];
      const adopt = { ...request, to: "2", by: "ann", key: "adopt", mend: true };
      const mended = await registry.moveAlias(adopt);
      expect(mended).toMatchObject({ outcome: "moved", move: { to: "2", by: "ann" } });
      const keys = async () => (await open(folder).aliasHistory("demand")).map(({ key }) => key);
      const expected = changed?.split("\n").length === 4 ? ["k1", "k2", "adopt"] : [...sound, "adopt"];
      expect(await keys()).toEqual(expected);
      expect(await open(folder).getAlias("demand", "best")).toBe("2");
      // Asked again, nothing is mended twice.
      expect(await registry.moveAlias(adopt)).toMatchObject({ outcome: "already" });
      await registry.moveAlias({ ...request, key: "k3" });
      expect(await keys()).toEqual([...expected, "k3"]);
      const kept = (await readdir(join(log, ".."))).filter((name) => name.startsWith("alias-log.damaged-"));
      expect(kept).toHaveLength(changed === null ? 0 : 1);
    });
  });

  test("a process that is killed while it mends: the same word mends it", async () => {
    for (let left = 0; ; left++) {
      const { folder, request, log } = await withTwoMoves();
      await writeFile(log, (await readFile(log, "utf8")).replace("best", "bect"));
      const adopt = { ...request, to: "2", key: "adopt", mend: true };
      let writes = left;
      const dying = new Proxy(files, {
        get: (target, name: keyof typeof files) =>
          ["writeAtomic", "copyInto", "renameExclusive"].includes(name)
            ? async (...args: never[]) => {
                if (writes-- <= 0) throw new Error("killed");
                return (target[name] as (...args: never[]) => unknown)(...args);
              }
            : target[name],
      });
      const registry = embeddedRegistry({ folder, files: dying, clock: frozenClock }, "file:r");
      const ended = await registry.moveAlias(adopt).then(
        () => true,
        () => false,
      );
      await open(folder).moveAlias(adopt);
      const history = await open(folder).aliasHistory("demand");
      expect(
        history.map(({ key }) => key),
        `${left} writes`,
      ).toEqual(["adopt"]);
      if (ended) break;
    }
  });

  test("a model that another process on another host holds is busy", async () => {
    const folder = await tempFolder();
    const registry = open(folder);
    await registry.ensureRun(run("k"));
    const holder = { pid: 1, host: "elsewhere", since: "2025-06-30T00:00:00Z", run: "r", processStart: null };
    await writeFile(join(folder, "models/demand/lock"), JSON.stringify({ ...holder, token: "t" }));
    const impatient = embeddedRegistry({ folder, files, clock: frozenClock, lockWaitMs: 50 }, "file:r");
    await expect(impatient.ensureRun(run("k2"))).rejects.toMatchObject({
      failure: { code: "registry.busy", holder: expect.stringContaining("elsewhere") },
    });
  });
});

describe("a process that dies at a chosen write", () => {
  /** Files that stop working, as after a kill, when `left` changes have been made. */
  function dyingAfter(left: number): ReturnType<typeof nodeFiles> {
    let changes = left;
    const dying = { ...files } as Record<string, unknown>;
    for (const name of [
      "writeAtomic",
      "createExclusive",
      "appendLine",
      "copyInto",
      "renameExclusive",
      "remove",
    ]) {
      dying[name] = async (...args: unknown[]) => {
        if (changes-- <= 0) throw new Error("killed");
        return (files[name as keyof typeof files] as (...args: unknown[]) => unknown)(...args);
      };
    }
    return dying as unknown as ReturnType<typeof nodeFiles>;
  }

  /** A dead process cannot release its lock: make the lock that it left look like one. */
  async function buryLocks(folder: string): Promise<void> {
    const lock = join(folder, "models/demand/lock");
    const text = await files.readText(lock);
    if (text !== null) await writeFile(lock, JSON.stringify({ ...JSON.parse(text), pid: 4_999_999 }));
  }

  test("whatever the write, doing it all again ends in the same state", async () => {
    const source = join(await tempFolder(), "source");
    await writeFile(source, "graph");
    const model = await modelFiles(await tempFolder(), { m: "graph" });
    const work = async (registry: ReturnType<typeof open>) => {
      const { runId } = await registry.ensureRun(run("k"));
      const points = [{ name: "p", step: 1, value: 1 }];
      await registry.logRun(runId, { metrics: { m: 1 }, points });
      const part = await registry.ensureRun({ ...run("part"), parent: runId });
      await registry.logRun(part.runId, { points });
      await registry.putArtifacts(runId, [{ path: "a/b", source }]);
      const { version } = await registry.ensureVersion({
        name: "demand",
        key: "k",
        runId,
        description: "",
        tags: {},
      });
      await registry.attachModel("demand", version, model.files, model.digest);
      await registry.moveAlias({
        name: "demand",
        alias: "best",
        to: version,
        expected: null,
        by: "b",
        reason: "r",
        decision: "d",
        key: "k",
      });
      await registry.closeRun(runId, { done: "yes" });
    };
    const state = async (folder: string) => {
      const registry = open(folder);
      const runs = await registry.listRuns("demand");
      return {
        runs,
        details: await Promise.all(runs.map(({ runId }) => registry.runDetails(runId))),
        artifacts: await Promise.all(runs.map(({ runId }) => registry.listArtifacts(runId))),
        versions: await registry.listVersions("demand"),
        model: new TextDecoder().decode(await registry.readModelFile("demand", "1", "m")),
        history: await registry.aliasHistory("demand"),
      };
    };
    const whole = await tempFolder();
    await work(open(whole));
    const expected = await state(whole);

    let killed = 0;
    for (let left = 0; ; left++) {
      const folder = await tempFolder();
      const place = { folder, files: dyingAfter(left), clock: frozenClock };
      const ended = await work(embeddedRegistry(place, "file:r")).then(
        () => true,
        (error: Error) => {
          expect(error.message).toBe("killed");
          return false;
        },
      );
      if (ended) break;
      killed++;
      await buryLocks(folder);
      await work(open(folder));
      expect(await state(folder), `killed before change ${left}`).toEqual(expected);
    }
    expect(killed).toBeGreaterThan(20);
  });
});

describe("several processes", () => {
  let compiled: Awaited<ReturnType<typeof compileSource>>;
  beforeAll(async () => {
    compiled = await compileSource(["kit", "durable", "registry", "stats"]);
  }, 60_000);
  afterAll(() => compiled.remove());

  test("hammering one model: contiguous versions, no lost and no double move", async () => {
    const folder = await tempFolder();
    const registry = open(folder);
    const { runId } = await registry.ensureRun(run("k"));
    const script = `
      import { nodeFiles } from "./src/durable/node-files.js";
      import { embeddedRegistry } from "./src/registry/embedded/registry.js";
      const [folder, runId, me, rounds] = process.argv.slice(2).map((arg) => JSON.parse(arg));
      const clock = { now: () => new Date().toISOString(), monotonic: () => 0 };
      const registry = embeddedRegistry({ folder, files: nodeFiles(), clock }, "file:r");
      const won = [];
      for (let round = 0; round < rounds; round++) {
        // Half of the keys are shared by all processes, half are one's own.
        const key = round % 2 ? "shared " + round : me + " " + round;
        const { version } = await registry.ensureVersion({ name: "demand", key, runId, description: "", tags: {} });
        for (;;) {
          const expected = await registry.getAlias("demand", "best");
          const move = { name: "demand", alias: "best", to: version, expected, by: me, reason: "r", decision: null };
          const result = await registry.moveAlias({ ...move, key: "move " + me + " " + round });
          if (result.outcome === "conflict") continue;
          won.push([result.move.from, result.move.to]);
          break;
        }
      }
      console.log(JSON.stringify(won));`;
    const [processes, rounds] = [4, 6];
    const children = Array.from({ length: processes }, (_, index) =>
      compiled.start(script, folder, runId, `p${index}`, rounds),
    );
    const won = (await Promise.all(children.map((child) => child.output))).flatMap(
      (output) => JSON.parse(output) as [string | null, string][],
    );

    const versions = await registry.listVersions("demand");
    const expectedVersions = (processes * rounds) / 2 + rounds / 2;
    expect(versions.map(({ version }) => Number(version))).toEqual(
      Array.from({ length: expectedVersions }, (_, index) => index + 1),
    );
    expect(new Set(versions.map(({ key }) => key)).size).toBe(expectedVersions);

    const history = await registry.aliasHistory("demand");
    expect(history).toHaveLength(processes * rounds);
    expect(new Set(history.map(({ key }) => key)).size).toBe(processes * rounds);
    // Compare-and-set: every move starts where the one before it ended.
    for (const [index, { from }] of history.entries()) expect(from).toBe(history[index - 1]?.to ?? null);
    const text = (moves: readonly (readonly [string | null, string])[]) => moves.map(String).sort();
    expect(text(won)).toEqual(text(history.map(({ from, to }) => [from, to] as const)));
    expect(await registry.getAlias("demand", "best")).toBe(history.at(-1)!.to);
  });

  test("a process that is killed in the middle of its work leaves nothing that blocks or confuses", async () => {
    const folder = await tempFolder();
    const registry = open(folder);
    const { runId } = await registry.ensureRun(run("k"));
    const script = `
      import { nodeFiles } from "./src/durable/node-files.js";
      import { embeddedRegistry } from "./src/registry/embedded/registry.js";
      const [folder, runId, me] = process.argv.slice(2).map((arg) => JSON.parse(arg));
      const clock = { now: () => new Date().toISOString(), monotonic: () => 0 };
      const registry = embeddedRegistry({ folder, files: nodeFiles(), clock }, "file:r");
      for (let round = 0; ; round++) {
        const spec = { name: "demand", key: me + round, runId, description: "", tags: {} };
        const { version } = await registry.ensureVersion(spec);
        const move = { name: "demand", alias: "best", to: version, by: me, reason: "r", decision: null };
        await registry.moveAlias({ ...move, key: me + round });
        if (round === 2) console.log("working");
      }`;
    for (let attempt = 0; attempt < 3; attempt++) {
      const child = compiled.start(script, folder, runId, `p${attempt}-`);
      await child.said("working");
      await child.kill();
      const { version } = await registry.ensureVersion({
        name: "demand",
        key: `after ${attempt}`,
        runId,
        description: "",
        tags: {},
      });
      const versions = await registry.listVersions("demand");
      expect(versions.map((one) => Number(one.version))).toEqual(versions.map((_, index) => index + 1));
      expect(versions.at(-1)!.version).toBe(version);
      const history = await registry.aliasHistory("demand");
      for (const [index, { from }] of history.entries()) expect(from).toBe(history[index - 1]?.to ?? null);
    }
  });
});
