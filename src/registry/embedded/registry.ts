import type { Clock } from "../../kit/clock.js";
import { fail } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { aliasesOf } from "./aliases.js";
import { artifactsOf } from "./artifacts.js";
import { runsOf } from "./runs.js";
import type { RegistryReads, Store } from "./store.js";
import { versionsOf } from "./versions.js";

/** A registry in a folder, with no server. Nothing is written, not even the folder, before the first change. */
export function embeddedRegistry(spec: {
  readonly folder: string;
  /** How the runbook names it. */
  readonly uri: string;
  readonly files: DurableFiles;
  readonly clock: Clock;
}): ModelRegistry {
  const { folder, uri, files, clock } = spec;
  return layerOn(EMPTY, "embedded", uri, { folder, files, clock });
}

/** A registry folder whose reads fall through to `beneath`, which is never written. */
export function layerOn(
  beneath: RegistryReads,
  kind: "embedded" | "scratch",
  uri: string,
  place: Omit<Store, "beneath">,
): ModelRegistry {
  const store: Store = { ...place, beneath };
  return { kind, uri, ...runsOf(store), ...artifactsOf(store), ...versionsOf(store), ...aliasesOf(store) };
}

const EMPTY: RegistryReads = {
  listRuns: async () => [],
  getRun: async () => null,
  listArtifacts: async (runId) => fail({ code: "registry.run-missing", retryable: false, runId }),
  readArtifact: async (runId) => fail({ code: "registry.run-missing", retryable: false, runId }),
  listVersions: async () => [],
  getVersion: async () => null,
  readModelFile: async (name, version) =>
    fail({ code: "registry.version-missing", retryable: false, name, version }),
  getAlias: async () => null,
  aliasHistory: async () => [],
};
