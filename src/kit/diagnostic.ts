/** Where in a source text something stands. Lines and columns count from 1. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Length of the marked text on that line, at least 1. */
  readonly length: number;
  /** The text of the line, without its line end. */
  readonly excerpt: string;
}

/** One thing that is wrong with a runbook. Data only: `report/` writes the prose around it. */
export interface Diagnostic {
  readonly code: string;
  /** What was wrong and what was expected, in one sentence. */
  readonly message: string;
  /** Path inside the runbook, e.g. `steps.train.with.folds`. */
  readonly path: string;
  readonly span: SourceSpan | null;
  /** "Did you mean" candidate, or the next thing to type. */
  readonly suggestion: string | null;
}
