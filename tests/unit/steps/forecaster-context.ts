import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFiles } from "../../../src/durable/node-files.js";
import type { ForecastModel } from "../../../src/forecast/model.js";
import type { Segments } from "../../../src/kit/artifacts/segments.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import type { RunScope, Services, StepContext } from "../../../src/kit/step.js";
import { writePanelArtifact } from "../../../src/panel/artifact.js";
import type { Panel } from "../../../src/panel/panel.js";
import { openRegistry } from "../../../src/registry/open.js";
import { NO_WORKSPACE } from "../../support/workspace.js";
import {
  readerAt,
  smallModel,
  smallPanel,
  smallTraining,
  testFolder,
  writerAt,
} from "../forecast/forecaster/support.js";

const scope: RunScope = {
  quarter: {
    label: "2021Q4",
    start: "2021-10-01",
    cutoff: "2021-12-31",
    previous: { label: "2021Q3", start: "2021-07-01", cutoff: "2021-09-30" },
  },
  data: {
    sources: ["demand.csv"],
    frequency: "month",
    columns: { series: "id", time: "month", target: "rooms", attributes: [], known: [], observed: [] },
    delimiter: null,
  },
  model: { name: "room-demand", alias: "best", horizon: 3, firstRelease: "promote" },
  fiscalYearStart: 1,
};

export const smallSegments: Segments = {
  method: "attributes",
  segments: ["north", "south"].map((id) => ({ id, label: id, series: 3, volumeShare: 0.5, centre: [] })),
  assignment: {
    "a-whole": "north",
    "b-short": "south",
    "c-gaps": "south",
    "d-ended-in-may": "north",
    "e-ended-last-year": "north",
  },
  moved: [],
  newSeries: [],
  lostSeries: [],
  previous: null,
};

export interface Bench {
  readonly registry: ModelRegistry;
  readonly warnings: string[];
  /** Folder of an artifact, by port name. */
  folder(name: string): string;
  /** Context of a step with these input and output ports, in the form that the engine would hand over. */
  context<P>(
    params: P,
    inputs: Readonly<Record<string, ReturnType<typeof readerAt> | null>>,
    outputs: readonly string[],
  ): // biome-ignore lint/suspicious/noExplicitAny: ports differ from step to step
  StepContext<P, any, any>;
  inputs(): {
    panel: ReturnType<typeof readerAt>;
    model: ReturnType<typeof readerAt>;
    segments: ReturnType<typeof readerAt>;
    version: ReturnType<typeof readerAt>;
  };
}

/** Inputs of `build-artifacts` in a temporary folder, and an embedded registry with one pending version. */
export async function openBench(
  options: {
    readonly panel?: Panel;
    /** Names of the panel's columns; none by default. */
    readonly columns?: Pick<RunScope["data"]["columns"], "attributes" | "known" | "observed">;
    readonly model?: ForecastModel;
    readonly segments?: Segments;
  } = {},
): Promise<Bench> {
  const root = testFolder();
  const folder = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  const clock = { now: () => "2022-01-05T00:00:00.000Z", monotonic: () => 0 };
  const registry = await openRegistry(join(root, "registry"), {
    files: nodeFiles(),
    clock,
    baseFolder: root,
  });
  const run = await registry.ensureRun({
    key: "run-1",
    model: "room-demand",
    name: "2021Q4",
    quarter: "2021Q4",
    cutoff: "2021-12-31",
    tags: {},
  });
  const version = await registry.ensureVersion({
    name: "room-demand",
    key: "version-1",
    runId: run.runId,
    description: "",
    tags: {},
  });

  const write = (port: string, file: string, value: unknown): void =>
    writeFileSync(join(folder(port), file), JSON.stringify(value));
  await writePanelArtifact(options.panel ?? smallPanel(), writerAt(folder("panel")));
  write("model", "model.json", options.model ?? smallModel);
  write("model", "training.json", smallTraining);
  write("segments", "segments.json", options.segments ?? smallSegments);
  write("version", "registered.json", {
    registry: registry.uri,
    name: version.name,
    version: version.version,
    runId: version.runId,
  });

  const warnings: string[] = [];
  const services: Services = { registry, clock, memo: async (_key, load) => load() };
  return {
    registry,
    warnings,
    folder,
    inputs: () => ({
      panel: readerAt("panel", folder("panel")),
      model: readerAt("trained-model", folder("model")),
      segments: readerAt("segments", folder("segments")),
      version: readerAt("registered-version", folder("version")),
    }),
    context: (params, inputs, outputs) => ({
      ...scope,
      data: { ...scope.data, columns: { ...scope.data.columns, ...options.columns } },
      params,
      inputs,
      services,
      outputs: Object.fromEntries(outputs.map((name) => [name, writerAt(folder(name))])),
      run: { id: "2021Q4-1", dryRun: false, step: "step" },
      lineage: { code: { retrain: "0.1.0", git: null }, runbook: "sha256:0" },
      workspace: NO_WORKSPACE,
      idempotencyKey: "key",
      signal: new AbortController().signal,
      metrics: {},
      progress: () => undefined,
      warn: (message) => {
        warnings.push(message);
      },
    }),
  };
}

/** Copies an artifact folder, for tests that compare two runs. */
export const keepCopy = (folder: string): string => {
  const copy = testFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
};
