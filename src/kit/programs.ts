/** A program to run without a shell. */
export interface ProgramCall {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Besides the few variables that every program gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Longest that it may take, in milliseconds; null for no limit. */
  readonly timeoutMs: number | null;
}

export type ProgramEnding =
  | {
      readonly started: false;
      /** What is not there, or may not be used. */
      readonly what: "program" | "folder";
      readonly errno: string;
    }
  | {
      readonly started: true;
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** Whether it was ended at its time limit. */
      readonly timedOut: boolean;
      /** The end of what it wrote. */
      readonly lines: readonly string[];
    };

/** Runs programs for a step; what they write goes to the step's log. */
export interface Programs {
  /** Absolute path of the log. */
  readonly logFile: string;
  /** Appends one line to the log. */
  log(line: string): void;
  /** Makes an empty folder, which is removed when the step is over. */
  scratch(): Promise<string>;
  /** Rejects with the reason of the step's signal when that is aborted; the program is ended then. */
  run(call: ProgramCall): Promise<ProgramEnding>;
}
