import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { previewRun } from "../../../src/engine/preview.js";
import { runQuarter } from "../../../src/engine/run.js";
import type { FailureError } from "../../../src/kit/failure.js";
import type { StepOf } from "../plan/runbook-of.js";
import { type AnyContext, errorOf, openBench, stepType, writeValue } from "./bench.js";

const panel = stepType("panel", {}, { panel: "panel" });
const segments = stepType("segments", { panel: "panel" }, { segments: "segments" });
const lonely = stepType("lonely", {}, { checkpoints: "checkpoints" });
const steps = (value = "p"): StepOf[] => [
  { id: "p", type: panel, params: { value } },
  { id: "s", type: segments },
  { id: "l", type: lonely },
];

const lines = (plan: { readonly steps: readonly { id: string; action: string; reason: string }[] }) =>
  plan.steps.map(({ id, action, reason }) => `${id} ${action}: ${reason}`);

test("says what would run, what is reused, and why", async () => {
  const bench = await openBench();
  expect(lines(await bench.plan(steps()))).toEqual([
    "p run: never ran for this quarter",
    "s run: after p",
    "l run: never ran for this quarter",
  ]);
  await bench.run(steps(), { verdict: "promoted" });
  expect(lines(await bench.plan(steps()))).toEqual([
    "p reuse: nothing changed",
    "s reuse: nothing changed",
    "l reuse: nothing changed",
  ]);
  expect(lines(await bench.plan(steps("P")))).toEqual([
    "p run: stale: parameter value p → P",
    "s run: after p",
    "l reuse: nothing changed",
  ]);
  expect(lines(await bench.plan(steps("P"), { until: "p" }))).toEqual([
    "p run: stale: parameter value p → P",
    "s skip: after --until p",
    "l skip: after --until p",
  ]);
  expect(lines(await bench.plan(steps(), { from: "l" }))).toEqual([
    "p reuse: nothing changed",
    "s reuse: nothing changed",
    "l run: --from",
  ]);
  expect(lines(await bench.plan(steps(), { fresh: true }))).toEqual([
    "p run: --fresh",
    "s run: after p",
    "l run: --fresh",
  ]);
});

test("reads only", async () => {
  const bench = await openBench();
  await bench.plan(steps());
  expect(await readdir(bench.root)).toEqual([]);
  await bench.run(steps());
  const before = await snapshot(bench.root);
  await bench.plan(steps("P"), { dryRun: true });
  await bench.plan(steps());
  expect(await snapshot(bench.root)).toEqual(before);
});

async function snapshot(root: string): Promise<unknown> {
  const paths = (await readdir(root, { recursive: true })).sort();
  return Promise.all(paths.map(async (path) => [path, (await stat(join(root, path))).mtimeMs]));
}

describe("the digest", () => {
  test("is the same for the same plan, and another for any other", async () => {
    const bench = await openBench();
    const digests = [
      (await bench.plan(steps())).digest,
      (await bench.plan(steps("P"))).digest,
      (await bench.plan(steps(), { dryRun: true })).digest,
      (await bench.plan(steps(), { until: "p" })).digest,
      (await bench.plan(steps(), { from: "l" })).digest,
      (await bench.plan(steps(), { fresh: true })).digest,
      (await bench.plan(steps(), { quarter: "2025Q3" })).digest,
    ];
    expect((await bench.plan(steps())).digest).toBe(digests[0]);
    expect(new Set(digests).size).toBe(digests.length);
    await bench.run(steps());
    expect(digests).not.toContain((await bench.plan(steps())).digest);
  });
});

test("a dry run that goes on is planned with the registry that it has", async () => {
  const register = stepType(
    "register",
    {},
    { version: "registered-version" },
    {
      effect: "external",
      holds: async (ctx) =>
        (await ctx.services.registry.getVersion("demand", "1")) === null ? "it is not in the registry" : null,
      run: async (ctx: AnyContext) => {
        const { registry } = ctx.services;
        const key = ctx.idempotencyKey;
        const run = {
          key,
          model: "demand",
          name: "demand",
          quarter: "2025Q2",
          cutoff: "2025-06-30",
          tags: {},
        };
        const { runId } = await registry.ensureRun(run);
        await registry.ensureVersion({ name: "demand", key, runId, description: "", tags: {} });
        await writeValue(ctx);
        return { summary: "" };
      },
    },
  );
  const made = [{ id: "r", type: register }];
  const bench = await openBench();
  await bench.run(made, { dryRun: true, verdict: "interrupted" });
  expect(await bench.registry.listVersions("demand")).toEqual([]);
  const planned = await bench.plan(made, { dryRun: true });
  expect([planned.continues, ...lines(planned)]).toEqual(["2025Q2-1", "r reuse: nothing changed"]);
  expect((await bench.run(made, { dryRun: true, verdict: "would-promote" })).statuses).toEqual(["r reused"]);
  // Neither another dry run nor a real one has that version.
  const again = ["r run: it is not in the registry"];
  expect(lines(await bench.plan(made, { dryRun: true }))).toEqual(again);
  expect(lines(await bench.plan(made))).toEqual(again);
  expect((await bench.run(made)).statuses).toEqual(["r succeeded"]);
});

test("a damaged object is in the plan", async () => {
  const bench = await openBench();
  const ran = await bench.run(steps());
  const object = bench.engine.objects.pathOf(ran.steps[1]!.record!.outputs.segments!.files[0]!.sha256);
  expect(await readFile(object, "utf8")).toBe(ran.text("s"));
  await rm(object);
  await writeFile(object, "x");
  expect(lines(await bench.plan(steps()))[1]).toBe("s run: its value.txt in the object store is damaged");
});

describe("a run that is held to a plan", () => {
  const held = (bench: Awaited<ReturnType<typeof openBench>>, plan: string, value = "p") =>
    runQuarter(
      bench.engine,
      { ...bench.request(steps(value)), plan },
      new AbortController().signal,
      async () => ({ verdict: "promoted", exitCode: 0 }),
    );

  test("runs as planned, and the digest stays the same until then", async () => {
    const bench = await openBench();
    const { digest } = await bench.plan(steps());
    expect(await held(bench, digest)).toEqual({ verdict: "promoted", exitCode: 0 });
  });

  test("does nothing when anything is not as planned, and gives the lock back", async () => {
    const bench = await openBench();
    await bench.run(steps(), { verdict: "promoted" });
    const { digest } = await bench.plan(steps());
    const before = await snapshot(join(bench.root, "runs"));
    const error = (await errorOf(held(bench, digest, "P"))) as FailureError;
    expect(error.failure).toMatchObject({ code: "plan.mismatch", expected: digest });
    expect(await snapshot(join(bench.root, "runs"))).toEqual(before);
    expect(await readdir(join(bench.root, "locks"))).toEqual([]);
    expect(bench.events.filter(({ type }) => type === "run-started")).toHaveLength(1);
  });

  test("looks under the lock: what another process does before counts", async () => {
    const bench = await openBench();
    const { digest } = await bench.plan(steps());
    // Between the plan and the lock another run came to its end.
    await bench.run(steps(), { verdict: "promoted" });
    expect(((await errorOf(held(bench, digest))) as FailureError).failure.code).toBe("plan.mismatch");
  });

  test("a champion that moved is another plan, also where every step must run", async () => {
    const bench = await openBench();
    const { digest, champion } = await bench.plan(steps());
    expect(champion).toBeNull();
    const run = {
      key: "k",
      model: "demand",
      name: "demand",
      quarter: "2025Q1",
      cutoff: "2025-03-31",
      tags: {},
    };
    const { runId } = await bench.registry.ensureRun(run);
    await bench.registry.ensureVersion({ name: "demand", key: "k", runId, description: "", tags: {} });
    const seen = { ...bench.registry, getAlias: async () => "1" };
    const moved = await previewRun(bench.engine, bench.request(steps()), seen);
    expect(moved.champion).toBe("1");
    expect(moved.digest).not.toBe(digest);
  });
});

test("a step that waits says first what is stale about it already", async () => {
  const bench = await openBench();
  await bench.run(steps(), { verdict: "promoted" });
  const [p, s, l] = steps("P") as [StepOf, StepOf, StepOf];
  const changed = [p, { ...s, params: { value: "S" } }, l];
  expect(lines(await bench.plan(changed))).toEqual([
    "p run: stale: parameter value p → P",
    "s run: stale: parameter value none → S; after p",
    "l reuse: nothing changed",
  ]);
});
