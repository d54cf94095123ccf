import { FailureError } from "../kit/failure.js";
import { withDuckDb } from "./duckdb.js";
import type { TableFile } from "./table-file.js";
import { scanTable } from "./table-scan.js";
import { unreadable } from "./text-form.js";

/**
 * Runs a query over the tables and turns what DuckDB says about their content into a failure with file and line.
 * @param paths the text of each table as DuckDB reads it
 */
export async function readingTables<T>(
  tables: readonly TableFile[],
  paths: readonly string[],
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isOfDuckDb(error)) throw error;
    const { message } = error;
    const file =
      tables.find((table, index) => message.includes(table.path) || message.includes(paths[index]!)) ??
      (tables.length === 1 ? tables[0] : await culprit(tables, paths));
    if (file === undefined) throw error;
    const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
    throw new FailureError(
      unreadable(file.path, line === undefined ? null : Number(line), explain(message, file)),
      { cause: error },
    );
  }
}

/** Memory that ran out says nothing of the file, unless a damaged size asked for more than any machine has. */
const ranOut = (message: string): boolean =>
  message.startsWith("Out of Memory Error") && !/allocate.*[TPE]iB/.test(message);

/** DuckDB puts the kind of an error in front. One of a statement that it cannot parse is ours. */
export const isOfDuckDb = (error: unknown): error is Error =>
  error instanceof Error &&
  !(error instanceof FailureError) &&
  !(error instanceof TypeError) &&
  !ranOut(error.message) &&
  /^(?!Parser )[A-Z][A-Za-z -]* (Error|exception):?/i.test(error.message);

/** The first table that cannot be read alone. An internal error makes a database unusable, so each look has its own. */
async function culprit(
  tables: readonly TableFile[],
  paths: readonly string[],
): Promise<TableFile | undefined> {
  for (const [index, table] of tables.entries()) {
    const { rows } = scanTable(table, paths[index]!);
    const isFine = await withDuckDb((db) => db.run(`SELECT max(COLUMNS(*)) FROM ${rows}`)).then(
      () => true,
      (error) => !isOfDuckDb(error),
    );
    if (!isFine) return table;
  }
  return undefined;
}

function explain(message: string, file: TableFile): string {
  const width = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (width !== null) {
    const [expected, found] = [Number(width[1]), Number(width[2])];
    const hint =
      found === expected + 1 ? ": a delimiter at the end of the line, or one in a value without quotes?" : "";
    return `expected ${expected} fields as in the header, found ${found}${hint}`;
  }
  if (message.includes("unterminated quote")) return "a quoted field is not closed";
  if (message.includes("Invalid unicode")) return "the text is not UTF-8";
  if (message.includes("state machine"))
    return "a quote stands inside a bare field, or text after a quoted one";
  if (message.includes("Maximum line size")) return "a line is longer than 2 MB: is this a table?";
  const what = message.split("\n")[0]!;
  return file.kind === "parquet" ? `the Parquet file is damaged: ${what}` : what;
}
