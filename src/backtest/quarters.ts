import { type ParsedQuarter, parseQuarter } from "../calendar/quarter.js";
import { err, ok, type Result } from "../kit/result.js";

/** What is wrong with a text that should name quarters. */
export interface QuartersProblem {
  readonly text: string;
  readonly problem: "no-quarter" | "backwards";
}

/**
 * `2014Q1`, `2014Q1..2016Q4` (both ends included) and lists of them with commas, from any number of arguments.
 * @returns each quarter once, oldest first, whatever the order of the arguments
 */
export function parseQuarters(
  texts: readonly string[],
  fiscalYearStart: number,
): Result<readonly ParsedQuarter[], QuartersProblem> {
  const numbers = new Set<number>();
  for (const text of texts.flatMap((argument) => argument.split(","))) {
    const ends = text.split("..").map((end) => parseQuarter(end, fiscalYearStart));
    const [first, last = first] = ends;
    if (ends.length > 2 || first == null || last == null) return err({ text, problem: "no-quarter" });
    if (numberOf(first.label) > numberOf(last.label)) return err({ text, problem: "backwards" });
    for (let number = numberOf(first.label); number <= numberOf(last.label); number++) numbers.add(number);
  }
  return ok(
    [...numbers].sort((a, b) => a - b).map((number) => parseQuarter(labelOf(number), fiscalYearStart)!),
  );
}

const numberOf = (label: string): number => Number(label.slice(0, 4)) * 4 + Number(label.slice(5)) - 1;

const labelOf = (number: number): string =>
  `${String(Math.floor(number / 4)).padStart(4, "0")}Q${(number % 4) + 1}`;
