/** A command line as a shell completes it. */
export interface CommandModel {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly CommandModel[];
  readonly options: readonly OptionModel[];
  /** In their order; the last one may take all that is left. */
  readonly arguments: readonly ValueModel[];
  readonly isLastRepeated: boolean;
}

export interface OptionModel {
  /** `--json`, `-h` */
  readonly flags: readonly string[];
  readonly description: string;
  /** Null for an option without a value. */
  readonly value: ValueModel | null;
}

/** What stands for a value: its name in the help (`quarter` of `<quarter>`), and the words that it may be, where they are few. */
export interface ValueModel {
  readonly name: string;
  readonly choices: readonly string[];
}

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Whether more is to come behind a candidate, as behind a folder. */
  readonly isOpen: boolean;
}
