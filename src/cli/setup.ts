import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseQuarter } from "../calendar/quarter.js";
import { createEngine, type Engine, type RunRequest } from "../engine/engine.js";
import type { StateFolder } from "../engine/state-folder.js";
import type { RunEvent } from "../kit/events.js";
import { fail } from "../kit/failure.js";
import type { FileOption } from "../kit/failures/data.js";
import type { DurableFiles } from "../kit/files.js";
import { namingFiles, namingFilesOf } from "../kit/named-files.js";
import { programName } from "../kit/program-name.js";
import type { ModelRegistry } from "../kit/registry.js";
import { maskSecrets } from "../kit/secrets/hidden.js";
import { nearest } from "../kit/suggest.js";
import type { Graph } from "../plan/graph.js";
import { openRegistry } from "../registry/open.js";
import { scratchRegistry } from "../registry/scratch.js";
import type { Runbook } from "../runbook/runbook.js";
import { type Adapters, systemAdapters } from "./adapters.js";
import { gitCommit } from "./git.js";
import { TOOLS, VERSION } from "./version.js";

export interface RunOptions {
  readonly dryRun?: boolean;
  readonly fresh?: boolean;
  readonly from?: string;
  readonly until?: string;
  readonly set: readonly string[];
  /** Short for `--set calendar.fiscalYearStart=…`. */
  readonly fiscalStart?: string;
}

/** Every override of the runbook that the command line holds, as `--set` values. */
export const overridesOf = ({ set, fiscalStart }: RunOptions): readonly string[] =>
  fiscalStart === undefined ? set : [...set, `calendar.fiscalYearStart=${fiscalStart}`];

/**
 * @param uri `state:` is a path inside the state directory
 * @param experiment where runs go that are made on an MLflow server
 * @param signal ends every call to such a server
 */
export async function registryOf(
  uri: string,
  state: StateFolder,
  baseFolder: string,
  { files, clock, registry }: Adapters = systemAdapters,
  experiment = "retrain",
  signal?: AbortSignal,
  named: FileOption = "registry.uri",
): Promise<ModelRegistry> {
  const location = uri.startsWith("state:") ? `file:${join(state.root, uri.slice("state:".length))}` : uri;
  const options = { files, clock, baseFolder, experiment, env: process.env };
  const open = () => openRegistry(location, signal === undefined ? options : { ...options, signal });
  // The state directory's own folder is moved with it, and another one by its own name.
  if (uri.startsWith("state:")) return registry(await open());
  return registry(namingFilesOf(named, await namingFiles(named, open)));
}

export async function setUpEngine(
  state: StateFolder,
  runbook: Runbook,
  emit: (event: RunEvent) => void,
  adapters: Adapters = systemAdapters,
  signal?: AbortSignal,
): Promise<Engine> {
  const { files, clock } = adapters;
  // A run asks for its registry many times, and a server would be asked for its version each time.
  const opened = new Map<DurableFiles, Promise<ModelRegistry>>();
  const open = (files: DurableFiles): Promise<ModelRegistry> => {
    const known =
      opened.get(files) ??
      registryOf(runbook.registryUri, state, runbook.folder, { ...adapters, files }, runbook.name, signal);
    opened.set(files, known);
    known.catch(() => opened.delete(files));
    return known;
  };
  return createEngine({
    files,
    clock,
    state,
    async registryFor({ folder, dryRun, files = adapters.files }) {
      const registry = await open(files);
      if (!dryRun) return registry;
      return scratchRegistry(registry, { folder: join(folder, "scratch-registry"), files, clock });
    },
    workers: workersFrom(process.env.RETRAIN_WORKERS),
    tools: TOOLS,
    code: { retrain: VERSION, git: await gitCommit(runbook.folder) },
    emit,
    mask: maskSecrets,
  });
}

/** @throws FailureError `usage.invalid` */
export function workersFrom(text: string | undefined): number {
  if (text === undefined || text === "") return availableParallelism();
  const workers = Number(text);
  if (Number.isInteger(workers) && workers >= 1 && workers <= 256) return workers;
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `RETRAIN_WORKERS is ${JSON.stringify(text)}; a whole number from 1 to 256 is expected`,
    next: `RETRAIN_WORKERS=2 ${programName()} quarter`,
  });
}

/** For commands that only read what runs left behind. */
export function openRuns(state: StateFolder): Engine {
  return createEngine({
    files: systemAdapters.files,
    clock: systemAdapters.clock,
    state,
    registryFor: () => Promise.reject(new Error("this command opens no registry")),
    tools: TOOLS,
    code: { retrain: VERSION, git: null },
    emit: () => undefined,
    mask: maskSecrets,
  });
}

/** @throws FailureError `usage.invalid` for a quarter or a step that does not exist */
export function makeRequest(
  quarterText: string,
  opened: { readonly runbook: Runbook; readonly graph: Graph; readonly path: string },
  options: RunOptions,
): RunRequest {
  const { runbook, graph, path } = opened;
  const quarter = parseQuarter(quarterText, runbook.fiscalYearStart);
  if (quarter === null) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `"${quarterText}" is not a quarter: expected a year and Q1 to Q4, e.g. 2025Q2`,
      next: `${programName()} quarter 2025Q2`,
    });
  }
  const ids = graph.nodes.map(({ id }) => id);
  const from = options.from === undefined ? null : requireStep(graph, "--from", options.from);
  const until = options.until === undefined ? null : requireStep(graph, "--until", options.until);
  if (from !== null && until !== null && ids.indexOf(from) > ids.indexOf(until)) {
    fail({
      code: "usage.invalid",
      retryable: false,
      message: `--from ${from} comes after --until ${until}: nothing would run`,
      next: null,
    });
  }
  return {
    graph,
    scope: {
      quarter,
      data: runbook.data,
      model: runbook.model,
      fiscalYearStart: runbook.fiscalYearStart,
      ...(runbook.csvFormulas === "keep" ? { csv: { formulas: runbook.csvFormulas } } : {}),
    },
    quarter,
    runbook: {
      name: runbook.name,
      file: runbook.file,
      path,
      digest: runbook.digest,
      overrides: overridesOf(options),
    },
    dryRun: options.dryRun ?? false,
    fresh: options.fresh ?? false,
    from,
    until,
  };
}

/** @throws FailureError `usage.invalid` for a step that the runbook does not have; `flag` is what named it */
export function requireStep(graph: Graph, flag: string, id: string): string {
  const ids = graph.nodes.map((node) => node.id);
  if (ids.includes(id)) return id;
  const near = nearest(id, ids);
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `${flag} names a step that the runbook does not have: "${id}"; steps: ${ids.join(", ")}`,
    next: near === null ? null : `${flag} ${near}`,
  });
}
