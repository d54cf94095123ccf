import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digest } from "../../../src/durable/hash.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { RunStore } from "../../../src/engine/run-store.js";
import { VERDICTS, type Verdict } from "../../../src/kit/events.js";
import type { FailureError } from "../../../src/kit/failure.js";
import { canonicalJson } from "../../../src/kit/json.js";
import { tempFolder } from "../durable/temp-folder.js";
import { errorOf, openBench, stepType } from "./bench.js";

const steps = [{ id: "p", type: stepType("panel", {}, { panel: "panel" }) }];

const FINISHED: readonly Verdict[] = ["promoted", "escalated", "would-promote", "would-escalate"];

describe("which run goes on", () => {
  test.each(VERDICTS.map((verdict) => [verdict, !FINISHED.includes(verdict)] as const))(
    "after %s: the same one is %s",
    async (verdict, goesOn) => {
      const bench = await openBench();
      await bench.run(steps, { verdict });
      expect((await bench.plan(steps)).continues).toBe(goesOn ? "2025Q2-1" : null);
      expect((await bench.run(steps)).run.header.run).toBe(goesOn ? "2025Q2-1" : "2025Q2-2");
    },
  );

  test("a dry run and a real one never go on with each other", async () => {
    const bench = await openBench();
    const ids: string[] = [];
    for (const dryRun of [false, true, false, true])
      ids.push((await bench.run(steps, { dryRun, verdict: "failed" })).run.header.run);
    expect(ids).toEqual(["2025Q2-1", "2025Q2-2", "2025Q2-1", "2025Q2-2"]);
  });

  test("nor do two models, nor two quarters", async () => {
    const bench = await openBench();
    const run = async (model: string, quarter: string) =>
      (await bench.run(steps, { model, quarter, verdict: "failed" })).run.header;
    expect((await run("demand", "2025Q2")).run).toBe("2025Q2-1");
    expect(await run("supply", "2025Q2")).toMatchObject({ run: "2025Q2-2", model: "supply" });
    expect((await run("demand", "2025Q3")).run).toBe("2025Q3-1");
    expect((await run("demand", "2025Q2")).run).toBe("2025Q2-1");
    expect((await run("supply", "2025Q2")).run).toBe("2025Q2-2");
  });

  test("only the latest: an older one stays as it was left", async () => {
    const bench = await openBench();
    await bench.run(steps, { verdict: "failed" });
    await bench.run(steps, { verdict: "promoted", fresh: true });
    expect((await bench.run(steps)).run.header.run).toBe("2025Q2-3");
  });

  test("one that was begun with --fresh stays so: what it has not done yet is done anew, and the plan says it", async () => {
    const bench = await openBench();
    const both = [...steps, { id: "q", type: stepType("other", {}, { other: "panel" }) }];
    expect((await bench.run(both, { verdict: "promoted" })).statuses).toEqual(["p succeeded", "q succeeded"]);
    const cut = await bench.run(both, { verdict: "interrupted", fresh: true, until: "p" });
    expect(cut.statuses[0]).toBe("p succeeded");
    const plan = await bench.plan(both);
    expect(plan.continues).toBe("2025Q2-2");
    expect(plan.steps.map(({ id, action, cause }) => [id, action, cause])).toEqual([
      ["p", "reuse", "unchanged"],
      ["q", "run", "fresh"],
    ]);
    const rest = await bench.run(both, { verdict: "promoted" });
    expect([rest.run.header.run, ...rest.statuses]).toEqual(["2025Q2-2", "p reused", "q succeeded"]);
    expect((await bench.run(both)).statuses).toEqual(["p reused", "q reused"]);
  });

  test("the latest is the one with the highest number, also after the clock went back", async () => {
    const times = ["2025-07-05T00:00:00.000Z", "2025-07-01T00:00:00.000Z"];
    const first = await openBench({ now: () => times[0]! });
    await first.run(steps, { verdict: "failed" });
    const second = await openBench({ root: first.root, now: () => times[1]! });
    for (let run = 2; run <= 11; run++) await second.run(steps, { verdict: "failed", fresh: true });
    expect((await second.run(steps, { verdict: "failed" })).run.header.run).toBe("2025Q2-11");
  });

  test("the header is what was asked for, and stays", async () => {
    const bench = await openBench();
    await bench.run(steps, { verdict: "failed" });
    const path = join(bench.root, "runs", "2025Q2-1", "run.json");
    const header = await readFile(path, "utf8");
    const { sha256, ...asked } = JSON.parse(header);
    expect(sha256).toBe(digest(canonicalJson(asked)));
    expect(asked).toEqual({
      order: 1,
      format: 1,
      run: "2025Q2-1",
      quarter: "2025Q2",
      cutoff: "2025-06-30",
      model: "demand",
      alias: "best",
      dryRun: false,
      runbook: "/nowhere/runbook.yaml",
      overrides: [],
      retrain: "1.0.0",
      startedAt: "2025-07-01T00:00:02.000Z",
    });
    await bench.run(steps);
    expect(await readFile(path, "utf8")).toBe(header);
  });
});

describe("RunStore", () => {
  const header = {
    quarter: "2025Q2",
    cutoff: "2025-06-30",
    model: "demand",
    alias: "best",
    dryRun: false,
    runbook: "/r.yaml",
    overrides: [],
  };
  const open = async (now = () => "2025-07-01T00:00:00.000Z") =>
    new RunStore(join(await tempFolder(), "runs"), nodeFiles(), now);

  test("numbers count up, past holes and past what is no run", async () => {
    const runs = await open();
    expect((await runs.create(header)).header.run).toBe("2025Q2-1");
    for (const name of ["2025Q2-9", "2025Q2-1e3", "2025Q2-x", "2025Q2-", "2025Q21-40", ".DS_Store"])
      await mkdir(join(runs.folder, name));
    await mkdir(join(runs.folder, "2025Q2-8"));
    await writeFile(join(runs.folder, "2025Q2-8", "run.json"), "of a newer retrain");
    // 9 is a folder that a kill left before its run.json: it is no run.
    expect((await runs.create(header)).header.run).toBe("2025Q2-9");
    await rm(join(runs.folder, "2025Q2-8"), { recursive: true });
    expect((await runs.create({ ...header, quarter: "2025Q3" })).header.run).toBe("2025Q3-1");
    expect((await runs.ofQuarter("2025Q2")).map((run) => run.header.run)).toEqual(["2025Q2-1", "2025Q2-9"]);
    expect((await runs.list()).map((run) => run.header.run)).toEqual(["2025Q2-1", "2025Q2-9", "2025Q3-1"]);
  });

  test("two that are made at the same moment are two", async () => {
    const runs = await open();
    const made = await Promise.all(["a", "b", "c"].map((model) => runs.create({ ...header, model })));
    expect(new Set(made.map((run) => run.header.run)).size).toBe(3);
    expect((await runs.list()).map((run) => run.header.model).sort()).toEqual(["a", "b", "c"]);
  });

  test("a run by id, by quarter, or the latest; otherwise what there is", async () => {
    let day = 0;
    const runs = await open(() => `2025-07-0${++day}T00:00:00.000Z`);
    for (const quarter of ["2025Q2", "2025Q1", "2025Q2"]) await runs.create({ ...header, quarter });
    const id = async (name?: string) => (await runs.get(name)).header.run;
    expect(await id("2025Q2-1")).toBe("2025Q2-1");
    expect(await id("2025Q2")).toBe("2025Q2-2");
    expect(await id("2025Q1")).toBe("2025Q1-1");
    expect(await id()).toBe("2025Q2-2");
    for (const name of ["2025Q2-3", "", "../runs"]) {
      expect(((await errorOf(runs.get(name))) as FailureError).failure).toEqual({
        code: "run.unknown",
        retryable: false,
        run: name,
        known: ["2025Q2-1", "2025Q1-1", "2025Q2-2"],
      });
    }
  });

  test("no run at all", async () => {
    const runs = await open();
    expect(await runs.list()).toEqual([]);
    expect(await runs.unfinished({ quarter: "2025Q2", model: "demand", dryRun: false })).toBeNull();
    expect(((await errorOf(runs.get(undefined))) as FailureError).failure).toMatchObject({
      run: "",
      known: [],
    });
  });

  test.each([
    ["{", "store.corrupt"],
    ["{}", "store.corrupt"],
    ['{"format":1}', "store.corrupt"],
    ['{"format":2}', "store.format"],
    ['{"format":0,"retrain":"0.0.9"}', "store.format"],
  ])("a header that reads %s is refused with %s, and is in nobody else's way", async (text, code) => {
    const runs = await open();
    await runs.create(header);
    const path = join(runs.folder, "2025Q2-1", "run.json");
    await writeFile(path, text);
    for (const read of [() => runs.get("2025Q2-1"), () => runs.get("2025Q2"), () => runs.unfinished(header)])
      expect(((await errorOf(read())) as FailureError).failure).toMatchObject({ code, path });
    expect(await runs.listAll()).toMatchObject({
      readable: [],
      unreadable: [{ run: "2025Q2-1", failure: { code, path } }],
    });
    expect(((await errorOf(runs.get("2025Q4-1"))) as FailureError).failure).toMatchObject({
      code: "run.unknown",
      known: ["2025Q2-1"],
    });
    // Another quarter knows nothing of it.
    expect((await runs.create({ ...header, quarter: "2025Q3" })).header.run).toBe("2025Q3-1");
    expect(await runs.unfinished({ ...header, quarter: "2025Q3" })).not.toBeNull();
    // A later run of the quarter (`--fresh`) makes it history.
    expect((await runs.create(header)).header.run).toBe("2025Q2-2");
    expect((await runs.unfinished(header))?.header.run).toBe("2025Q2-2");
    expect((await runs.get("2025Q2")).header.run).toBe("2025Q2-2");
  });

  test("the latest run that cannot be read is told, and no earlier one is shown in its place", async () => {
    const runs = await open();
    for (const quarter of ["2025Q1", "2025Q2"]) {
      const { run } = (await runs.create({ ...header, quarter })).header;
      await runs.log(run, { type: "run-finished", verdict: "escalated", exitCode: 3 });
    }
    const seal = (run: string) => join(runs.folder, run, "journal.seal.json");
    const whole = await readFile(seal("2025Q2-1"));
    await writeFile(seal("2025Q2-1"), whole.subarray(0, 9));
    expect(((await errorOf(runs.get(undefined))) as FailureError).failure).toMatchObject({
      code: "store.corrupt",
      path: seal("2025Q2-1"),
    });
    // Without its header its id says that it is the later one, by quarter and by number.
    const headerOf = (run: string) => join(runs.folder, run, "run.json");
    await writeFile(headerOf("2025Q2-1"), "{");
    expect(((await errorOf(runs.get(undefined))) as FailureError).failure).toMatchObject({
      path: headerOf("2025Q2-1"),
    });
    await runs.create(header);
    expect((await runs.get(undefined)).header.run).toBe("2025Q2-2");
    await writeFile(headerOf("2025Q2-2"), "");
    expect(((await errorOf(runs.get("2025Q2"))) as FailureError).failure).toMatchObject({
      path: headerOf("2025Q2-2"),
    });
  });

  test("an earlier run that cannot be read is in nobody's way", async () => {
    const runs = await open();
    for (const quarter of ["2025Q1", "2025Q2"]) {
      const { run } = (await runs.create({ ...header, quarter })).header;
      await runs.log(run, { type: "run-finished", verdict: "promoted", exitCode: 0 });
    }
    await writeFile(join(runs.folder, "2025Q1-1", "journal.seal.json"), "{");
    expect((await runs.get(undefined)).header.run).toBe("2025Q2-1");
  });

  test("the failure tells formats and the program that wrote it", async () => {
    const runs = await open();
    await runs.create(header);
    const path = join(runs.folder, "2025Q2-1", "run.json");
    await writeFile(path, '{"format":7,"retrain":"9.1.0","more":[]}');
    expect(((await errorOf(runs.get("2025Q2-1"))) as FailureError).failure).toEqual({
      code: "store.format",
      retryable: false,
      path,
      expected: 1,
      actual: 7,
      writtenBy: "9.1.0",
    });
  });

  test("a header of an earlier version of this format, without the program's version, is read", async () => {
    const runs = await open();
    await runs.create(header);
    const path = join(runs.folder, "2025Q2-1", "run.json");
    expect(JSON.parse(await readFile(path, "utf8"))).not.toHaveProperty("retrain");
    expect((await runs.get("2025Q2-1")).header).toMatchObject(header);
  });
});

describe("a run of another format", () => {
  const ofNewer = async () => {
    const bench = await openBench();
    await bench.run(steps, { verdict: "failed" });
    await writeFile(join(bench.root, "runs", "2025Q2-1", "run.json"), '{"format":2,"retrain":"2.0.0"}');
    return bench;
  };

  test("is not gone on with, and nothing is written", async () => {
    const bench = await ofNewer();
    const before = await readdir(join(bench.root, "runs"));
    for (const refused of [() => bench.run(steps), () => bench.plan(steps)])
      expect(((await errorOf(refused())) as FailureError).failure).toMatchObject({ code: "store.format" });
    expect(await readdir(join(bench.root, "runs"))).toEqual(before);
  });

  test("other quarters run, and --fresh goes past it", async () => {
    const bench = await ofNewer();
    expect((await bench.run(steps, { quarter: "2025Q3" })).run.header.run).toBe("2025Q3-1");
    const fresh = await bench.run(steps, { fresh: true, verdict: "promoted" });
    expect([fresh.run.header.run, ...fresh.statuses]).toEqual(["2025Q2-2", "p succeeded"]);
    expect((await bench.run(steps)).statuses).toEqual(["p reused"]);
  });
});

test("a clock that went back changes nothing in the order of runs", async () => {
  const folder = join(await tempFolder(), "runs");
  const times = ["2025-07-03", "2025-07-01", "2030-01-01", "2025-07-02"];
  const header = {
    cutoff: "2025-06-30",
    model: "m",
    alias: "best",
    dryRun: false,
    runbook: "/r.yaml",
    overrides: [],
  };
  const made: string[] = [];
  for (const [i, quarter] of ["2025Q2", "2025Q1", "2024Q4", "2025Q1"].entries()) {
    const store = new RunStore(folder, nodeFiles(), () => `${times[i]}T00:00:00Z`);
    made.push((await store.create({ ...header, quarter })).header.run);
  }
  const store = new RunStore(folder, nodeFiles(), () => "2025-07-04T00:00:00Z");
  expect((await store.list()).map((run) => run.header.run)).toEqual(made);
  expect((await store.get(undefined)).header.run).toBe("2025Q1-2");
});
