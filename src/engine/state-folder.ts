import { join } from "node:path";

/** Where everything of a state directory lies. */
export interface StateFolder {
  readonly root: string;
  readonly runs: string;
  /** Content-addressed files: objects/ab/cdef… */
  readonly objects: string;
  /** Step records by fingerprint. */
  readonly records: string;
  /** Texts that follow from artifacts, by what they were made from: derived/ab/cdef….json */
  readonly derived: string;
  readonly locks: string;
  /** A folder and a lock for each backtest, by its id. */
  readonly backtests: string;
  /** The embedded registry, unless the runbook names another one. */
  readonly registry: string;
}

export const stateFolder = (root: string): StateFolder => ({
  root,
  runs: join(root, "runs"),
  objects: join(root, "objects"),
  records: join(root, "records"),
  derived: join(root, "derived"),
  locks: join(root, "locks"),
  backtests: join(root, "backtest"),
  registry: join(root, "registry"),
});
