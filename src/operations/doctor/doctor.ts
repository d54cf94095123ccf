import { join, resolve } from "node:path";
import { systemFailure } from "../../durable/errno.js";
import { liveHolder } from "../../engine/clean-lock.js";
import { earlierRuns } from "../../engine/earlier-runs.js";
import type { Engine } from "../../engine/engine.js";
import { FailureError } from "../../kit/failure.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { registryAddress } from "../../kit/registry-address.js";
import { type Checkup, failed, fine, skipped } from "../../report/checkup.js";
import { explainFailure } from "../../report/failures/explain.js";
import type { FailureContext } from "../../report/failures/text.js";
import type { Runbook } from "../../runbook/runbook.js";
import { checkChannels } from "./channels.js";
import { checkLocks, type LockFile, locksOf, locksOfRegistry } from "./locks.js";
import { checkDisk, checkNode } from "./machine.js";
import { checkRegistry } from "./registry.js";
import { serverVersion } from "./server.js";
import { checkState } from "./state.js";

export interface DoctorInput {
  /** Null where it could not be opened, which `checks` of the caller say then. */
  readonly runbook: { readonly runbook: Runbook; readonly path: string } | null;
  readonly engine: Engine;
  openRegistry(runbook: Runbook): Promise<ModelRegistry>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly node: string;
  readonly context: FailureContext;
  /** Also the bytes of every version and of every stored output. */
  readonly verify: boolean;
}

/** Looks at everything that a quarter relies on, the ground first, and changes nothing. */
export async function examine(input: DoctorInput): Promise<Checkup[]> {
  const { runbook, engine, env, context, verify } = input;
  const folder = runbook === null ? null : registryFolder(runbook.runbook, engine);
  const locks = await locksOf(engine.files, engine.state.locks).catch(() => []);
  const groups: readonly (readonly [id: string, look: () => Promise<Checkup[]>])[] = [
    ["machine", async () => [checkNode(input.node)]],
    ["state", async () => checkState({ engine, context, verify, busy: await busyModels(engine, locks) })],
    [
      "locks",
      async () => {
        const own = await locksOf(engine.files, engine.state.locks);
        const others = folder === null ? [] : await locksOfRegistry(engine.files, folder);
        return checkLocks(engine.files, [...own, ...others], context.commands);
      },
    ],
    ["registry", () => lookAtRegistry(input, folder)],
    [
      "notify",
      async () =>
        runbook === null
          ? [skipped("notify", "Channels were not looked at: there is no runbook")]
          : checkChannels(runbook.runbook.escalation.notify, env),
    ],
  ];
  const checks: Checkup[] = [];
  for (const [id, look] of groups) checks.push(...(await orFailure(id, look, context)));
  return checks;
}

async function lookAtRegistry(input: DoctorInput, folder: string | null): Promise<Checkup[]> {
  const { runbook, engine, context, verify, env } = input;
  if (runbook === null) return [skipped("registry", "The registry was not looked at: there is no runbook")];
  const { model, name } = runbook.runbook;
  const registry = await input.openRegistry(runbook.runbook);
  const server = registryAddress(runbook.runbook.registryUri);
  const place =
    server.kind === "server"
      ? [fine("registry.server", `MLflow ${await serverVersion(server.url, env)}`, registry.uri)]
      : folder === null
        ? []
        : [checkDisk("registry.disk", "the registry", folder)];
  const earlier = await earlierRuns(engine, { runbook: { path: runbook.path, name } });
  return [
    ...place,
    ...(await orFailure(
      "registry",
      () => checkRegistry({ registry, model, earlier, context, verify }),
      context,
    )),
  ];
}

/** The folder of an embedded registry; null for a server. */
function registryFolder({ registryUri, folder }: Runbook, { state }: Engine): string | null {
  if (registryUri.startsWith("state:")) return join(state.root, registryUri.slice("state:".length));
  const address = registryAddress(registryUri);
  return address.kind === "folder" ? resolve(folder, address.path) : null;
}

async function busyModels(engine: Engine, locks: readonly LockFile[]): Promise<Set<string>> {
  const busy = new Set<string>();
  for (const { path, model } of locks) {
    const holder = await liveHolder(engine, path).catch(() => null);
    if (holder !== null && model !== null) busy.add(model);
  }
  return busy;
}

/** What cannot be looked at is a finding too. */
async function orFailure(
  id: string,
  look: () => Promise<Checkup[]>,
  context: FailureContext,
): Promise<Checkup[]> {
  try {
    return await look();
  } catch (error) {
    const failure = error instanceof FailureError ? error.failure : systemFailure(error, id);
    if (failure === null) throw error;
    return [failed(id, explainFailure(failure, context))];
  }
}
