import type { Clock } from "../../kit/clock.js";
import { fail } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { aliasesOf } from "./aliases.js";
import { artifactsOf } from "./artifacts.js";
import { runsOf } from "./runs.js";
import type { RegistryReads, Store } from "./store.js";
import { versionsOf } from "./versions.js";

/** Long enough for another process to copy a large model into place. */
const LOCK_WAIT_MS = 30_000;

/** Where a registry folder is, and what it needs of the world. */
export interface RegistryPlace {
  readonly folder: string;
  readonly files: DurableFiles;
  readonly clock: Clock;
  /** How long a change waits for another process that changes the same model; default half a minute. */
  readonly lockWaitMs?: number;
  /** What is wrong with `registry.json`; then what the aliases name is not known until a person says so. */
  readonly damage?: string;
}

/**
 * A registry in a folder, with no server. Nothing is written, not even the folder, before the first change.
 * @param uri how the runbook names it
 */
export function embeddedRegistry(place: RegistryPlace, uri: string): ModelRegistry {
  return layerOn(EMPTY, "embedded", uri, place);
}

/** A registry folder whose reads fall through to `beneath`, which is never written. */
export function layerOn(
  beneath: RegistryReads,
  kind: "embedded" | "scratch",
  uri: string,
  place: RegistryPlace,
): ModelRegistry {
  const store: Store = { lockWaitMs: LOCK_WAIT_MS, ...place, uri, beneath };
  const aliases = aliasesOf(store);
  const versions = versionsOf(store, aliases.aliasHistory);
  return { kind, uri, ...runsOf(store), ...artifactsOf(store), ...versions, ...aliases };
}

const EMPTY: RegistryReads = {
  listRuns: async () => [],
  findRuns: async () => [],
  getRun: async () => null,
  deletedRuns: async () => [],
  runDetails: async (runId) => fail({ code: "registry.run-missing", retryable: false, runId }),
  listArtifacts: async (runId) => fail({ code: "registry.run-missing", retryable: false, runId }),
  readArtifact: async (runId) => fail({ code: "registry.run-missing", retryable: false, runId }),
  listVersions: async () => [],
  getVersion: async () => null,
  readModelFile: async (name, version) =>
    fail({ code: "registry.version-missing", retryable: false, name, version }),
  getAlias: async () => null,
  aliasHistory: async () => [],
  trail: async () => [],
};
