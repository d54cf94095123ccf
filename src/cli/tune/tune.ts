import { readFileSync } from "node:fs";
import { join } from "node:path";
import { programFiles } from "../../../steps/train-pooled-cv.js";
import { programsOf } from "../../command/programs.js";
import { sha256 } from "../../durable/hash.js";
import type { RunRequest } from "../../engine/engine.js";
import type { StateFolder } from "../../engine/state-folder.js";
import { openWorkspace } from "../../engine/workspace.js";
import { forecastOutside } from "../../forecast/external/outside.js";
import { cachedExecutor } from "../../forecast/tune/cached-executor.js";
import { cachedPrograms } from "../../forecast/tune/cached-programs.js";
import { workerExecutor } from "../../forecast/worker-executor.js";
import type { RunEvent } from "../../kit/events.js";
import { fail } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import { canonicalJson, type Json } from "../../kit/json.js";
import { maskSecrets } from "../../kit/secrets/hidden.js";
import type { Adapters } from "../adapters.js";
import { TOOLS } from "../version.js";
import type { Budget } from "./budget.js";
import { judge, type TuneDocument } from "./document.js";
import { whileTuning } from "./lock.js";
import { preparePanel, type TuningPanel } from "./panel.js";
import { changeRunbook } from "./patch.js";
import { runSearch, type StepParams, type Trial } from "./search.js";
import type { SpaceFile, Strategy } from "./space-file.js";
import { openTrials } from "./trials.js";

/** Bump it when the same id would mean other scores. */
const FORMAT = 1;

export interface TuneRequest {
  /** Of the quarter before the one that is tuned for: its rows are all that the search sees. */
  readonly request: RunRequest;
  readonly quarter: string;
  readonly runbook: { readonly file: string; readonly path: string };
  readonly space: SpaceFile;
  readonly strategy: Strategy;
  readonly seed: number;
  readonly budget: Budget;
  readonly apply: boolean;
}

export interface TuneControl {
  readonly adapters: Pick<Adapters, "files" | "clock">;
  readonly state: StateFolder;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  readonly onTrial: (trial: Trial) => void;
}

/**
 * Searches, and writes `runbook.patch` where a trial is better than the runbook. Opens no registry.
 * @throws FailureError
 */
export async function tune(asked: TuneRequest, control: TuneControl): Promise<TuneDocument> {
  const { request, runbook, space } = asked;
  const { adapters, state, signal } = control;
  const text = readFileSync(runbook.path, "utf8");
  const node = request.graph.nodes.find(({ id }) => id === space.step)!;
  return whileTuning(adapters, state, request.scope.model.name, async (files) => {
    const { clock } = adapters;
    const data = await preparePanel(request, node, {
      files,
      clock,
      state,
      workers: control.workers,
      signal,
      emit: control.onEvent,
    });
    const own = node.step.params as StepParams;
    const programs = await programFiles(own.learners);
    const identity = identityOf(asked, data, node.step.recordedParams, programs);
    const id = sha256(canonicalJson(identity)).slice(0, 12);
    const folder = join(state.root, "tune", id);
    await files.writeAtomic(join(folder, "search.json"), `${JSON.stringify(identity, null, 2)}\n`);
    const search = {
      own,
      space: space.space,
      strategy: asked.strategy,
      seed: asked.seed,
      budget: asked.budget,
      horizon: request.scope.model.horizon,
    };
    const journal = await openTrials(files, join(folder, "trials.jsonl"));
    const executor = cachedExecutor(workerExecutor(control.workers));
    const workspace = openWorkspace(folder, join(folder, "programs.log"), null, maskSecrets, state.root);
    const cv = {
      executor,
      signal,
      onFold: () => undefined,
      programs: programsOf(workspace, signal),
      forecastOutside: cachedPrograms(forecastOutside),
    };
    const trials = await runSearch(search, data, journal, cv, control.onTrial)
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
        const name = signal.reason === "SIGTERM" ? "SIGTERM" : "SIGINT";
        return fail({ code: "run.interrupted", retryable: true, signal: name, step: null }, error);
      })
      .finally(() => workspace.close());
    const judged = judge(trials, space.objective);
    const patch = await leavePatch(files, folder, asked, text, trials[judged.chosen]!);
    return {
      quarter: asked.quarter,
      cutoff: request.quarter.cutoff,
      id,
      folder,
      step: space.step,
      objective: space.objective,
      strategy: asked.strategy,
      seed: asked.seed,
      ...judged,
      patch,
      applied: patch !== null && asked.apply,
    };
  });
}

/** Everything that scores depend on, and how points are drawn. Not the budget: a larger one goes on. */
function identityOf(
  { request, space, strategy, seed }: TuneRequest,
  data: TuningPanel,
  params: Json,
  programs: Json,
): Json {
  return {
    format: FORMAT,
    tools: { ...TOOLS },
    quarter: request.quarter.label,
    horizon: request.scope.model.horizon,
    step: space.step,
    params,
    panel: data.hashes.panel,
    segments: data.hashes.segments,
    space: space.space as unknown as Json,
    ...(programs === null ? {} : { programs }),
    strategy,
    ...(strategy === "random" ? { seed } : {}),
  };
}

/** @returns its path, or null where the runbook stays as it is; then none is left of an earlier, smaller search */
async function leavePatch(
  files: DurableFiles,
  folder: string,
  { runbook, space, apply }: TuneRequest,
  text: string,
  chosen: Trial,
): Promise<string | null> {
  const path = join(folder, "runbook.patch");
  if (chosen.trial === 0) {
    await files.remove(path);
    return null;
  }
  const change = await changeRunbook(text, runbook.file, space.step, chosen);
  await files.writeAtomic(path, change.patch);
  if (apply) await files.writeAtomic(runbook.path, change.text, () => requireUnchanged(runbook, text));
  return path;
}

/** A search takes a while, and people edit meanwhile. */
function requireUnchanged({ file, path }: TuneRequest["runbook"], text: string): void {
  if (readFileSync(path, "utf8") === text) return;
  fail({
    code: "usage.invalid",
    retryable: false,
    message: `${file} has changed since the search began: nothing was applied`,
    next: "the same command again; trials that the change does not concern are kept",
  });
}
