/** Files that a program finds otherwise than they are. Nothing on the disk changes, and no other process sees it. */
export interface ChangedFiles {
  /** Absolute paths of files, and of what the program reads there instead. */
  readonly replaced: readonly { readonly file: string; readonly by: string }[];
  /** Absolute paths of folders that it finds empty. */
  readonly hidden: readonly string[];
}

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
  /** Only where `cannotChangeFiles` says null. */
  readonly changed?: ChangedFiles;
  /** Absolute paths of files that the answer tells of, where the program was seen to have them open. */
  readonly watched?: readonly string[];
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
      /** Those of the watched files that it was seen to have open. A short look may be missed. */
      readonly opened: readonly string[];
    };

/** The files could not be changed for a program, which was not started. */
export class FilesNotChanged extends Error {}

/** Runs programs for a step; what they write goes to the step's log. */
export interface Programs {
  /** Absolute path of the log. */
  readonly logFile: string;
  /** Appends one line to the log. */
  log(line: string): void;
  /** Makes an empty folder, which is removed when the step is over. */
  scratch(): Promise<string>;
  /** Folder with everything that runs keep: panels of this and of earlier quarters too. */
  readonly stateFolder: string;
  /** Why a program cannot be shown changed files on this machine; null where it can. */
  cannotChangeFiles(): Promise<string | null>;
  /** Rejects with the reason of the step's signal when that is aborted, the program is ended then; and with `FilesNotChanged`. */
  run(call: ProgramCall): Promise<ProgramEnding>;
}
