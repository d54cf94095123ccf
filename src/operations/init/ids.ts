import type { DuckDb } from "../../panel/duckdb.js";
import type { Question } from "./answers.js";
import { idHint } from "./names.js";
import { refuse } from "./refusals.js";
import { type ColumnLook, numberOf, type TableLook } from "./table-look.js";

/** Months of the rows: SQL of the time's text, and what each text means. */
export interface RowTimes {
  readonly sql: string;
  readonly months: ReadonlyMap<string, number>;
}

/** Columns that together may make an id. */
const MOST_PARTS = 3;
/** Columns that are tried in sets of several. */
const MOST_TRIED = 10;
/** Levels that an attribute has at most. */
const MOST_LEVELS = 200;

/** Table `months`: the text of a time and its month, so that rows of one month are told from rows of one text. */
export async function loadMonths(db: DuckDb, { months }: RowTimes): Promise<void> {
  await db.run("DROP TABLE IF EXISTS months");
  await db.load("months", [
    { name: "text", type: "VARCHAR", values: [...months.keys()] },
    { name: "month", type: "INTEGER", values: Int32Array.from(months.values()) },
  ]);
}

/**
 * Whether each id has one row a month (a row at all, without times).
 * @param cells columns of table `cells` that make the id; table `months` is loaded
 */
export async function isUnique(
  db: DuckDb,
  cells: readonly string[],
  times: RowTimes | null,
): Promise<boolean> {
  if (times !== null) await loadMonths(db, times);
  const from = times === null ? "cells" : `cells JOIN months ON ${times.sql} = months.c0`;
  const keys = [...cells, ...(times === null ? [] : ["months.c1"])];
  if (keys.length === 0) return (await numberOf(db, "SELECT count(*) FROM cells")) <= 1;
  const where = cells.length === 0 ? "" : `WHERE ${cells.map((cell) => `${cell} IS NOT NULL`).join(" AND ")}`;
  const twice = await numberOf(
    db,
    `SELECT count(*) FROM (SELECT 1 FROM ${from} ${where} GROUP BY ${keys.join(", ")} HAVING count(*) > 1)`,
  );
  return twice === 0;
}

/**
 * The fewest columns that tell the series apart, those that are called like ids first.
 * @throws FailureError `usage.invalid` where none do
 */
export async function idsOf(
  db: DuckDb,
  { file, rows }: TableLook,
  columns: readonly ColumnLook[],
  times: RowTimes | null,
  questions: Question[],
): Promise<readonly string[]> {
  const candidates = columns
    .filter(
      ({ distinct, filled, isWhole, numbers }) =>
        filled === rows &&
        distinct < rows + (times === null ? 1 : 0) &&
        (numbers < filled || isWhole) &&
        distinct > 1,
    )
    .sort((a, b) => idHint(b.name) - idHint(a.name) || isText(b) - isText(a) || b.distinct - a.distinct)
    .slice(0, MOST_TRIED);
  for (let size = 1; size <= MOST_PARTS; size++) {
    const found: ColumnLook[][] = [];
    for (const set of setsOf(candidates, size)) {
      if (
        await isUnique(
          db,
          set.map(({ cell }) => cell),
          times,
        )
      )
        found.push(set);
    }
    const [best, second] = found.sort((a, b) => scoreOf(b) - scoreOf(a));
    if (best === undefined) continue;
    if (second !== undefined && scoreOf(second) === scoreOf(best)) {
      questions.push({
        flag: "id",
        question: "Which column (or columns) names the series?",
        candidates: found.map(namesOf),
      });
    }
    return columns.filter((column) => best.includes(column)).map(({ name }) => name);
  }
  return refuse(
    `no column of ${file.path}, nor three together, names the series so that each has one row a period: rows stand twice, or the id is missing (name it with --id)`,
  );
}

const isText = ({ numbers, filled }: ColumnLook): number => (numbers < filled ? 1 : 0);

const namesOf = (set: readonly ColumnLook[]): string => set.map(({ name }) => name).join(",");

/** Names first; among equals text before numbers. */
const scoreOf = (set: readonly ColumnLook[]): number =>
  set.reduce((sum, column) => sum + 10 * idHint(column.name) + 5 * isText(column), 0);

function* setsOf<T>(items: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let at = from; at <= items.length - size; at++) {
    for (const rest of setsOf(items, size - 1, at + 1)) yield [items[at]!, ...rest];
  }
}

/** Columns of text, or of few whole numbers, with one label in each series and fewer labels than series. */
export async function attributesOf(
  db: DuckDb,
  { columns }: TableLook,
  others: readonly ColumnLook[],
  ids: readonly string[],
): Promise<readonly string[]> {
  const cells = ids.map((name) => columns.find((column) => column.name === name)!.cell).join(", ");
  const series = await numberOf(db, `SELECT count(*) FROM (SELECT DISTINCT ${cells} FROM cells)`);
  const found: string[] = [];
  for (const { name, cell, distinct, numbers, filled, isWhole } of others) {
    const isLabel = numbers < filled || isWhole;
    if (!isLabel || distinct < 2 || distinct > MOST_LEVELS || distinct >= series) continue;
    const changing = await numberOf(
      db,
      `SELECT count(*) FROM (SELECT 1 FROM cells GROUP BY ${cells} HAVING count(DISTINCT coalesce(${cell}, '')) > 1)`,
    );
    if (changing === 0) found.push(name);
  }
  return found;
}
