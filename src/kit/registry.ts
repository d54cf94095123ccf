import type { ModelRef } from "./model-ref.js";
import type { TrailEnd } from "./trail.js";

/** A file to put into the registry: where it is now, and its `/`-separated path there. */
export interface RegistryFile {
  readonly path: string;
  readonly source: string;
}

/** One point of a metric that has several: `step` is a lead time or a fold, counted from 1. */
export interface MetricPoint {
  readonly name: string;
  readonly step: number;
  readonly value: number;
}

/** Data that went into a run. */
export interface DatasetInput {
  /** Unique in its run. */
  readonly name: string;
  /** Hash of the content, at most 36 characters. */
  readonly digest: string;
  /** Where it came from, without credentials. */
  readonly source: string;
  readonly context: "training" | "evaluation";
  /** Counts that describe it, e.g. `rows` and `series`. */
  readonly profile: Readonly<Record<string, number>>;
}

/** What a run has besides its values. */
export interface RunDetails {
  /** By name, then step. */
  readonly points: readonly MetricPoint[];
  /** By name. */
  readonly inputs: readonly DatasetInput[];
  /** Runs that are a part of it, in the order in which they were made. */
  readonly parts: readonly RegistryRun[];
}

export interface RegistryRun {
  readonly runId: string;
  /** Idempotency key: one run a key, for ever. */
  readonly key: string;
  readonly model: string;
  readonly name: string;
  readonly quarter: string;
  /** ISO day. */
  readonly cutoff: string;
  /** A closed run reached its verdict and has all its artifacts; only closed runs are history. */
  readonly closed: boolean;
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  /** The latest value of each; of points the one with the highest step. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The run that it is a part of, e.g. one fold of a quarter's training; null for a quarter's own run. */
  readonly parent: string | null;
}

/** A run that was deleted, and that the registry can give back. */
export interface DeletedRun {
  readonly run: RegistryRun;
  /** What was deleted: the run, or what it was in. */
  readonly what: string;
  /** The command of the registry's own program that restores that. */
  readonly restore: string;
}

export interface ModelVersion {
  readonly name: string;
  /** A decimal string, as in MLflow. */
  readonly version: string;
  /** Idempotency key: one version a key, for ever. */
  readonly key: string;
  readonly runId: string;
  /** `pending` until its model directory is attached. */
  readonly status: "pending" | "ready";
  /** Digest of the model directory (`sha256:` of its manifest), null while pending. */
  readonly digest: string | null;
  readonly description: string;
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AliasMove {
  readonly alias: string;
  readonly from: string | null;
  readonly to: string;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  /** Digest of the decision record that allowed the move, or null for moves that need none (`candidate`). */
  readonly decision: string | null;
  readonly key: string;
  /** Which model `to` was then: its number may come to mean another one. Absent in moves of programs that did not write it down. */
  readonly model?: ModelRef | undefined;
}

export interface AliasMoveRequest {
  readonly name: string;
  readonly alias: string;
  readonly to: string;
  /** Compare-and-set: the move happens only if the alias names this version now. `undefined` moves whatever it names. */
  readonly expected?: string | null;
  readonly by: string;
  readonly reason: string;
  readonly decision: string | null;
  /** A second request with the same key is answered `already`, wherever the alias points by then. */
  readonly key: string;
  /** When it was made, and which model it was about, for a move that is copied from another registry; default now, and what `to` is. */
  readonly at?: string;
  readonly model?: ModelRef | undefined;
  /**
   * A person says with this move what the alias names from now on, where the record of moves is damaged: what is sound of it is kept, what was found
   * is set aside, and the move comes after it. Of a sound record it changes nothing.
   */
  readonly mend?: boolean;
}

export type AliasMoveOutcome =
  | { readonly outcome: "moved" | "already"; readonly move: AliasMove }
  | { readonly outcome: "conflict"; readonly current: string | null };

/**
 * Where models, the runs that made them, and the aliases that services follow are kept.
 * Every write is idempotent by key and atomic: a reader never sees half of one, and a kill between a write and
 * the caller's own record of it is repaired by calling again. One contract suite runs over every implementation.
 */
export interface ModelRegistry {
  readonly kind: "embedded" | "mlflow" | "scratch";
  /** Without credentials. */
  readonly uri: string;

  ensureRun(spec: {
    readonly key: string;
    readonly model: string;
    readonly name: string;
    readonly quarter: string;
    readonly cutoff: string;
    readonly tags: Readonly<Record<string, string>>;
    /** The run that this one is a part of: then it is no run of its own in `listRuns`. */
    readonly parent?: string;
    /** When it was made, for a run that is copied from another registry; default now. */
    readonly createdAt?: string;
  }): Promise<RegistryRun>;
  /** Merges; a later value of the same name, of the same name and step, and a later input of the same name wins. */
  logRun(
    runId: string,
    values: {
      readonly params?: Readonly<Record<string, string>>;
      readonly metrics?: Readonly<Record<string, number>>;
      readonly tags?: Readonly<Record<string, string>>;
      /** Steps are whole numbers from 0. */
      readonly points?: readonly MetricPoint[];
      readonly inputs?: readonly DatasetInput[];
      /** With the last of the values the run is closed, as by `closeRun` after this. */
      readonly close?: boolean;
    },
  ): Promise<void>;
  putArtifacts(runId: string, files: readonly RegistryFile[]): Promise<void>;
  closeRun(runId: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** Runs of a model, oldest first, without those that are a part of another. */
  listRuns(model: string): Promise<readonly RegistryRun[]>;
  /** Runs of any model that have this tag with this value, of letters and digits; oldest first, without parts. */
  findRuns(tag: string, value: string): Promise<readonly RegistryRun[]>;
  getRun(runId: string): Promise<RegistryRun | null>;
  /** Runs of a model that were deleted and can be restored, oldest first, without parts: they are in no other answer. */
  deletedRuns(model: string): Promise<readonly DeletedRun[]>;
  runDetails(runId: string): Promise<RunDetails>;
  listArtifacts(runId: string): Promise<readonly string[]>;
  readArtifact(runId: string, path: string): Promise<Uint8Array>;

  ensureVersion(spec: {
    readonly name: string;
    readonly key: string;
    readonly runId: string;
    readonly description: string;
    readonly tags: Readonly<Record<string, string>>;
    /** When it was made, for a version that is copied from another registry; default now. */
    readonly createdAt?: string;
  }): Promise<ModelVersion>;
  /**
   * Attaches the model directory, whose `manifest.json` has the digest. The same digest again puts files right that were damaged since; another digest
   * fails: versions are immutable.
   */
  attachModel(
    name: string,
    version: string,
    files: readonly RegistryFile[],
    digest: string,
  ): Promise<ModelVersion>;
  getVersion(name: string, version: string): Promise<ModelVersion | null>;
  /**
   * Oldest first; empty for an unknown name.
   * @throws FailureError `registry.version-damaged` for one that cannot be read, unless it is to be left out
   */
  listVersions(name: string, options?: { readonly skipDamaged: boolean }): Promise<readonly ModelVersion[]>;
  /**
   * A file as it was attached: the manifest must have the version's digest, and the file the hash that the manifest names.
   * @throws FailureError `registry.version-damaged`, `registry.file-missing` for a file that the version never had
   */
  readModelFile(name: string, version: string, path: string): Promise<Uint8Array>;

  /** @throws FailureError `registry.trail-damaged` here and below, when the record of moves is not what was written */
  getAlias(name: string, alias: string): Promise<string | null>;
  moveAlias(request: AliasMoveRequest): Promise<AliasMoveOutcome>;
  /** Every move of every alias of the model, oldest first. */
  aliasHistory(name: string): Promise<readonly AliasMove[]>;
  /** How the record of these moves ended after each line that it has, oldest first. */
  trail(name: string): Promise<readonly TrailEnd[]>;
}
