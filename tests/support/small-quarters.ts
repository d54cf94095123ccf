import { writeFileSync } from "node:fs";
import { z } from "zod";
import { periodStart } from "../../src/calendar/period.js";
import { parseQuarter } from "../../src/calendar/quarter.js";
import { nodeFiles } from "../../src/durable/node-files.js";
import { earlierRuns } from "../../src/engine/earlier-runs.js";
import { createEngine, type Engine, type RunRequest } from "../../src/engine/engine.js";
import { runQuarter } from "../../src/engine/run.js";
import { stateFolder } from "../../src/engine/state-folder.js";
import { Decision } from "../../src/kit/artifacts/decision.js";
import { Promotion } from "../../src/kit/artifacts/promotion.js";
import type { EarlierRuns } from "../../src/kit/earlier.js";
import type { Failure } from "../../src/kit/failure.js";
import type { ModelRegistry } from "../../src/kit/registry.js";
import type { AnyStepType, StepContext } from "../../src/kit/step.js";
import { writePanelArtifact } from "../../src/panel/artifact.js";
import { writeParquet } from "../../src/panel/table.js";
import { wireGraph } from "../../src/plan/graph.js";
import { buildArtifacts } from "../../steps/build-artifacts.js";
import { gate } from "../../steps/gate.js";
import { generateOutlook } from "../../steps/generate-outlook.js";
import { promote } from "../../steps/promote.js";
import { registerModel } from "../../steps/register-model.js";
import { smallModel, smallTraining } from "../unit/forecast/forecaster/support.js";
import { runbookOf, type StepOf } from "../unit/plan/runbook-of.js";
import { MONTHS, panelOf } from "./panels.js";

/** A project on a machine: what its next quarter is run with. Another registry is another machine's, or another address. */
export interface Project {
  readonly state: string;
  readonly registry: () => Promise<ModelRegistry>;
  readonly model: string;
  readonly alias: string;
  /** Absolute path of the runbook. */
  readonly runbook: string;
  /** Its `name`. */
  readonly name: string;
  readonly firstRelease?: "promote" | "escalate";
  readonly dryRun?: boolean;
}

/** How a quarter ended. */
export interface Ended {
  /** `promoted 2`, `escalated`, or `failed` with the code of the failure. */
  readonly verdict: string;
  readonly decision: Decision | null;
  readonly failure: Failure | null;
  /** Null where it failed. */
  readonly promotion: Promotion | null;
}

const START = 2020 * 12;
const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };

/** Three series from January 2020 to the cutoff. */
function panelUpTo(last: number) {
  const wave = (level: number) =>
    Array.from({ length: last - START + 1 }, (_, t) => level + 10 * Math.sin((t * Math.PI) / 6));
  return panelOf(
    [100, 50, 30].map((level, i) => ({ id: `s${i}`, start: START, values: wave(level) })),
    MONTHS,
    last,
  );
}

/** Trains nothing: the panel up to the cutoff, and the model that it always is. */
const train: AnyStepType = {
  type: "small-training",
  version: 1,
  summary: "",
  params: z.any(),
  inputs: {},
  outputs: { panel: "panel", model: "trained-model", segments: "segments" },
  metrics: { wmape: "" },
  effect: "pure",
  // biome-ignore lint/suspicious/noExplicitAny: the ports of a step type in a list
  async run({ outputs, ...ctx }: StepContext<any, any, any>) {
    const [toPanel, toModel, toSegments] = [outputs.panel!, outputs.model!, outputs.segments!];
    const [year, month] = ctx.quarter.cutoff.split("-").map(Number) as [number, number];
    const last = year * 12 + month - 1;
    const panel = panelUpTo(last);
    await writePanelArtifact(panel, toPanel);
    await toModel.writeJson("model.json", smallModel);
    await toModel.writeJson("training.json", { ...smallTraining, series: 3 });
    await toSegments.writeJson("segments.json", {
      method: "attributes",
      segments: ["north", "south"].map((id) => ({ id, label: id, series: 3, volumeShare: 0.5, centre: [] })),
      assignment: { s0: "north", s1: "south", s2: "north" },
      moved: [],
      newSeries: [],
      lostSeries: [],
      previous: null,
    });
    const rows = panel.series.flatMap((id, s) =>
      [last - 2, last - 1, last].map((period) => ({
        id,
        day: periodStart(period, MONTHS),
        actual: panel.target[panel.offsets[s]! + period - START]!,
      })),
    );
    const numbers = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of);
    await writeParquet(toModel.path("holdout.parquet"), [
      { name: "series", type: "VARCHAR", values: rows.map(({ id }) => id) },
      { name: "period", type: "DATE", values: rows.map(({ day }) => day) },
      { name: "forecast", type: "DOUBLE", values: numbers(({ actual }) => actual) },
      { name: "actual", type: "DOUBLE", values: numbers(({ actual }) => actual) },
      { name: "scale", type: "DOUBLE", values: numbers(() => 10) },
    ]);
    return { summary: "", metrics: { wmape: { value: 0.1 } } };
  },
};

const STEPS: readonly StepOf[] = [
  { id: "train", type: train },
  { id: "register", type: registerModel, params: { alias: "candidate" } },
  { id: "artifacts", type: buildArtifacts },
  { id: "outlook", type: generateOutlook, params: { levels: [0.8] } },
  {
    id: "gate",
    type: gate,
    params: gate.params.parse({
      rules: [
        { id: "fits", metric: "train.wmape", max: 0.2 },
        { id: "beats-champion", compare: "champion", metric: "wmape", maxIncrease: 0.5 },
      ],
    }) as never,
  },
  { id: "promote", type: promote },
];

/** A quarter of real steps, but for the training, by the real engine: a second or so. */
export async function runSmallQuarter(project: Project, label: string): Promise<Ended> {
  const { state, model, alias, runbook: path, name, firstRelease = "promote" } = project;
  const registry = await project.registry();
  const engine = engineOf(state, registry);
  const runbook = runbookOf(STEPS, model);
  const wired = wireGraph(
    runbook,
    STEPS.map(({ type }) => type),
  );
  if (!wired.ok) throw new Error(JSON.stringify(wired.diagnostics));
  writeFileSync(path, "a runbook stands here");
  const quarter = parseQuarter(label)!;
  const request: RunRequest = {
    graph: wired.graph,
    scope: {
      quarter,
      data: runbook.data,
      model: { ...runbook.model, alias, horizon: smallModel.horizon, firstRelease },
      fiscalYearStart: 1,
    },
    quarter,
    runbook: { name, file: path, path, digest: runbook.digest, overrides: [] },
    dryRun: project.dryRun ?? false,
    fresh: false,
    from: null,
    until: null,
  };
  let ended: Ended | undefined;
  await runQuarter(engine, request, new AbortController().signal, async ({ steps, state: how }, locked) => {
    const read = async <T>(id: string, file: string, schema: { parse(value: unknown): T }) => {
      const output = Object.values(steps.find((step) => step.id === id)?.record?.outputs ?? {})[0];
      return output === undefined ? null : locked.objects.reader(output).readJson(file, schema);
    };
    const promotion = await read("promote", "promotion.json", Promotion);
    const failure = steps.find((step) => step.failure !== null)?.failure ?? null;
    const verdict =
      how === "failed" || promotion === null
        ? `failed ${failure?.code}`
        : promotion.outcome === "promoted"
          ? `promoted ${promotion.candidate}`
          : "escalated";
    const decision = await read("gate", "decision.json", Decision);
    ended = { verdict, decision, failure, promotion };
    const outcome = how === "failed" || promotion === null ? "failed" : promotion.outcome;
    return { verdict: outcome, exitCode: 0 };
  });
  return ended!;
}

/** What the state directory knows of earlier runs. */
export async function earlierOf({ state, registry, runbook, name }: Project): Promise<EarlierRuns> {
  return earlierRuns(engineOf(state, await registry()), { runbook: { path: runbook, name } });
}

function engineOf(state: string, registry: ModelRegistry): Engine {
  return createEngine({
    files: nodeFiles(),
    clock,
    state: stateFolder(state),
    registryFor: async () => registry,
    tools: {},
    code: { retrain: "0.1.0", git: null },
    emit: () => undefined,
    mask: (text) => text,
  });
}
