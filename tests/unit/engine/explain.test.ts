import { rm, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { explainStep } from "../../../src/engine/explain.js";
import type { StepOf } from "../plan/runbook-of.js";
import { type Bench, openBench, type RunOptions, stepType } from "./bench.js";

const panel = stepType("panel", {}, { panel: "panel" });
const segments = stepType("segments", { panel: "panel" }, { segments: "segments" });
const model = stepType("model", { panel: "panel", segments: "segments" }, { model: "trained-model" });
const steps = (values: { p?: string; note?: number; s?: string; m?: string } = {}): StepOf[] => [
  { id: "p", type: panel, params: { value: values.p ?? "p", note: values.note ?? 0 } },
  { id: "s", type: segments, params: { value: values.s ?? "s" } },
  { id: "m", type: model, params: { value: values.m ?? "m" } },
];

const explain = (bench: Bench, step: string, made = steps(), options: RunOptions = {}) =>
  explainStep(bench.engine, bench.request(made, options), bench.registry, step);

async function ranBefore(): Promise<Bench> {
  const bench = await openBench();
  await bench.run(steps(), { verdict: "promoted" });
  return bench;
}

test("never ran: that, and the chain that comes first", async () => {
  const { explanation, changedInputs } = await explain(await openBench(), "m");
  expect(explanation).toMatchObject({
    step: "m",
    type: "model",
    action: "run",
    cause: "upstream",
    last: null,
    madeBy: null,
    fingerprint: null,
    changes: [],
  });
  expect(explanation.upstream.map(({ step, reason, after }) => [step, reason, after])).toEqual([
    ["p", "never ran for this quarter", []],
    ["s", "after p", ["p"]],
  ]);
  expect(changedInputs).toEqual([]);
});

test("unchanged: from which run it comes, not which run reused it last", async () => {
  const bench = await ranBefore();
  await bench.run(steps(), { verdict: "promoted" });
  const { explanation } = await explain(bench, "m");
  expect(explanation).toMatchObject({
    action: "reuse",
    cause: "unchanged",
    last: { run: "2025Q2-2" },
    madeBy: { run: "2025Q2-1" },
    changes: [],
    upstream: [],
  });
});

test("an earlier state again: reused, and what differs from the last run is told", async () => {
  const bench = await ranBefore();
  await bench.run(steps({ m: "M" }), { verdict: "promoted" });
  const { explanation } = await explain(bench, "m");
  expect(explanation).toMatchObject({
    action: "reuse",
    last: { run: "2025Q2-2" },
    madeBy: { run: "2025Q2-1" },
  });
  expect(explanation.changes.map(({ text }) => text)).toEqual(["parameter value M → m"]);
});

test("an input that changed comes with both artifacts, also when its record was replaced in the same run", async () => {
  const bench = await openBench();
  const first = await bench.run(steps());
  const second = await bench.run(steps({ p: "P" }), { until: "p" });
  expect(second.run.header.run).toBe(first.run.header.run);
  const { explanation, changedInputs } = await explain(bench, "s", steps({ p: "P" }));
  expect(explanation).toMatchObject({ cause: "stale", reason: "stale: input panel changed", upstream: [] });
  expect(changedInputs).toEqual([
    {
      port: "panel",
      before: first.steps[0]!.record!.outputs.panel,
      after: second.steps[0]!.record!.outputs.panel,
    },
  ]);
  // Once nothing tells of the old one any more, it is null, not an error.
  await rm(`${bench.root}/records`, { recursive: true });
  await bench.run(steps({ p: "P" }), { until: "p" });
  expect((await explain(bench, "s", steps({ p: "P" }))).changedInputs).toMatchObject([{ before: null }]);
});

test("the chain holds what must run, not what is reused", async () => {
  const bench = await ranBefore();
  const { explanation } = await explain(bench, "m", steps({ s: "S" }));
  expect(explanation.upstream).toMatchObject([
    { step: "s", cause: "stale", reason: "stale: parameter value s → S" },
  ]);
});

describe("damage", () => {
  test("of an object and of a record", async () => {
    const bench = await ranBefore();
    const record = (await bench.engine.runs.stepRecord("2025Q2-1", "p"))!;
    const object = bench.engine.objects.pathOf(record.outputs.panel!.files[0]!.sha256);
    await rm(object);
    expect((await explain(bench, "p")).explanation).toMatchObject({
      cause: "damaged",
      reason: "its value.txt is gone from the object store",
      changes: [],
    });
    const hex = record.fingerprint.slice(7);
    await writeFile(`${bench.root}/records/${hex.slice(0, 2)}/${hex.slice(2)}.json`, "{");
    expect((await explain(bench, "p")).explanation).toMatchObject({
      cause: "damaged",
      reason: "its record is damaged",
    });
    await rm(`${bench.root}/records`, { recursive: true });
    expect((await explain(bench, "p")).explanation).toMatchObject({ cause: "record-gone", changes: [] });
  });
});

test("another model's run is what a first run of this one is compared with", async () => {
  const bench = await ranBefore();
  const { explanation } = await explain(bench, "p", steps(), { model: "supply" });
  expect(explanation).toMatchObject({ cause: "stale", last: { run: "2025Q2-1", model: "demand" } });
  expect(explanation.changes.map(({ text }) => text)).toEqual(["model.name demand → supply"]);
});

test("reads only", async () => {
  const bench = await openBench();
  await explain(bench, "m");
  expect(await bench.engine.files.list(bench.root)).toEqual([]);
});
