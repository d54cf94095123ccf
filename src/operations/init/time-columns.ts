import type { DuckDb } from "../../panel/duckdb.js";
import type { Answers, Question } from "./answers.js";
import { monthHint, timeHint, yearHint } from "./names.js";
import { refuse } from "./refusals.js";
import { type ColumnLook, joinedTime, type TableLook, textsOf } from "./table-look.js";
import { lookAtTimes, type TimeLook } from "./time-look.js";

export interface FoundTime {
  readonly columns: readonly string[];
  /** SQL of the text in table `cells`. */
  readonly sql: string;
  readonly look: TimeLook & { readonly sql: string };
  readonly questions: readonly Question[];
}

/** More distinct texts are no months of any history. */
const MOST_TEXTS = 20_000;

/** The column, or the two, whose cells are times. */
export async function findTime(
  db: DuckDb,
  look: TableLook,
  columns: readonly ColumnLook[],
  answers: Answers,
): Promise<FoundTime> {
  const told = answers.timeFormat ?? null;
  const candidates: {
    readonly names: readonly string[];
    readonly cells: readonly string[];
    readonly looks: readonly TimeLook[];
  }[] = [];
  const groups =
    answers.time === undefined
      ? [...columns.map((column) => [column]), ...pairs(columns)]
      : [answers.time.map((name) => columns.find((column) => column.name === name)!)];
  for (const group of groups) {
    if (group.some(({ distinct }) => distinct > MOST_TEXTS)) continue;
    // The months of a year alone are no times, and a pair is looked at only where no column is.
    if (group.length > 1 && answers.time === undefined && candidates.length > 0) break;
    const cells = group.map(({ cell }) => cell);
    const looks = await lookAtTimes(db, await textsOf(db, cells), told);
    if (looks.length > 0) candidates.push({ names: group.map(({ name }) => name), cells, looks });
  }
  const [best, other] = candidates.sort((a, b) => scoreOf(b) - scoreOf(a));
  if (best === undefined) return noTime(look, answers);
  const questions: Question[] = [];
  if (answers.time === undefined && other !== undefined && scoreOf(best) === scoreOf(other)) {
    questions.push({
      flag: "time",
      question: "Which column says the month or quarter?",
      candidates: candidates.map(({ names }) => names.join(",")),
    });
  }
  const [first, second] = best.looks;
  if (second !== undefined) {
    questions.push({
      flag: "time-format",
      question: `How are the dates in ${best.names.join(" + ")} written?`,
      candidates: best.looks.map(({ format }) => format!),
    });
  }
  const sql = joinedTime(best.cells);
  return { columns: best.names, sql, look: { ...first!, sql }, questions };
}

interface Candidate {
  readonly names: readonly string[];
  readonly looks: readonly TimeLook[];
}

/** Months and quarters come before other dates, and columns that are called so before others. */
const scoreOf = ({ names, looks }: Candidate): number =>
  (looks[0]!.rhythm === "month" || looks[0]!.rhythm === "quarter" ? 100 : 0) +
  Math.max(...names.map(timeHint));

/** Columns of years beside columns of months or quarters. */
const pairs = (columns: readonly ColumnLook[]): ColumnLook[][] =>
  columns
    .filter(({ name }) => yearHint(name) > 0)
    .flatMap((year) =>
      columns.filter(({ name }) => monthHint(name) > 0 && name !== year.name).map((month) => [year, month]),
    );

function noTime({ file, columns }: TableLook, answers: Answers): never {
  const names = columns.map(({ name }) => name).join(", ");
  const message =
    answers.time === undefined
      ? `no column of ${file.path} holds months, quarters or dates (it has ${names}); name the column with --time, and the form of its cells with --time-format, e.g. %d.%m.%Y`
      : `${answers.time.join(" + ")} of ${file.path} holds no months, quarters or dates${answers.timeFormat === undefined ? "; name the form of its cells with --time-format, e.g. %d.%m.%Y" : ` of the form ${answers.timeFormat}`}`;
  return refuse(message);
}
