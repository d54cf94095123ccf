import type { Clock } from "../../kit/clock.js";
import type { DurableFiles } from "../../kit/files.js";
import type { StoredModel } from "../verified-model.js";
import type { KnownLedger } from "./aliases/links.js";
import type { Api } from "./api.js";
import type { BatchMetric } from "./batches.js";
import type { Mutexes } from "./mutex.js";
import type { Run } from "./schemas.js";

/** One MLflow server as a registry, and what this process remembers of it. */
export interface Store {
  readonly api: Api;
  readonly clock: Clock;
  readonly files: DurableFiles;
  /** Name of the experiment that new runs go to. */
  readonly experiment: string;
  /** Who works, for MLflow's UI. */
  readonly user: string;
  readonly mutexes: Mutexes;
  /** Milliseconds since 1970, later with each call, so that what this process makes has an order. */
  stamp(): number;
  wait(ms: number): Promise<void>;
  /** Parts of a run by id, as they were when this process first asked, with those that it made since. */
  readonly parts: Map<string, Promise<Siblings>>;
  /** Runs that this process has made and nobody has logged into yet: they need no look before the first write. */
  readonly untouched: Map<string, Run>;
  /** What this process has logged into parts and not read back yet, by the run that they are parts of, then by part. */
  readonly unread: Map<string, Map<string, readonly BatchMetric[]>>;
  /** Where runs are, by id: it never changes. */
  readonly places: Map<string, RunPlace>;
  /** Models of ready versions, by name and number. */
  readonly models: Map<string, ReadyModel>;
  /** Ledgers of alias moves by model, as far as they were read: what was appended never changes. */
  readonly ledgers: Map<string, KnownLedger>;
  /** Ids of our experiments as they were seen last: where the next search looks while it asks for them anew. */
  experiments: readonly string[];
  /** Whole texts of long values by their sha256. */
  readonly texts: Map<string, Promise<string>>;
}

export interface ReadyModel {
  readonly stored: StoredModel;
  /** Read once, and checked. */
  manifest(): Promise<Uint8Array>;
}

export interface RunPlace {
  readonly experiment: string;
  readonly artifacts: string;
}

export interface Siblings {
  /** Id of the experiment that they are in, which is their parent's. */
  readonly experiment: string;
  /** By the hash of their key. */
  readonly byId: Map<string, Run>;
}
