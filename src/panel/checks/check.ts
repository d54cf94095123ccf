import type { ValidationReport } from "../../kit/artifacts/validation.js";

/** A cell or row that breaks a check. What is null does not exist: a missing period stands in no file. */
export interface Finding {
  /** Index into `SourcePanel.files`. */
  readonly file: number | null;
  /** Data record in the file, from 1. */
  readonly record: number | null;
  readonly series: string | null;
  readonly period: number | null;
  readonly column: string;
  /** What stands there, when it is known without another look at the file. */
  readonly value?: string;
}

/** One check with its findings; examples are added when the findings have been looked up in the files. */
export interface Check {
  readonly id: string;
  readonly status: ValidationReport["checks"][number]["status"];
  readonly count: number;
  readonly expected: string;
  readonly detail: string;
  readonly findings: readonly Finding[];
  /** What is quoted of them, where the first findings do not say it best. */
  readonly examples?: readonly string[];
  /** The option or command that helps, as a sentence. */
  readonly advice?: string;
}

type Verdict = Check["status"];

/** A check that holds while it has no findings. */
export function checkOf(
  id: string,
  expected: string,
  findings: readonly Finding[],
  given: { readonly broken?: Verdict; readonly count?: number; readonly detail?: string } = {},
): Check {
  const count = given.count ?? findings.length;
  const status = count === 0 ? "pass" : (given.broken ?? "fail");
  return { id, status, count, expected, detail: given.detail ?? `${count} found`, findings };
}
