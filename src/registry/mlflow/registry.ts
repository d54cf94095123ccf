import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../kit/clock.js";
import type { DurableFiles } from "../../kit/files.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { aliasesOf } from "./aliases/aliases.js";
import { apiOf } from "./api.js";
import { artifactsOf } from "./artifacts.js";
import type { Connection } from "./http/connection.js";
import { Mutexes } from "./mutex.js";
import { runsOf } from "./runs.js";
import type { Store } from "./store.js";
import { versionsOf } from "./versions.js";

export interface MlflowPlace {
  readonly connection: Connection;
  readonly files: DurableFiles;
  readonly clock: Clock;
  /** Name of the experiment for new runs: the runbook's. */
  readonly experiment: string;
  /** Who works, for MLflow's UI. */
  readonly user: string;
}

/** A registry on an MLflow server. Nothing is asked and nothing is made before the first call. */
export function mlflowRegistry(place: MlflowPlace): ModelRegistry {
  const { connection, ...others } = place;
  const store: Store = {
    ...others,
    api: apiOf(connection),
    mutexes: new Mutexes(),
    stamp: stamps(place.clock),
    wait: (ms) => delay(ms),
    parts: new Map(),
    untouched: new Map(),
    unread: new Map(),
    places: new Map(),
    models: new Map(),
    ledgers: new Map(),
    experiments: [],
    texts: new Map(),
  };
  return {
    kind: "mlflow",
    uri: connection.baseUrl,
    ...runsOf(store),
    ...artifactsOf(store),
    ...versionsOf(store),
    ...aliasesOf(store),
  };
}

function stamps(clock: Clock): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Date.parse(clock.now()));
    return last;
  };
}
