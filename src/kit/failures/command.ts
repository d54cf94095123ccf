/** Failures of `command` steps: of the program, and of what it left behind. */
export type CommandFailure =
  | {
      readonly code: "command.not-found";
      readonly retryable: false;
      /** Null where it is missed before the step starts. */
      readonly step: string | null;
      readonly what: "program" | "folder" | "file";
      /** The program as the runbook names it, or an absolute path. */
      readonly name: string;
      /** ENOENT, EACCES, … */
      readonly errno: string;
    }
  | {
      readonly code: "command.failed";
      readonly retryable: true;
      readonly step: string;
      readonly program: string;
      /** Null when a signal ended it. */
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly log: string;
      /** The end of its log. */
      readonly lines: readonly string[];
    }
  | {
      readonly code: "command.result-invalid";
      readonly retryable: false;
      readonly step: string;
      /** Inside the result, e.g. `metrics.rows.value`; empty for the file as a whole. */
      readonly path: string;
      readonly problem: string;
      readonly log: string;
    }
  | {
      readonly code: "command.output-missing";
      readonly retryable: false;
      readonly step: string;
      readonly port: string;
      readonly log: string;
    };
