import type { DurableFiles } from "../../kit/files.js";
import type { ModelRegistry } from "../../kit/registry.js";
import type { Adapters } from "../adapters.js";
import { type Boundary, describeFileCall } from "./boundary.js";

/** `torn`: in the middle of the call, with half of what it writes on the disk. */
export type Side = "before" | "torn" | "after";

/** Called at both sides of every boundary, and in the middle of the calls that can leave half a result. */
export type Watch = (boundary: Boundary, side: Side, tear: () => Promise<void>) => Promise<void>;

type Effect = "reads" | "writes";

/** A new method does not compile before it is classed here, so no boundary goes missing. */
const FILES: Record<keyof DurableFiles, Effect> = {
  writeAtomic: "writes",
  writeUnsynced: "writes",
  createExclusive: "writes",
  appendLine: "writes",
  copyInto: "writes",
  renameExclusive: "writes",
  makeFolder: "writes",
  remove: "writes",
  readText: "reads",
  readBytes: "reads",
  list: "reads",
  exists: "reads",
  sha256: "reads",
};

const REGISTRY: Record<Exclude<keyof ModelRegistry, "kind" | "uri">, Effect> = {
  ensureRun: "writes",
  logRun: "writes",
  putArtifacts: "writes",
  closeRun: "writes",
  ensureVersion: "writes",
  attachModel: "writes",
  moveAlias: "writes",
  listRuns: "reads",
  findRuns: "reads",
  getRun: "reads",
  deletedRuns: "reads",
  runDetails: "reads",
  listArtifacts: "reads",
  readArtifact: "reads",
  getVersion: "reads",
  listVersions: "reads",
  readModelFile: "reads",
  getAlias: "reads",
  aliasHistory: "reads",
  trail: "reads",
};

/**
 * Adapters that do what `adapters` do and call `watch` around everything that changes the world outside the process.
 * @param root the state directory: paths in descriptions are relative to it
 * @param tearing what a kill in the middle of a file call leaves behind
 */
export function instrument(
  adapters: Adapters,
  root: string,
  tearing: (operation: string, args: readonly unknown[]) => Promise<void>,
  watch: Watch,
): Adapters {
  const nothing = () => Promise.resolve();
  const around = async (
    boundary: Boundary,
    call: () => Promise<unknown>,
    tear: (() => Promise<void>) | null,
  ) => {
    await watch(boundary, "before", nothing);
    if (tear !== null) await watch(boundary, "torn", tear);
    const answer = await call();
    await watch(boundary, "after", nothing);
    return answer;
  };
  return {
    ...adapters,
    files: wrap(adapters.files, FILES, (operation, args, call) => {
      const boundary = describeFileCall(root, operation, args);
      return around(boundary, call, leavesHalf(operation) ? () => tearing(operation, args) : null);
    }),
    registry: (opened) =>
      wrap(adapters.registry(opened), REGISTRY, (operation, _args, call) =>
        around({ kind: "registry call", what: operation }, call, null),
      ),
    notify: (async (...args: Parameters<Adapters["notify"]>) =>
      around(
        { kind: "notification", what: "every channel" },
        () => adapters.notify(...args),
        null,
      )) as Adapters["notify"],
  };
}

const leavesHalf = (operation: string): boolean =>
  ["writeAtomic", "writeUnsynced", "createExclusive", "appendLine", "copyInto"].includes(operation);

function wrap<T extends object>(
  target: T,
  effects: Readonly<Record<string, Effect>>,
  around: (operation: string, args: readonly unknown[], call: () => Promise<unknown>) => Promise<unknown>,
): T {
  const wrapped = { ...target } as Record<string, unknown>;
  for (const [operation, effect] of Object.entries(effects)) {
    const method = wrapped[operation] as (...args: unknown[]) => Promise<unknown>;
    if (effect === "writes")
      wrapped[operation] = (...args: unknown[]) => around(operation, args, () => method.apply(target, args));
  }
  return wrapped as T;
}
