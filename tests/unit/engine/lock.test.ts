import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { thisProcess } from "../../../src/durable/process-identity.js";
import { lockPath } from "../../../src/engine/lock.js";
import type { FailureError } from "../../../src/kit/failure.js";
import { hashTree } from "../../support/project.js";
import { type AnyContext, errorOf, openBench, stepType, writeValue } from "./bench.js";

/** Loses the lock of the run to another process in the middle of a step. */
function losing(path: () => string, onLoss: () => void = () => undefined) {
  return async (ctx: AnyContext) => {
    await writeValue(ctx);
    await writeFile(path(), JSON.stringify({ ...thisProcess(), since: "now", run: "heir", token: "other" }));
    onLoss();
  };
}

const failureOf = async (promise: Promise<unknown>) => ((await errorOf(promise)) as FailureError).failure;

describe("a run that loses its lock", () => {
  test.each([false, true])(
    "stops with run.lock-lost and writes nothing more (dry run: %s)",
    async (dryRun) => {
      const bench = await openBench();
      const path = lockPath(bench.engine.state, "demand");
      let before = {};
      const lose = losing(
        () => path,
        () => {
          before = hashTree(bench.root);
        },
      );
      const panel = stepType("panel", {}, { panel: "panel" });
      const slow = stepType(
        "slow",
        { panel: "panel" },
        { segments: "segments" },
        {
          run: async (ctx: AnyContext) => {
            await lose(ctx);
            return { summary: "too late" };
          },
        },
      );
      const after = stepType("after", { segments: "segments" }, { decision: "decision" });
      const steps = [panel, slow, after].map((type) => ({ id: type.type, type }));
      let concluded = false;
      const failure = await failureOf(
        bench.run(steps, {
          dryRun,
          conclude: async () => {
            concluded = true;
          },
        }),
      );
      expect(failure).toMatchObject({ code: "run.lock-lost", path, holder: { run: "heir" } });
      expect(hashTree(bench.root)).toEqual(before);
      expect(concluded).toBe(false);
      expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ run: "heir" });
      expect(bench.events.some((event) => event.type === "step-finished" && event.step === "slow")).toBe(
        false,
      );

      await rm(path);
      const resumed = await bench.run([{ id: "panel", type: panel }], { dryRun });
      expect(resumed.run.header.run).toBe("2025Q2-1");
      expect(resumed.statuses).toEqual(["panel reused"]);
    },
  );

  test("cannot put a file into its step's folder either", async () => {
    const bench = await openBench();
    const path = lockPath(bench.engine.state, "demand");
    const late: string[] = [];
    const slow = stepType(
      "slow",
      {},
      { panel: "panel" },
      {
        run: async (ctx: AnyContext) => {
          await losing(() => path)(ctx);
          for (const write of [
            async () => ctx.outputs.panel!.writeText("late.txt", "late"),
            async () => ctx.outputs.panel!.path("folder/late.txt"),
          ]) {
            late.push(((await errorOf(write())) as FailureError).failure.code);
          }
          return { summary: "" };
        },
      },
    );
    await errorOf(bench.run([{ id: "slow", type: slow }]));
    expect(late).toEqual(["run.lock-lost", "run.lock-lost"]);
    expect(await readdir(join(bench.engine.runs.stepFolder("2025Q2-1", "slow"), "panel"))).toEqual([
      "value.txt",
    ]);
  });

  test("cannot change the registry that the engine opens for it", async () => {
    const { stateFolder } = await import("../../../src/engine/state-folder.js");
    const { embeddedRegistry } = await import("../../../src/registry/embedded/registry.js");
    const bench = await openBench();
    const { files, clock, state } = bench.engine;
    Object.assign(bench.engine, {
      registryFor: async (run: { files?: typeof files }) =>
        embeddedRegistry({ folder: state.registry, files: run.files ?? files, clock }, "file:registry"),
    });
    const spec = { key: "k", model: "demand", name: "n", quarter: "2025Q2", cutoff: "2025-06-30", tags: {} };
    let before = {};
    let code: string | null = null;
    const register = stepType(
      "register",
      {},
      { version: "registered-version" },
      {
        run: async (ctx: AnyContext) => {
          const run = await ctx.services.registry.ensureRun(spec);
          await losing(() => lockPath(state, "demand"))(ctx);
          before = hashTree(state.registry);
          const change = ctx.services.registry.logRun(run.runId, { tags: { late: "true" } });
          code = ((await errorOf(change)) as FailureError).failure.code;
          return { summary: "" };
        },
      },
    );
    await errorOf(bench.run([{ id: "register", type: register }]));
    expect(code).toBe("run.lock-lost");
    expect(Object.keys(before)).toContain("registry.json");
    expect(hashTree(stateFolder(bench.root).registry)).toEqual(before);
  });

  test("does not come to its verdict when the lock is lost in the conclusion", async () => {
    const bench = await openBench();
    const path = lockPath(bench.engine.state, "demand");
    const panel = stepType("panel", {}, { panel: "panel" });
    const failure = await failureOf(bench.run([{ id: "panel", type: panel }], { conclude: () => rm(path) }));
    expect(failure).toMatchObject({ code: "run.lock-lost", holder: null });
    expect(await bench.engine.runs.get(undefined)).toMatchObject({ verdict: null, unfinished: true });
  });
});

describe("a lock that is held", () => {
  const panel = [{ id: "panel", type: stepType("panel", {}, { panel: "panel" }) }];

  test("names the run once it is open, and is gone afterwards", async () => {
    const bench = await openBench();
    const path = lockPath(bench.engine.state, "demand");
    let inside = "";
    await bench.run(panel, {
      conclude: async () => {
        inside = await readFile(path, "utf8");
      },
    });
    expect(JSON.parse(inside)).toMatchObject({ ...thisProcess(), run: "2025Q2-1" });
    expect(existsSync(path)).toBe(false);
  });

  test.each(["2025Q2", "2025Q1"])(
    "keeps a second run out of quarter %s, and not another model's",
    async (quarter) => {
      const bench = await openBench();
      let second: unknown;
      await bench.run(panel, {
        conclude: async () => {
          second = await failureOf(bench.run(panel, { quarter }));
          expect((await bench.run(panel, { quarter, model: "supply" })).state).toBe("done");
        },
      });
      expect(second).toMatchObject({ code: "run.locked", model: "demand", host: thisProcess().host });
    },
  );

  test("is never compared by its time: a holder from the future is dead all the same", async () => {
    const bench = await openBench();
    const path = lockPath(bench.engine.state, "demand");
    for (const since of ["2999-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "not a time"]) {
      const dead = { ...thisProcess(), pid: 4_999_999, processStart: null, since, run: "x", token: "t" };
      await bench.engine.files.writeAtomic(path, JSON.stringify(dead));
      expect((await bench.run(panel)).state).toBe("done");
      await bench.engine.files.writeAtomic(path, JSON.stringify({ ...dead, ...thisProcess() }));
      expect(await failureOf(bench.run(panel))).toMatchObject({ code: "run.locked", holder: { since } });
      await rm(path);
    }
  });
});
