import type { Diagnostic } from "../diagnostic.js";
import type { FileOption } from "./data.js";

/** What a lock file says of its holder. */
interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** A run's id, before it has one its quarter, or `CLEANING`, `TUNING` or `BACKTESTING`. */
  readonly run: string;
}

/** What `retrain clean` is called in its lock. */
export const CLEANING = "retrain clean";

/** What `retrain tune` is called in its lock. */
export const TUNING = "retrain tune";

/** What `retrain backtest` is called in its lock. */
export const BACKTESTING = "retrain backtest";

/** Failures of running a plan: usage, lock, store, interruption, bugs. */
export type EngineFailure =
  | {
      readonly code: "usage.invalid";
      readonly retryable: false;
      readonly message: string;
      readonly next: string | null;
    }
  | {
      readonly code: "runbook.invalid";
      readonly retryable: false;
      readonly file: string;
      readonly count: number;
      /** What is wrong, where it was not said elsewhere. */
      readonly diagnostics?: readonly Diagnostic[];
    }
  | {
      readonly code: "run.locked";
      readonly retryable: true;
      readonly path: string;
      readonly model: string;
      /** Where it was asked. */
      readonly host: string;
      readonly holder: LockHolder;
    }
  | {
      /** The lock was broken or taken over while this process held it. */
      readonly code: "run.lock-lost";
      readonly retryable: false;
      readonly path: string;
      /** Who has it now, if anybody. */
      readonly holder: LockHolder | null;
    }
  | {
      readonly code: "run.lock-unreadable";
      readonly retryable: false;
      readonly path: string;
      /** How the file starts. */
      readonly found: string;
    }
  | {
      /** `unlock` did nothing. `elsewhere`: the holder is on another host. */
      readonly code: "run.unlock-refused";
      readonly retryable: false;
      readonly path: string;
      readonly why: "running" | "elsewhere" | "unreadable";
      readonly holder: LockHolder | null;
    }
  | {
      /** No run was made in a state directory yet. */
      readonly code: "run.none";
      readonly retryable: false;
      /** As a person would write it where they are. */
      readonly state: string;
      /** The runbook beside it, likewise; null where there is none. */
      readonly runbook: string | null;
    }
  | {
      readonly code: "run.unknown";
      readonly retryable: false;
      readonly run: string;
      readonly known: readonly string[];
    }
  | {
      readonly code: "run.interrupted";
      readonly retryable: true;
      readonly signal: "SIGINT" | "SIGTERM";
      readonly step: string | null;
    }
  | {
      readonly code: "plan.mismatch";
      readonly retryable: false;
      readonly expected: string;
      readonly actual: string;
    }
  | {
      readonly code: "step.output-missing";
      readonly retryable: false;
      readonly step: string;
      readonly port: string;
    }
  | {
      readonly code: "step.timeout";
      /** False when the step went on after its signal: then nothing may run beside it. */
      readonly retryable: boolean;
      readonly step: string;
      /** As the runbook writes it, e.g. `10m`. */
      readonly limit: string;
      readonly stopped: boolean;
    }
  | {
      readonly code: "step.artifact-file-missing";
      readonly retryable: false;
      readonly kind: string;
      readonly file: string;
    }
  | {
      readonly code: "step.artifact-invalid";
      readonly retryable: false;
      readonly kind: string;
      readonly file: string;
      readonly detail: string;
    }
  | {
      readonly code: "store.corrupt";
      readonly retryable: false;
      readonly path: string;
      readonly expected: string;
      readonly actual: string;
    }
  | {
      readonly code: "store.format";
      readonly retryable: false;
      readonly path: string;
      /** The format that this program reads, and the one that it found. */
      readonly expected: number;
      readonly actual: number;
      /** Version of the program that wrote it, where that is known. */
      readonly writtenBy: string | null;
    }
  | {
      readonly code: "fs.failed";
      readonly retryable: boolean;
      readonly operation: string;
      readonly path: string;
      readonly errno: string;
      /** Absent: a file of the state directory. */
      readonly option?: FileOption;
    }
  | {
      /** Of this machine, or what Node may use of it. */
      readonly code: "memory.exhausted";
      readonly retryable: false;
      /** What whoever asked for more said. */
      readonly detail: string;
    }
  | {
      readonly code: "internal.bug";
      readonly retryable: false;
      readonly message: string;
      readonly stack: string;
    };
