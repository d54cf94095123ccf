/** Which run of a learner's program. */
interface LearnerRun {
  /** Id in the runbook. */
  readonly learner: string;
  /** e.g. `fold 2 of 3 (origin 2024-12)` */
  readonly part: string;
  readonly log: string;
}

/** Failures of learners that are programs of their own: of the program, and of what it left behind. */
export type LearnerFailure =
  | (LearnerRun & {
      readonly code: "learner.not-found";
      readonly retryable: false;
      readonly what: "program" | "folder";
      /** The program as the runbook names it, or an absolute path. */
      readonly name: string;
      /** ENOENT, EACCES, … */
      readonly errno: string;
    })
  | (LearnerRun & {
      readonly code: "learner.failed";
      readonly retryable: true;
      readonly program: string;
      /** Null when a signal ended it. */
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** The end of its log. */
      readonly lines: readonly string[];
    })
  | (LearnerRun & {
      readonly code: "learner.timeout";
      readonly retryable: true;
      readonly program: string;
      /** As the runbook writes it, e.g. `30m`. */
      readonly limit: string;
      readonly lines: readonly string[];
    })
  | (LearnerRun & {
      readonly code: "learner.output-missing";
      readonly retryable: false;
      readonly file: string;
    })
  | (LearnerRun & {
      readonly code: "learner.forecasts-invalid";
      readonly retryable: false;
      readonly file: string;
      readonly problem: string;
    })
  | (LearnerRun & {
      readonly code: "learner.model-invalid";
      readonly retryable: false;
      readonly file: string;
      readonly problem: string;
    })
  | (LearnerRun & {
      readonly code: "learner.leaks-future";
      readonly retryable: false;
      readonly found: LeakFound;
    });

/** How a program gave away that it knows more than its fold. */
export type LeakFound =
  /** Other rows after the origin made other forecasts: in so many of the cells [series × leads]. */
  | { readonly kind: "answer"; readonly cells: number; readonly of: number }
  /** It did not manage without the rows as they are. */
  | { readonly kind: "failed"; readonly code: string }
  /** It had files of the panel open. */
  | { readonly kind: "opened"; readonly files: readonly string[] };
