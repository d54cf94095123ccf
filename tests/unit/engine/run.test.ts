import { existsSync } from "node:fs";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { acquireLock } from "../../../src/durable/file-lock.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { thisProcess } from "../../../src/durable/process-identity.js";
import { FailureError, fail } from "../../../src/kit/failure.js";
import { optional } from "../../../src/kit/step.js";
import { type AnyContext, errorOf, FILE, openBench, stepType, writeValue } from "./bench.js";

const panel = stepType("panel", {}, { panel: "panel" });
const segments = stepType("segments", { panel: "panel" }, { segments: "segments" });
const model = stepType(
  "model",
  { panel: "panel", segments: optional("segments") },
  { model: "trained-model" },
);
const outlook = stepType("outlook", { model: "trained-model" }, { outlook: "outlook" });

const line = [
  { id: "p", type: panel },
  { id: "s", type: segments },
  { id: "m", type: model },
  { id: "o", type: outlook },
];

/** A model step that asks `during` while it runs. */
const modelThat = (during: (ctx: AnyContext) => Promise<void> | void) =>
  stepType(
    "model",
    { panel: "panel" },
    { model: "trained-model" },
    {
      run: async (ctx: AnyContext) => {
        await during(ctx);
        await writeValue(ctx);
        return { summary: "made" };
      },
    },
  );

describe("a run", () => {
  test("runs the steps in order, tells of each, and leaves what they made to browse", async () => {
    const bench = await openBench();
    const ran = await bench.run(line);
    expect(ran.statuses).toEqual(["p succeeded", "s succeeded", "m succeeded", "o succeeded"]);
    expect(ran.state).toBe("done");
    expect(ran.text("o")).toBe(
      "outlook  model: (model  panel: (panel ) segments: (segments  panel: (panel )))",
    );
    expect(
      bench.events.map((event) => ("step" in event ? `${event.type} ${event.step}` : event.type)),
    ).toEqual([
      "run-started",
      ...["p", "s", "m", "o"].flatMap((id) => [`step-started ${id}`, `step-finished ${id}`]),
      "run-finished",
    ]);
    const folder = join(bench.root, "runs", "2025Q2-1");
    expect(await readFile(join(folder, "steps", "m", "model", FILE), "utf8")).toBe(ran.text("m"));
    const { entries } = await bench.engine.runs.get("2025Q2-1");
    expect(entries.map((entry) => ("step" in entry ? `${entry.type} ${entry.step}` : entry.type))).toEqual([
      "session-started",
      ...["p", "s", "m", "o"].flatMap((id) => [`step-started ${id}`, `step-succeeded ${id}`]),
      "run-finished",
    ]);
  });

  test("summary, metrics, warnings and progress come through", async () => {
    const bench = await openBench();
    const talker = stepType(
      "talker",
      {},
      { panel: "panel" },
      {
        metrics: { rows: "", gap: "" },
        run: async (ctx: AnyContext) => {
          ctx.progress(1, 2, "half");
          ctx.warn("look here");
          await writeValue(ctx);
          return {
            summary: "two rows",
            metrics: { rows: { value: 2, n: 2 }, gap: { value: null, why: "no-gap" } },
          };
        },
      },
    );
    const seen: unknown[] = [];
    const reader = stepType(
      "reader",
      { panel: "panel" },
      { decision: "decision" },
      {
        readsMetrics: true,
        run: async (ctx: AnyContext) => {
          seen.push(ctx.metrics, ctx.run);
          await writeValue(ctx);
          return { summary: "" };
        },
      },
    );
    const steps = [
      { id: "t", type: talker },
      { id: "r", type: reader },
    ];
    const metrics = { "t.rows": { value: 2, n: 2 }, "t.gap": { value: null, why: "no-gap" } };
    const first = await bench.run(steps, { dryRun: true });
    expect(seen).toEqual([metrics, { id: "2025Q2-1", dryRun: true, step: "r" }]);
    expect(first.steps[0]).toMatchObject({ summary: "two rows", warnings: ["look here"] });
    expect(bench.events).toContainEqual({
      type: "step-progress",
      step: "t",
      done: 1,
      total: 2,
      label: "half",
    });
    expect(bench.events).toContainEqual({ type: "step-warned", step: "t", message: "look here" });
    // A reused step still says what it said.
    const second = await bench.run(steps, { dryRun: true, from: "r" });
    expect(second.steps[0]).toMatchObject({ status: "reused", summary: "two rows", warnings: ["look here"] });
    expect(seen[2]).toEqual(metrics);
  });

  test("services load a value once a process", async () => {
    const bench = await openBench();
    let loads = 0;
    const load = (ctx: AnyContext) =>
      ctx.services.memo("k", async () => ++loads).then((value) => expect(value).toBe(1));
    await bench.run([
      { id: "p", type: panel },
      { id: "a", type: modelThat(load) },
      { id: "b", type: modelThat(load), params: { value: 2 } },
    ]);
    expect(loads).toBe(1);
  });
});

describe("a step that fails", () => {
  test("its dependants are skipped, and what does not need it runs", async () => {
    const bench = await openBench();
    const broken = stepType(
      "segments",
      { panel: "panel" },
      { segments: "segments" },
      {
        run: async () => fail({ code: "data.empty", retryable: false, file: "a.csv" }),
      },
    );
    const lonely = stepType("lonely", { panel: "panel" }, { checkpoints: "checkpoints" });
    const ran = await bench.run([
      { id: "p", type: panel },
      { id: "s", type: broken },
      { id: "m", type: model },
      { id: "o", type: outlook },
      { id: "n", type: lonely, needs: ["s"] },
      { id: "l", type: lonely, params: { value: 1 } },
    ]);
    expect(ran.statuses).toEqual([
      "p succeeded",
      "s failed",
      "m skipped",
      "o skipped",
      "n skipped",
      "l succeeded",
    ]);
    expect(ran.state).toBe("failed");
    expect(ran.steps[1]!.failure).toEqual({ code: "data.empty", retryable: false, file: "a.csv" });
    expect(ran.steps.map(({ summary }) => summary)).toMatchObject({
      2: "s has no result",
      3: "m has no result",
    });
    const run = await bench.engine.runs.get(undefined);
    expect(run).toMatchObject({ verdict: "failed", unfinished: true });
    expect(run.entries).toContainEqual(
      expect.objectContaining({
        type: "step-failed",
        step: "s",
        code: "data.empty",
        detail: ran.steps[1]!.failure,
      }),
    );
  });

  test("a reader of metrics is skipped when any earlier step has no result", async () => {
    const bench = await openBench();
    const broken = modelThat(() => fail({ code: "data.empty", retryable: false, file: "a.csv" }));
    const reader = stepType("reader", {}, { decision: "decision" }, { readsMetrics: true });
    const ran = await bench.run([
      { id: "p", type: panel },
      { id: "m", type: broken },
      { id: "r", type: reader },
    ]);
    expect(ran.statuses).toEqual(["p succeeded", "m failed", "r skipped"]);
  });

  test.each<[string, () => never, string]>([
    [
      "an Error",
      () => {
        throw new TypeError("x is not a function");
      },
      "x is not a function",
    ],
    [
      "something else",
      () => {
        throw "a string";
      },
      "a string",
    ],
  ])("with %s is a bug of ours, with its stack", async (_name, during, message) => {
    const bench = await openBench();
    const ran = await bench.run([
      { id: "p", type: panel },
      { id: "m", type: modelThat(during) },
    ]);
    expect(ran.steps[1]!.failure).toMatchObject({ code: "internal.bug", retryable: false, message });
    expect((ran.steps[1]!.failure as { stack: string }).stack).toContain(message);
  });

  test("leaves no record, so that it runs again, and what succeeded is reused in the same run", async () => {
    const bench = await openBench();
    let attempts = 0;
    const flaky = modelThat(() => {
      if (++attempts === 1) throw new Error("once");
    });
    const steps = [
      { id: "p", type: panel },
      { id: "m", type: flaky },
      { id: "o", type: outlook },
    ];
    const first = await bench.run(steps);
    const second = await bench.run(steps);
    expect(first.statuses).toEqual(["p succeeded", "m failed", "o skipped"]);
    expect(second.statuses).toEqual(["p reused", "m succeeded", "o succeeded"]);
    expect(second.run.header.run).toBe(first.run.header.run);
    expect(
      bench.events.filter((event) => event.type === "run-started").map(({ resumed }) => resumed),
    ).toEqual([false, true]);
  });

  test("that writes nothing into an output has failed", async () => {
    const bench = await openBench();
    const empty = stepType(
      "empty",
      {},
      { panel: "panel", validation: "validation" },
      {
        run: async (ctx: AnyContext) => {
          await ctx.outputs.panel!.writeText("sub/panel.txt", "x");
          return { summary: "" };
        },
      },
    );
    const ran = await bench.run([{ id: "e", type: empty }]);
    expect(ran.steps[0]!.failure).toEqual({
      code: "step.output-missing",
      retryable: false,
      step: "e",
      port: "validation",
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "a metric of %s is the bug of the step that reports it",
    async (value) => {
      const bench = await openBench();
      const odd = stepType(
        "odd",
        {},
        {},
        { run: async () => ({ summary: "", metrics: { score: { value } } }) },
      );
      const ran = await bench.run([{ id: "x", type: odd }]);
      expect(ran.steps[0]!.failure).toMatchObject({
        code: "internal.bug",
        message: expect.stringContaining("score"),
      });
    },
  );

  test("what it says is stored without secrets", async () => {
    const bench = await openBench({ mask: (text) => text.replaceAll("hunter2", "***") });
    const steps = [
      {
        id: "p",
        type: stepType(
          "says",
          {},
          { panel: "panel" },
          {
            run: async (ctx: AnyContext) => {
              ctx.warn("warned of hunter2");
              await writeValue(ctx);
              return { summary: "summed up hunter2" };
            },
          },
        ),
      },
      {
        id: "m",
        type: modelThat(() => fail({ code: "data.empty", retryable: false, file: "/hunter2/a.csv" })),
      },
    ];
    const ran = await bench.run(steps);
    expect(ran.statuses).toEqual(["p succeeded", "m failed"]);
    for (const name of await readdir(bench.root, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      expect(await readFile(join(name.parentPath, name.name), "utf8"), name.name).not.toContain("hunter2");
    }
  });
});

describe("interrupts", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s in a step: the run stops there, and goes on later as itself",
    async (signal) => {
      const bench = await openBench();
      const controller = new AbortController();
      let isFirst = true;
      const slow = modelThat((ctx) => {
        if (!isFirst) return;
        isFirst = false;
        controller.abort(signal);
        ctx.signal.throwIfAborted();
      });
      const steps = [
        { id: "p", type: panel },
        { id: "m", type: slow },
        { id: "o", type: outlook },
      ];
      const first = await bench.run(steps, { signal: controller.signal });
      expect(first.statuses).toEqual(["p succeeded", "m failed", "o skipped"]);
      expect(first.state).toBe("interrupted");
      expect(first.steps[1]!.failure).toEqual({
        code: "run.interrupted",
        retryable: true,
        signal,
        step: "m",
      });
      expect(first.steps[2]!.summary).toBe("the run was interrupted");

      const second = await bench.run(steps);
      expect(second.statuses).toEqual(["p reused", "m succeeded", "o succeeded"]);
      expect(second.run.header.run).toBe(first.run.header.run);
      expect(second.text("o")).toBe((await (await openBench()).run(steps)).text("o"));
    },
  );

  test("a step that comes to its end all the same keeps its result", async () => {
    const bench = await openBench();
    const controller = new AbortController();
    const deaf = modelThat(() => controller.abort("SIGINT"));
    const steps = [
      { id: "p", type: panel },
      { id: "m", type: deaf },
      { id: "o", type: outlook },
    ];
    const first = await bench.run(steps, { signal: controller.signal });
    expect(first.statuses).toEqual(["p succeeded", "m succeeded", "o skipped"]);
    expect(first.state).toBe("interrupted");
    expect((await bench.run(steps)).statuses).toEqual(["p reused", "m reused", "o succeeded"]);
  });

  test("after the last step there is nothing left to interrupt", async () => {
    const bench = await openBench();
    const controller = new AbortController();
    const last = modelThat(() => controller.abort("SIGINT"));
    const ran = await bench.run(
      [
        { id: "p", type: panel },
        { id: "m", type: last },
      ],
      { signal: controller.signal },
    );
    expect(ran.state).toBe("done");
  });

  test("a failure before the interrupt stays a failure", async () => {
    const bench = await openBench();
    const controller = new AbortController();
    const broken = modelThat(() => fail({ code: "data.empty", retryable: false, file: "a.csv" }));
    const stopper = stepType(
      "stopper",
      { panel: "panel" },
      { checkpoints: "checkpoints" },
      {
        run: async () => {
          controller.abort("SIGINT");
          throw controller.signal.reason;
        },
      },
    );
    const ran = await bench.run(
      [
        { id: "p", type: panel },
        { id: "m", type: broken },
        { id: "x", type: stopper },
      ],
      { signal: controller.signal },
    );
    expect(ran.steps.map(({ failure }) => failure?.code)).toEqual([
      undefined,
      "data.empty",
      "run.interrupted",
    ]);
    expect(ran.state).toBe("failed");
  });
});

describe("the end of a run", () => {
  test("a conclusion that throws leaves the run unfinished and the lock free", async () => {
    const bench = await openBench();
    const full = new FailureError({
      code: "fs.failed",
      retryable: true,
      operation: "write",
      path: "report.html",
      errno: "ENOSPC",
    });
    const conclude = async () => {
      throw full;
    };
    expect(await errorOf(bench.run(line, { conclude, verdict: "promoted" }))).toBe(full);
    expect(await bench.engine.runs.get(undefined)).toMatchObject({ verdict: null, unfinished: true });
    expect(bench.events.some(({ type }) => type === "run-finished")).toBe(false);
    expect(await readdir(join(bench.root, "locks"))).toEqual([]);

    const second = await bench.run(line, { verdict: "promoted" });
    expect(second.run.header.run).toBe("2025Q2-1");
    expect(second.statuses.every((status) => status.endsWith("reused"))).toBe(true);
    expect(await bench.engine.runs.get(undefined)).toMatchObject({ verdict: "promoted", unfinished: false });
  });

  test("the lock is held to the end, and only by this model", async () => {
    const bench = await openBench();
    let inside: unknown;
    let other: unknown;
    await bench.run(line, {
      conclude: async () => {
        inside = await errorOf(bench.run(line));
        other = (await bench.run(line, { model: "supply" })).run.header;
      },
    });
    expect((inside as FailureError).failure).toMatchObject({
      code: "run.locked",
      path: join(bench.root, "locks", "demand.lock"),
      holder: { pid: process.pid, run: "2025Q2-1" },
    });
    expect(other).toMatchObject({ run: "2025Q2-2", model: "supply" });
    expect(existsSync(join(bench.root, "locks", "demand.lock"))).toBe(false);
    // The refused attempt left nothing.
    expect(await readdir(join(bench.root, "runs"))).toEqual(["2025Q2-1", "2025Q2-2"]);
  });

  test("a lock that another process holds is named, and a dead one is taken over", async () => {
    const bench = await openBench();
    const path = join(bench.root, "locks", "demand.lock");
    const holder = { ...thisProcess(), since: "2025-07-01T00:00:00Z", run: "2025Q1" };
    const lock = await acquireLock(nodeFiles(), path, holder);
    expect(((await errorOf(bench.run(line))) as FailureError).failure).toMatchObject({
      code: "run.locked",
      retryable: true,
      holder,
    });
    if (lock.held) await lock.release();
    await writeFile(path, JSON.stringify({ ...holder, pid: 4_999_999, processStart: null, token: "t" }));
    expect((await bench.run(line)).state).toBe("done");
  });

  test("the lock of a model whose name is no file name", async () => {
    const bench = await openBench();
    await bench.run(line, {
      model: "../rooms/EU",
      conclude: async () => {
        expect(await readdir(join(bench.root, "locks"))).toEqual(["..%2Frooms%2FEU.lock"]);
      },
    });
  });

  test("a torn journal line is dropped, and the run goes on", async () => {
    const bench = await openBench();
    const conclude = async () => {
      throw new Error("killed");
    };
    await errorOf(bench.run(line, { conclude }));
    const journal = join(bench.root, "runs", "2025Q2-1", "journal.jsonl");
    await appendFile(journal, '{"seq":10,"record":{"at":"2025-07-01T00:00:00.000Z","type":"run-fin');
    expect(await bench.engine.runs.get(undefined)).toMatchObject({ verdict: null, unfinished: true });
    const second = await bench.run(line, { verdict: "promoted" });
    expect(second.run.header.run).toBe("2025Q2-1");
    const { entries, verdict } = await bench.engine.runs.get(undefined);
    expect(verdict).toBe("promoted");
    expect(entries.filter(({ type }) => type === "session-started")).toHaveLength(2);
  });
});
