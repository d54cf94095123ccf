import type { ConnectionFailure } from "./connection.js";
import type { FileOption } from "./data.js";

/** How often an alias was moved on each side, and what it names there. */
interface DivergedAlias {
  readonly alias: string;
  readonly cause: "histories" | "unrecorded" | "raced" | "version-missing";
  readonly source: { readonly version: string | null; readonly moves: number };
  readonly target: { readonly version: string | null; readonly moves: number };
}

export type VersionRole =
  | "champion"
  | "candidate"
  | "rollback target"
  | "source of the copy"
  | "target of the copy";

/** A file of a version: `version.json`, or one of its model directory. */
export interface DamagedFile {
  readonly path: string;
  readonly problem: "missing" | "changed" | "unreadable";
}

export type TrailDamage = Extract<RegistryFailure, { readonly code: "registry.trail-damaged" }>;
export type VersionDamage = Extract<RegistryFailure, { readonly code: "registry.version-damaged" }>;

/** Failures of the model registry and of the snapshots kept in it. */
export type RegistryFailure =
  | ConnectionFailure
  | {
      readonly code: "registry.uri-unsupported";
      readonly retryable: false;
      /** Without user, password and query. */
      readonly uri: string;
      readonly problem: string;
      /** What it may have meant, as addresses. */
      readonly readings: readonly string[];
    }
  | {
      readonly code: "registry.version-missing";
      readonly retryable: false;
      readonly name: string;
      readonly version: string;
    }
  | {
      /** Bytes of a version are not those that were registered. */
      readonly code: "registry.version-damaged";
      readonly retryable: false;
      readonly name: string;
      readonly version: string;
      /** What the version is to whoever needs it; null where nobody said. */
      readonly role: VersionRole | null;
      readonly files: readonly DamagedFile[];
      /** The quarter that made it, if that is known: its run makes the same bytes again. */
      readonly quarter: string | null;
      /** Of the registry, without credentials. */
      readonly registry: string;
    }
  | { readonly code: "registry.run-missing"; readonly retryable: false; readonly runId: string }
  | {
      readonly code: "registry.file-missing";
      readonly retryable: false;
      readonly owner: string;
      readonly path: string;
    }
  | {
      readonly code: "registry.model-immutable";
      readonly retryable: false;
      readonly name: string;
      readonly version: string;
      readonly expected: string;
      readonly actual: string;
    }
  | {
      readonly code: "registry.corrupt";
      readonly retryable: false;
      readonly path: string;
      readonly detail: string;
    }
  | {
      /** The record of alias moves is not what was written: what the aliases of the model name is not known. */
      readonly code: "registry.trail-damaged";
      readonly retryable: false;
      readonly name: string;
      /** The file, or on a server what holds the moves. */
      readonly path: string;
      readonly detail: string;
    }
  | {
      readonly code: "registry.name-invalid";
      readonly retryable: false;
      readonly name: string;
      readonly detail: string;
    }
  | {
      readonly code: "registry.busy";
      readonly retryable: true;
      readonly path: string;
      readonly holder: string;
    }
  | {
      /** `push` or `pull` copied everything but the moves of these aliases. */
      readonly code: "registry.diverged";
      readonly retryable: false;
      readonly command: "push" | "pull";
      readonly model: string;
      readonly from: string;
      readonly to: string;
      readonly aliases: readonly DivergedAlias[];
      /** Aliases that did not diverge. */
      readonly others: readonly string[];
    }
  | {
      readonly code: "registry.refused";
      readonly retryable: false;
      /** The REST call, e.g. `runs/create`. */
      readonly call: string;
      readonly status: number;
      /** MLflow's `error_code`, if it gave one. */
      readonly error: string | null;
      readonly detail: string;
    }
  | {
      readonly code: "registry.answer-unexpected";
      readonly retryable: false;
      readonly call: string;
      readonly detail: string;
    }
  | {
      readonly code: "snapshot.unreadable";
      readonly retryable: false;
      readonly file: string;
      readonly line: number | null;
      readonly detail: string;
      /** Absent: a snapshot of the registry. */
      readonly option?: FileOption;
    };
