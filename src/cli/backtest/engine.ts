import { createEngine, type Engine } from "../../engine/engine.js";
import { stateFolder } from "../../engine/state-folder.js";
import type { RunEvent } from "../../kit/events.js";
import type { DurableFiles } from "../../kit/files.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { maskSecrets } from "../../kit/secrets/hidden.js";
import { embeddedRegistry } from "../../registry/embedded/registry.js";
import type { Runbook } from "../../runbook/runbook.js";
import type { Adapters } from "../adapters.js";
import { gitCommit } from "../git.js";
import { TOOLS, VERSION } from "../version.js";

/** In records and fingerprints, so no path of this machine. */
const REGISTRY_URI = "backtest:";

/**
 * An engine with a state directory and a registry of its own. The registry starts empty: the versions of the real one were trained on what
 * comes after the quarters that are replayed.
 */
export async function replayEngine(
  root: string,
  runbook: Runbook,
  {
    files,
    clock,
    workers,
    emit,
  }: Pick<Adapters, "files" | "clock"> & {
    readonly workers: number;
    readonly emit: (event: RunEvent) => void;
  },
): Promise<Engine> {
  const state = stateFolder(root);
  const opened = new Map<DurableFiles, ModelRegistry>();
  const open = (through: DurableFiles): ModelRegistry => {
    const known = opened.get(through);
    if (known !== undefined) return known;
    const registry = embeddedRegistry({ folder: state.registry, files: through, clock }, REGISTRY_URI);
    opened.set(through, registry);
    return registry;
  };
  return createEngine({
    files,
    clock,
    state,
    registryFor: async ({ files: fenced = files }) => open(fenced),
    workers,
    tools: TOOLS,
    code: { retrain: VERSION, git: await gitCommit(runbook.folder) },
    emit,
    mask: maskSecrets,
  });
}
