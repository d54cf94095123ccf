import { cp, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sealPath } from "../../../src/durable/seal.js";
import { tempFolder } from "../durable/temp-folder.js";
import { openBench, stepType } from "./bench.js";

const panel = stepType("panel", {}, { panel: "panel" });
const segments = stepType("segments", { panel: "panel" }, { segments: "segments" });
const model = stepType("model", { panel: "panel", segments: "segments" }, { model: "trained-model" });
const steps = [
  { id: "p", type: panel, params: { value: "ü東" } },
  { id: "s", type: segments },
  { id: "m", type: model },
];

test("a journal cut at any byte: the run goes on under its id and comes to the same end", async () => {
  const whole = await openBench();
  // Killed once, so that the journal has two sessions.
  await whole.run(steps, { until: "s", verdict: "interrupted" });
  const first = await whole.run(steps, { verdict: "promoted" });
  const outputs = first.steps.map(({ record }) => record!.outputs);
  const journal = join("runs", "2025Q2-1", "journal.jsonl");
  const bytes = (await readFile(join(whole.root, journal))).length;

  const resume = async (cut: number) => {
    const root = await tempFolder();
    await cp(whole.root, root, { recursive: true });
    await truncate(join(root, journal), cut);
    // It is written behind the last line of a session: a kill before that leaves none.
    await rm(sealPath(join(root, journal)));
    const bench = await openBench({ root });
    const before = await bench.engine.runs.get("2025Q2-1");
    const ran = await bench.run(steps, { verdict: "promoted" });
    // Only with its last line, which holds the verdict, is it finished; then the same command starts another.
    expect(ran.run.header.run).toBe(cut === bytes ? "2025Q2-2" : "2025Q2-1");
    expect(ran.state).toBe("done");
    expect(ran.statuses).toEqual(["p reused", "s reused", "m reused"]);
    expect(ran.steps.map(({ record }) => record!.outputs)).toEqual(outputs);
    const after = await bench.engine.runs.get("2025Q2-1");
    // What was acknowledged stays, and what comes after it is whole.
    expect(after.entries.slice(0, before.entries.length)).toEqual(before.entries);
    expect(after.verdict).toBe("promoted");
    const lines = (await readFile(join(root, journal), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(
      lines.map((_, i) => i + 1),
    );
  };

  const text = await readFile(join(whole.root, journal));
  const ends = [...text.keys()].filter((at) => text[at] === 10);
  // Both sides of every line end, the empty journal, the whole one, and any byte between.
  const edges = [0, 1, bytes - 1, bytes, ...ends.flatMap((at) => [at, at + 1])].map((cut): [number] => [cut]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: bytes }), async (cut) => resume(cut)),
    { numRuns: edges.length + 25, examples: edges },
  );
}, 120_000);

test("objects and records cut off with the journal: what is missing is made again, and the end is the same", async () => {
  const whole = await openBench();
  const first = await whole.run(steps, { verdict: "promoted" });
  const outputs = first.steps.map(({ record }) => record!.outputs);
  const journal = join("runs", "2025Q2-1", "journal.jsonl");
  const text = await readFile(join(whole.root, journal), "utf8");
  const lines = text.trimEnd().split("\n");
  for (const [at, id] of ["p", "s", "m"].entries()) {
    const root = await tempFolder();
    await cp(whole.root, root, { recursive: true });
    // As a kill leaves it while the step runs: started, and nothing of it or of what follows on record.
    const started = lines.findIndex((line) => line.includes(`"step-started","step":"${id}"`));
    await truncate(join(root, journal), Buffer.byteLength(`${lines.slice(0, started + 1).join("\n")}\n`) + 3);
    await rm(sealPath(join(root, journal)));
    const bench = await openBench({ root });
    for (const { record } of first.steps.slice(at)) await bench.engine.records.forget(record!.fingerprint);
    const ran = await bench.run(steps, { verdict: "promoted" });
    expect(ran.statuses).toEqual(
      ["p", "s", "m"].map((step, i) => `${step} ${i < at ? "reused" : "succeeded"}`),
    );
    expect(ran.steps.map(({ record }) => record!.outputs)).toEqual(outputs);
  }
});

test("a journal that was cut after its run had ended is no killed run: it is damaged, and without its folder the quarter runs", async () => {
  const whole = await openBench();
  await whole.run(steps, { verdict: "promoted" });
  const journal = join("runs", "2025Q2-1", "journal.jsonl");
  const text = await readFile(join(whole.root, journal));
  const ends = [...text.keys()].filter((at) => text[at] === 10).map((at) => at + 1);
  for (const cut of [0, ...ends.slice(0, -1), text.length - 1]) {
    const root = await tempFolder();
    await cp(whole.root, root, { recursive: true });
    await truncate(join(root, journal), cut);
    const bench = await openBench({ root });
    const failure = { code: "store.corrupt", path: join(root, journal) };
    await expect(bench.run(steps, { verdict: "promoted" }), `cut at ${cut}`).rejects.toMatchObject({
      failure,
    });
    await rm(join(root, "runs", "2025Q2-1"), { recursive: true });
    expect((await bench.run(steps, { verdict: "promoted" })).state).toBe("done");
  }
});
