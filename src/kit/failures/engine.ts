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
    }
  | {
      readonly code: "run.locked";
      readonly retryable: true;
      readonly path: string;
      readonly holder: {
        readonly pid: number;
        readonly host: string;
        readonly since: string;
        readonly run: string;
      };
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
      readonly code: "fs.failed";
      readonly retryable: boolean;
      readonly operation: string;
      readonly path: string;
      readonly errno: string;
    }
  | {
      readonly code: "internal.bug";
      readonly retryable: false;
      readonly message: string;
      readonly stack: string;
    };
