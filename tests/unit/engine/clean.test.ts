import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { processTag, thisProcess } from "../../../src/durable/process-identity.js";
import { cleanState } from "../../../src/engine/clean.js";
import { whileNothingRuns } from "../../../src/engine/clean-lock.js";
import { FailureError } from "../../../src/kit/failure.js";
import type { StepOf } from "../plan/runbook-of.js";
import { type AnyContext, type Bench, errorOf, openBench, stepType, writeValue } from "./bench.js";

const panel = stepType("panel", {}, { panel: "panel" });
const segments = stepType("segments", { panel: "panel" }, { segments: "segments" });

const steps = (p: string, s = "s"): StepOf[] => [
  { id: "p", type: panel, params: { value: p } },
  { id: "s", type: segments, params: { value: s } },
];
const REUSED = ["p reused", "s reused"];

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
    : [];
const hashesOf = (folder: string): string[] =>
  filesBelow(folder).map((path) => path.slice(-(path.endsWith(".json") ? 70 : 65)).replace(/\/|\.json/g, ""));

/** What the runs name, read by the format of the day rather than by the pattern that the cleaner looks for. */
function named(bench: Bench): { objects: string[]; records: string[] } {
  const records = filesBelow(join(bench.root, "runs"))
    .filter((path) => path.endsWith("record.json"))
    .map((path) => JSON.parse(readFileSync(path, "utf8")) as { fingerprint: string; outputs: object });
  const shas = records.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ files }: { files: { sha256: string }[] }) =>
      files.map(({ sha256 }) => sha256),
    ),
  );
  const unique = (values: string[]) => [...new Set(values)].sort();
  return {
    objects: unique(shas),
    records: unique(records.map(({ fingerprint }) => fingerprint.slice("sha256:".length))),
  };
}

const stored = (bench: Bench) => ({
  objects: hashesOf(join(bench.root, "objects")).sort(),
  records: hashesOf(join(bench.root, "records")).sort(),
});

/** Three runs of two steps each; the folder of the second is gone, so its objects and records are nobody's. */
async function withGarbage(files = nodeFiles()): Promise<Bench> {
  const bench = await openBench({ files });
  for (const value of ["a", "b", "c"]) await bench.run(steps(value), { verdict: "promoted" });
  await rm(join(bench.root, "runs", "2025Q2-2"), { recursive: true });
  return bench;
}

describe("what is removed", () => {
  test("exactly what no run names; what stays is reused in full", async () => {
    const bench = await withGarbage();
    const before = filesBelow(join(bench.root, "runs"));
    expect(stored(bench).objects.length).toBe(6);
    const pruned = await cleanState(bench.engine, { dryRun: false });
    expect(pruned.map(({ kind }) => kind)).toEqual(["records", "records", "objects", "objects"]);
    expect(pruned.every(({ bytes }) => bytes > 0)).toBe(true);
    expect(stored(bench)).toEqual(named(bench));
    expect(filesBelow(join(bench.root, "runs"))).toEqual(before);
    for (const value of ["a", "c"]) expect((await bench.run(steps(value))).statuses).toEqual(REUSED);
    expect((await bench.run(steps("b"))).statuses).toEqual(["p succeeded", "s succeeded"]);
  });

  test("a dry run says the same and removes nothing", async () => {
    const bench = await withGarbage();
    const before = filesBelow(bench.root);
    const said = await cleanState(bench.engine, { dryRun: true });
    expect(filesBelow(bench.root)).toEqual(before);
    expect(await cleanState(bench.engine, { dryRun: false })).toEqual(said);
    expect(await cleanState(bench.engine, { dryRun: false })).toEqual([]);
  });

  test("an object that another run's record names too stays", async () => {
    const bench = await openBench();
    await bench.run(steps("a"), { verdict: "promoted" });
    // Another parameter, the same panel: its own records, a shared object.
    const noted: StepOf[] = [{ id: "p", type: panel, params: { value: "a", note: 1 } }];
    await bench.run(noted, { verdict: "promoted" });
    await rm(join(bench.root, "runs", "2025Q2-2"), { recursive: true });
    expect((await cleanState(bench.engine, { dryRun: false })).map(({ kind }) => kind)).toEqual(["records"]);
    expect((await bench.run(steps("a"))).statuses).toEqual(REUSED);
  });

  test("a record that a killed run has not copied yet stays, with its objects", async () => {
    const bench = await openBench();
    const { run } = await bench.run(steps("a"), { verdict: "interrupted" });
    const copy = join(run.folder, "steps", "s");
    await rm(copy, { recursive: true });
    expect(await cleanState(bench.engine, { dryRun: false })).toEqual([]);
    expect((await bench.run(steps("a"))).statuses).toEqual(REUSED);
  });

  test("what killed processes left goes; files of others and the registry stay", async () => {
    const bench = await openBench();
    await bench.run(steps("a"), { verdict: "promoted" });
    const put = async (path: string, content = "half") => {
      await mkdir(join(bench.root, path, ".."), { recursive: true });
      await writeFile(join(bench.root, path), content);
    };
    const dead = { ...thisProcess(), pid: 2 ** 22 + 1, since: "2025-07-01T00:00:00.000Z", run: "2025Q2" };
    await put("objects/ab/.tmp-1");
    await put("runs/2025Q2-1/steps/.tmp-2/panel/value.txt");
    await put("locks/demand.lock.after-1", JSON.stringify({ ...dead, token: "t" }));
    await put("locks/demand.lock.after-2", JSON.stringify({ ...dead, token: "t", host: "elsewhere" }));
    await put("objects/ab/note.txt");
    await put("objects/pack/pack-1.idx");
    await put(`derived/cd/${"0".repeat(62)}.json`);
    await put("registry/models/.tmp-3");
    const pruned = await cleanState(bench.engine, { dryRun: false });
    expect(pruned.map(({ path, kind, bytes }) => [path.slice(bench.root.length + 1), kind, bytes])).toEqual([
      [`derived/cd/${"0".repeat(62)}.json`, "derived", 4],
      ["locks/demand.lock.after-1", "leftovers", expect.any(Number)],
      ["runs/2025Q2-1/steps/.tmp-2", "leftovers", 4],
      ["objects/ab/.tmp-1", "leftovers", 4],
    ]);
    for (const kept of ["objects/ab/note.txt", "objects/pack/pack-1.idx", "registry/models/.tmp-3"])
      expect(existsSync(join(bench.root, kept)), kept).toBe(true);
    expect((await bench.run(steps("a"))).statuses).toEqual(REUSED);
  });

  test("a lock that its writer was killed in is known by the name of its file", async () => {
    const bench = await openBench();
    await bench.run(steps("a"), { verdict: "promoted" });
    const locks = join(bench.root, "locks");
    await mkdir(locks, { recursive: true });
    const ended = `.tmp-${processTag().replace(/-\d+-/, `-${2 ** 22 + 1}-`)}-1`;
    // Its number was given to this process since.
    const renumbered = `.tmp-${processTag().replace(/[0-9a-f]{8}$/, "01234567")}-1`;
    for (const name of [ended, renumbered]) await writeFile(join(locks, name), "");
    await writeFile(join(locks, `.tmp-${processTag()}-2`), "");
    await writeFile(join(locks, ".tmp-9a7cbe01-5f0b-4c8f-8f3e-0a8b4f0c7d11"), "");
    const elsewhere = ended.replace(/^\.tmp-[0-9a-f]{8}/, ".tmp-00000000");
    await writeFile(join(locks, elsewhere), "");
    const pruned = await cleanState(bench.engine, { dryRun: false });
    expect(pruned.map(({ path }) => path)).toEqual([
      ...[ended, renumbered].sort().map((name) => join(locks, name)),
    ]);
  });

  test("abandoned backtests go, those at work, finished or of another host stay", async () => {
    const bench = await openBench();
    await bench.run(steps("a"), { verdict: "promoted" });
    const put = async (path: string, content: string) => {
      await mkdir(join(bench.root, "backtest", path, ".."), { recursive: true });
      await writeFile(join(bench.root, "backtest", path), content);
    };
    const live = { ...thisProcess(), since: "2025-07-01T00:00:00.000Z", run: "retrain backtest", token: "t" };
    const lock = (holder: object) => JSON.stringify({ ...live, ...holder });
    const dead = { pid: 2 ** 22 + 1 };
    const [killed, interrupted, anew, working, kept, elsewhere] = ["1", "2", "3", "4", "5", "6"].map(
      (digit) => digit.repeat(12),
    );
    for (const id of [killed, interrupted, anew, working, kept, elsewhere])
      await put(`${id}/state/runs/x`, "half");
    for (const id of [anew, kept]) await put(`${id}/backtest.json`, "{}");
    for (const id of [killed, anew]) await put(`${id}.lock`, lock(dead));
    await put(`${working}.lock`, lock({}));
    await put(`${elsewhere}.lock`, lock({ ...dead, host: "elsewhere" }));

    const found = [killed, interrupted, `${anew}/state`].map((path) => [`backtest/${path}`, "backtests", 4]);
    for (const dryRun of [true, false]) {
      const pruned = await cleanState(bench.engine, { dryRun });
      expect(pruned.map(({ path, kind, bytes }) => [path.slice(bench.root.length + 1), kind, bytes])).toEqual(
        found,
      );
    }
    expect(readdirSync(join(bench.root, "backtest")).sort()).toEqual(
      [anew, working, `${working}.lock`, kept, elsewhere, `${elsewhere}.lock`].sort(),
    );
    expect(readdirSync(join(bench.root, "backtest", anew!))).toEqual(["backtest.json"]);
    expect(existsSync(join(bench.root, "backtest", kept!, "state/runs/x"))).toBe(true);
    expect(await cleanState(bench.engine, { dryRun: false })).toEqual([]);
  });

  test("what is derived stays as long as its artifacts do", async () => {
    const bench = await openBench();
    const hashes: string[] = [];
    for (const value of ["a", "b"]) {
      const { steps: ran } = await bench.run(steps(value), { verdict: "promoted" });
      const artifacts = [ran[0]!.record!.outputs.panel!.hash];
      hashes.push(...artifacts);
      await bench.engine.derived.text({ what: "chart", artifacts, rest: null }, async () => value);
    }
    await rm(join(bench.root, "runs", "2025Q2-1"), { recursive: true });
    await cleanState(bench.engine, { dryRun: false });
    const text = (hash: string) =>
      bench.engine.derived.text({ what: "chart", artifacts: [hash], rest: null }, async () => "made anew");
    expect(await text(hashes[0]!)).toBe("made anew");
    expect(await text(hashes[1]!)).toBe("b");
  });
});

describe("beside runs", () => {
  const codeOf = async (promise: Promise<unknown>) => ((await errorOf(promise)) as FailureError).failure.code;

  test("a run at work is not disturbed", async () => {
    const bench = await openBench();
    let code = "";
    const during = stepType(
      "panel",
      {},
      { panel: "panel" },
      {
        async run(ctx: AnyContext) {
          code = await codeOf(cleanState(bench.engine, { dryRun: false }));
          await writeValue(ctx);
          return { summary: "" };
        },
      },
    );
    expect((await bench.run([{ id: "p", type: during }])).statuses).toEqual(["p succeeded"]);
    expect(code).toBe("run.locked");
  });

  test("no run starts meanwhile, whatever its model, and afterwards they do", async () => {
    const bench = await openBench();
    await whileNothingRuns(bench.engine, async () => {
      expect(await codeOf(bench.run(steps("a"), { model: "never-seen" }))).toBe("run.locked");
      expect(await codeOf(cleanState(bench.engine, { dryRun: true }))).toBe("run.locked");
    });
    expect((await bench.run(steps("a"), { model: "never-seen" })).statuses).toContain("p succeeded");
    expect(readdirSync(join(bench.root, "locks"))).toEqual([]);
  });
});

test("a fault at any removal leaves a state that runs can use, and the next clean ends the work", async () => {
  for (let fatal = 1; ; fatal++) {
    const disk = nodeFiles();
    let removals = 0;
    let isArmed = false;
    const bench = await withGarbage({
      ...disk,
      async remove(path, beforeCommit) {
        if (isArmed && !path.includes("/locks/") && ++removals === fatal) {
          throw new FailureError({
            code: "fs.failed",
            retryable: true,
            operation: "remove",
            path,
            errno: "EIO",
          });
        }
        await disk.remove(path, beforeCommit);
      },
    });
    isArmed = true;
    const outcome = await cleanState(bench.engine, { dryRun: false }).then(
      () => "done",
      (error: unknown) => (error as FailureError).failure.code,
    );
    if (outcome === "done") {
      expect(fatal).toBe(5);
      return;
    }
    expect(outcome).toBe("fs.failed");
    const left = stored(bench);
    for (const hash of named(bench).objects) expect(left.objects).toContain(hash);
    for (const hash of named(bench).records) expect(left.records).toContain(hash);
    for (const value of ["a", "c"]) expect((await bench.run(steps(value))).statuses).toEqual(REUSED);
    const again = await bench.run(steps("b"));
    expect(again.text("s")).toBe("segments s panel: (panel b)");
    await rm(again.run.folder, { recursive: true });
    await cleanState(bench.engine, { dryRun: false });
    expect(stored(bench)).toEqual(named(bench));
  }
});
