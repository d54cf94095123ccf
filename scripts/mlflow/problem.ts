/** Something that whoever starts MLflow can put right: shown without a stack trace. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";

  /**
   * @param what what went wrong, and where
   * @param next what to type or change
   * @param details last lines of what a program said
   */
  constructor(
    what: string,
    readonly next: string,
    readonly details: string = "",
  ) {
    super(what);
  }
}

export function textOf(problem: StartProblem): string {
  const details = problem.details === "" ? [] : problem.details.split("\n").map((line) => `  | ${line}`);
  return [`error: ${problem.message}`, ...details, `next:  ${problem.next}`, ""].join("\n");
}

const TAIL_LINES = 15;

/** The last lines that say something. */
export const tail = (text: string): string =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .slice(-TAIL_LINES)
    .join("\n");
