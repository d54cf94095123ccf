/**
 * What the engine costs a step: a runbook of N steps that only write one small file each, through a real state directory.
 * `npm run bench:overhead`
 */
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseQuarter } from "../src/calendar/quarter.js";
import { nodeFiles } from "../src/durable/node-files.js";
import { createEngine, type Engine, type RunRequest } from "../src/engine/engine.js";
import { runQuarter } from "../src/engine/run.js";
import { stateFolder } from "../src/engine/state-folder.js";
import { defineStep } from "../src/kit/step.js";
import { type Graph, wireGraph } from "../src/plan/graph.js";
import { embeddedRegistry } from "../src/registry/embedded/registry.js";
import { parseRunbook } from "../src/runbook/parse.js";
import { MACHINE, median, withFolder } from "./support.js";

const TARGET_MS = 5;
const ROUNDS = 5;
const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };

let insideMs = 0;
const params = z.strictObject({ value: z.number() });
const first = defineStep({
  type: "first",
  version: 1,
  summary: "Writes a number",
  params,
  inputs: {},
  outputs: { panel: "panel" },
  metrics: {},
  effect: "pure",
  async run(ctx) {
    const started = performance.now();
    await ctx.outputs.panel.writeText("value.txt", `${ctx.params.value}\n`);
    insideMs += performance.now() - started;
    return { summary: "one number" };
  },
});
const next = defineStep({ ...first, type: "next", inputs: { panel: "panel" } });
const types = [first, next];

function graphOf(
  steps: number,
  value: number,
): { graph: Graph; digest: string; scope: Omit<RunRequest["scope"], "quarter"> } {
  const lines = Array.from({ length: steps }, (_, i) =>
    i === 0
      ? `  - { id: s0, uses: first, with: { value: ${value} } }`
      : `  - { id: s${i}, uses: next, with: { value: ${value * 1000 + i} }, inputs: { panel: s${i - 1} } }`,
  );
  const text = `version: 1
name: overhead
data: { source: panel.csv, frequency: month, columns: { series: id, time: month, target: y } }
model: { name: overhead, horizon: 1 }
steps:
${lines.join("\n")}
`;
  const parsed = parseRunbook(text, "runbook.yaml", { stepTypes: types, env: {}, overrides: [] });
  const wired = parsed.ok ? wireGraph(parsed.runbook, types) : parsed;
  if (!parsed.ok || !wired.ok) throw new Error(JSON.stringify(wired));
  const { data, model, fiscalYearStart, digest } = parsed.runbook;
  return { graph: wired.graph, digest, scope: { data, model, fiscalYearStart } };
}

function engineIn(root: string): Engine {
  const files = nodeFiles();
  const state = stateFolder(root);
  const registry = embeddedRegistry({ folder: state.registry, files, clock }, `file:${state.registry}`);
  return createEngine({
    files,
    clock,
    state,
    registryFor: () => Promise.resolve(registry),
    tools: {},
    code: { retrain: "0.0.0", git: null },
    emit: () => undefined,
    mask: (text) => text,
  });
}

/** Milliseconds a step that are not the step's own. */
async function overhead(engine: Engine, steps: number, value: number, status: string): Promise<number> {
  const { graph, digest, scope } = graphOf(steps, value);
  const quarter = parseQuarter("2025Q2")!;
  const runbook = { file: "runbook.yaml", path: join("/", "runbook.yaml"), digest, overrides: [] };
  const request: RunRequest = {
    graph,
    quarter,
    scope: { ...scope, quarter },
    runbook,
    dryRun: false,
    fresh: false,
    from: null,
    until: null,
  };
  insideMs = 0;
  const started = performance.now();
  await runQuarter(engine, request, new AbortController().signal, async (result) => {
    const other = result.steps.find((step) => step.status !== status);
    if (other !== undefined) throw new Error(`${other.id}: ${other.status}, not ${status}`);
    return { verdict: "promoted", exitCode: 0 };
  });
  return (performance.now() - started - insideMs) / steps;
}

function synced(path: string, change: (file: number) => void, flags: string): void {
  const file = openSync(path, flags);
  change(file);
  fsyncSync(file);
  closeSync(file);
}

/** What the disk alone costs: the files that the engine keeps of a step, by bare calls and with as many fsyncs. */
function bare(folder: string, steps: number): number {
  for (const name of ["runs", "objects", "records"]) mkdirSync(join(folder, name), { recursive: true });
  const started = performance.now();
  for (let step = 0; step < steps; step++) {
    const journal = () =>
      synced(join(folder, "journal"), (file) => appendFileSync(file, `${"x".repeat(200)}\n`), "a");
    const place = (to: string, bytes: number) => {
      synced(`${to}.tmp`, (file) => writeFileSync(file, "x".repeat(bytes)), "wx");
      renameSync(`${to}.tmp`, to);
      synced(join(to, ".."), () => undefined, "r");
    };
    journal();
    mkdirSync(join(folder, "runs", `${step}`, "port"), { recursive: true });
    writeFileSync(join(folder, "runs", `${step}`, "port", "value.txt"), "1");
    place(join(folder, "objects", `${step}`), 2);
    place(join(folder, "records", `${step}`), 1500);
    writeFileSync(join(folder, "runs", `${step}`, "record.json"), "x".repeat(1500));
    journal();
  }
  return (performance.now() - started) / steps;
}

console.log(`${MACHINE}, median of ${ROUNDS}\n`);
console.log("| steps | ms a step, all run | ms a step, all reused | the same files by bare calls |");
console.log("| ----- | ------------------ | --------------------- | ---------------------------- |");
for (const steps of [50, 200, 400]) {
  await withFolder(async (folder) => {
    const engine = engineIn(join(folder, "state"));
    const [ran, reused, disk]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      ran.push(await overhead(engine, steps, round, "succeeded"));
      reused.push(await overhead(engine, steps, round, "reused"));
      disk.push(bare(join(folder, `bare-${round}`), steps));
    }
    const cell = (values: readonly number[], width: number) => median(values).toFixed(2).padStart(width);
    console.log(
      `| ${String(steps).padStart(5)} | ${cell(ran, 18)} | ${cell(reused, 21)} | ${cell(disk, 28)} |`,
    );
    if (steps === 200 && median(ran) > TARGET_MS) process.exitCode = 1;
  });
}
if (process.exitCode === 1) console.log(`\nMISSED: at most ${TARGET_MS} ms a step with 200 steps`);
