import { numberOfText } from "../../panel/cells.js";
import type { DuckDb } from "../../panel/duckdb.js";
import type { Answers } from "./answers.js";
import { loadMonths, type RowTimes } from "./ids.js";
import { type ColumnLook, numberOf, type TableLook } from "./table-look.js";

/** Share of the cells of a feature that have to be numbers. */
const MOST = 0.5;

/**
 * Other columns of numbers: known ahead where they have values in rows after the target's last one, and observed otherwise.
 */
export async function featuresOf(
  db: DuckDb,
  { columns, rows }: TableLook,
  others: readonly ColumnLook[],
  target: string,
  times: RowTimes,
  answers: Answers,
): Promise<{ readonly known: readonly string[]; readonly observed: readonly string[] }> {
  await loadMonths(db, times);
  const goal = columns.find(({ name }) => name === target)!.cell;
  const joined = `cells JOIN months ON ${times.sql} = months.c0`;
  const last = await numberOf(db, `SELECT max(months.c1) FROM ${joined} WHERE ${goal} IS NOT NULL`);
  const known: string[] = [...(answers.known ?? [])];
  const observed: string[] = [...(answers.observed ?? [])];
  for (const { name, cell, numbers, filled, distinct } of others) {
    const isNumbers = numbers === filled && numbers >= MOST * rows && distinct > 1;
    if (!isNumbers || known.includes(name) || observed.includes(name)) continue;
    const ahead = await numberOf(
      db,
      `SELECT count(*) FROM ${joined} WHERE months.c1 > ${last} AND ${numberOfText(cell)} IS NOT NULL`,
    );
    if (ahead > 0 && answers.known === undefined) known.push(name);
    else if (ahead === 0 && answers.observed === undefined) observed.push(name);
  }
  return { known, observed };
}
