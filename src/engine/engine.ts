import type { Wait } from "../kit/attempts.js";
import type { Clock } from "../kit/clock.js";
import type { EarlierRuns } from "../kit/earlier.js";
import type { RunEvent } from "../kit/events.js";
import type { DurableFiles } from "../kit/files.js";
import type { Json } from "../kit/json.js";
import type { QuarterWindow } from "../kit/quarter.js";
import type { ModelRegistry } from "../kit/registry.js";
import type { CodeVersion } from "../kit/specs.js";
import type { RunScope, Services } from "../kit/step.js";
import type { Graph } from "../plan/graph.js";
import { systemWait } from "./attempts.js";
import { DerivedTexts } from "./derived-texts.js";
import { ObjectStore } from "./object-store.js";
import { StepRecords } from "./records.js";
import { RunStore, type StoredRun } from "./run-store.js";
import type { StateFolder } from "./state-folder.js";

/** The run that uses a registry. `files`: what an embedded registry changes its folder through, where they are not the program's own. */
export interface RegistryUse {
  readonly folder: string;
  readonly dryRun: boolean;
  readonly files?: DurableFiles;
}

/** Everything that a run touches besides its request. The composition root fills it in. */
export interface Engine {
  readonly files: DurableFiles;
  readonly clock: Clock;
  readonly state: StateFolder;
  readonly runs: RunStore;
  readonly objects: ObjectStore;
  readonly records: StepRecords;
  readonly derived: DerivedTexts;
  /** The registry that a run writes to: the real one, or a scratch one in the run's folder for a dry run. */
  registryFor(run: RegistryUse): Promise<ModelRegistry>;
  /** Versions of the program and of the libraries that results depend on. */
  readonly tools: Readonly<Record<string, string>>;
  readonly code: CodeVersion;
  emit(event: RunEvent): void;
  /** Hides secrets in text that is stored. */
  mask(text: string): string;
  /** Threads that a step may use. */
  readonly workers: number;
  /** Pauses between attempts, and time limits. */
  readonly wait: Wait;
}

/** The runbook's part of a request, as the engine needs it. */
export interface RunRequest {
  readonly graph: Graph;
  readonly scope: RunScope;
  readonly quarter: QuarterWindow;
  /** `file` is shown, `path` is absolute, `overrides` are the `--set` values; without a `name` the path alone tells it from others. */
  readonly runbook: {
    readonly name?: string;
    readonly file: string;
    readonly path: string;
    readonly digest: string;
    readonly overrides: readonly string[];
  };
  readonly dryRun: boolean;
  readonly fresh: boolean;
  /** A run that was begun with `--fresh` and is gone on with: what it has not done yet it does anew. */
  readonly freshRun?: string;
  readonly from: string | null;
  readonly until: string | null;
  /** Digest of the plan that the run is held to. */
  readonly plan?: string;
}

export function createEngine(
  parts: Pick<Engine, "files" | "clock" | "state" | "registryFor" | "tools" | "code" | "emit" | "mask"> &
    Partial<Pick<Engine, "wait" | "workers">>,
): Engine {
  return {
    wait: systemWait,
    workers: 1,
    ...parts,
    runs: new RunStore(parts.state.runs, parts.files, () => parts.clock.now()),
    objects: new ObjectStore(parts.state.objects, parts.files),
    records: new StepRecords(parts.state.records, parts.files),
    derived: new DerivedTexts(parts.state.derived, parts.files),
  };
}

export function createServices(
  registry: ModelRegistry,
  clock: Clock,
  workers = 1,
  earlier?: EarlierRuns,
): Services {
  const loaded = new Map<string, Promise<unknown>>();
  return {
    registry,
    clock,
    workers,
    ...(earlier === undefined ? {} : { earlier }),
    memo<T>(key: string, load: () => Promise<T>): Promise<T> {
      const known = loaded.get(key) ?? load();
      loaded.set(key, known);
      // Another attempt loads it again.
      known.catch(() => loaded.delete(key));
      return known as Promise<T>;
    },
  };
}

/** Runs of one kind continue each other. */
export const runKind = ({ quarter, scope, dryRun }: RunRequest) => ({
  quarter: quarter.label,
  model: scope.model.name,
  dryRun,
});

/** The unfinished run that a request goes on with, or null when it starts another. */
export async function continuedRun(engine: Engine, request: RunRequest): Promise<StoredRun | null> {
  return request.fresh ? null : engine.runs.unfinished(runKind(request));
}

/** The request as the run that it goes on with was begun. */
export const asBegun = (request: RunRequest, run: StoredRun | null): RunRequest =>
  run?.header.fresh === true && !request.fresh ? { ...request, freshRun: run.header.run } : request;

/** The part of the scope that results depend on. Source paths are left out: steps that read files hash their contents. */
export function recordedScope(scope: RunScope): Json {
  const { sources: _sources, ...data } = scope.data;
  return {
    quarter: scope.quarter.label,
    fiscalYearStart: scope.fiscalYearStart,
    data,
    model: scope.model,
    ...(scope.csv === undefined ? {} : { csv: scope.csv }),
  } as unknown as Json;
}
