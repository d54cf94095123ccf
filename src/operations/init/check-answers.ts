import { experimentNameProblem, modelNameProblem } from "../../kit/registry-names.js";
import { data } from "../../runbook/data-schema.js";
import type { Answers } from "./answers.js";
import { refuse } from "./refusals.js";

const { encoding, timeZone, timeFormat, wide } = data.shape;

/**
 * What a runbook would not take is refused by the flag that said it, before anything is read.
 * @throws FailureError `usage.invalid`
 */
export function checkAnswers(answers: Answers): void {
  const { name } = answers;
  const problems = [
    ["name", name === undefined ? null : (modelNameProblem(name) ?? experimentNameProblem(name)), name],
    ["encoding", problemOf(encoding, answers.encoding), answers.encoding],
    ["time-zone", problemOf(timeZone, answers.timeZone), answers.timeZone],
    ["time-format", problemOf(timeFormat, answers.timeFormat), answers.timeFormat],
    ["columns", problemOf(wide.unwrap().shape.columns, answers.columns), answers.columns],
  ] as const;
  const wrong = problems.flatMap(([flag, problem, said]) =>
    problem === null ? [] : [`--${flag} is ${JSON.stringify(said)}: ${problem}`],
  );
  if (wrong.length > 0) refuse(wrong.join("; "));
}

interface Schema {
  safeParse(value: unknown): { readonly error?: { readonly issues: readonly Issue[] } | undefined };
}

/** Of a union: what is wrong by each of its members. */
interface Issue {
  readonly message: string;
  readonly errors?: readonly (readonly Issue[])[];
}

/** The first thing that the schema of the runbook has against a value, or null. */
function problemOf(schema: Schema, value: unknown): string | null {
  const issue = schema.safeParse(value).error?.issues[0];
  return issue === undefined ? null : (issue.errors?.[0]?.[0]?.message ?? issue.message);
}
