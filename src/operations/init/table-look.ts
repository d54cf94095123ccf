import { numberOfText, textOf } from "../../panel/cells.js";
import type { DuckDb } from "../../panel/duckdb.js";
import { withReadableText } from "../../panel/readable-text.js";
import { readingTables } from "../../panel/reading.js";
import { quoteText } from "../../panel/sql.js";
import { inspectTableFile, type TableFile } from "../../panel/table-file.js";
import { columnNames, scanTable } from "../../panel/table-scan.js";
import { isUtf8 } from "../../panel/text-form.js";

/** What the cells of a column are like. */
export interface ColumnLook {
  readonly name: string;
  /** Its column in table `cells`. */
  readonly cell: string;
  readonly filled: number;
  readonly distinct: number;
  /** Cells that are numbers with a decimal point. */
  readonly numbers: number;
  /** Cells that are numbers with a decimal comma. */
  readonly commas: number;
  readonly isWhole: boolean;
  readonly min: number;
  /** Whether its cells only count the rows. */
  readonly isRunning: boolean;
}

export interface TableLook {
  readonly file: TableFile;
  readonly rows: number;
  readonly columns: readonly ColumnLook[];
  /** Encoding that a text file needs to be told; null for UTF-8 and what shows itself. */
  readonly encoding: string | null;
}

export interface LookOptions {
  readonly sheet?: string | undefined;
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
}

/** Most programs that do not write UTF-8 write this one. */
const OTHERWISE = "windows-1252";

/** Texts that stand for "no value" among numbers; among other texts they are values: a series may be called so. */
const NO_NUMBER = ["NA", "N/A", "NULL", "null", "NaN", "nan"];

/** Of a column of numbers, at least so many of its cells are some. */
export const MOSTLY = 0.9;

/**
 * Loads a file as table `cells`: `record`, and each column as text, NULL where it is empty or holds a word for no number; and looks at its columns.
 * @throws FailureError as `readSource` does
 */
export async function lookAtTable(db: DuckDb, path: string, options: LookOptions): Promise<TableLook> {
  const inspect = (encoding?: string) =>
    inspectTableFile(db, path, {
      delimiter: options.delimiter ?? null,
      wanted: [],
      sheet: options.sheet,
      encoding,
    });
  let file = await inspect(options.encoding);
  let encoding = options.encoding ?? null;
  if (encoding === null && file.kind === "csv" && file.encoding === "utf-8" && !(await isUtf8(file))) {
    encoding = OTHERWISE;
    file = await inspect(encoding);
  }
  await load(db, file);
  const names = columnNames(file);
  const rows = await numberOf(db, "SELECT count(*) FROM cells");
  const columns: ColumnLook[] = [];
  for (const [index, name] of names.entries()) columns.push(await lookAtColumn(db, name, `h${index}`));
  return { file, rows, columns, encoding };
}

async function load(db: DuckDb, file: TableFile): Promise<void> {
  await withReadableText([file], (paths) =>
    readingTables([file], paths, async () => {
      const scanned = scanTable(file, paths[0]!);
      const cells = columnNames(file).map((name, index) => {
        const text = textOf(scanned.cell(name));
        return `CASE WHEN trim(${text}) <> '' THEN ${text} END AS h${index}`;
      });
      await db.run(
        `CREATE TABLE cells AS SELECT ${[`${scanned.record} AS record`, ...cells].join(", ")} FROM ${scanned.rows}`,
      );
      for (const index of cells.keys()) await clearNoNumbers(db, `h${index}`);
      // Spreadsheets end in rows of nothing.
      await db.run(`DELETE FROM cells WHERE ${cells.map((_, index) => `h${index} IS NULL`).join(" AND ")}`);
    }),
  );
}

async function clearNoNumbers(db: DuckDb, cell: string): Promise<void> {
  const isNone = `trim(${cell}) IN (${NO_NUMBER.map(quoteText).join(", ")})`;
  const [numbers, others, distinct] = await db.query(
    `SELECT count(*) FILTER (isfinite(${numberOfText(cell)})), count(*) FILTER (NOT ${isNone}), count(DISTINCT ${cell}) FROM cells`,
  );
  const of = (column: typeof numbers) => column!.values[0] as number;
  // One such word alone is no name of a series, and several of them may be names of some.
  const isOfNumbers =
    of(numbers) > 0 ? of(numbers) >= MOSTLY * of(others) : of(others) === 0 && of(distinct) === 1;
  if (isOfNumbers) await db.run(`UPDATE cells SET ${cell} = NULL WHERE ${isNone}`);
}

async function lookAtColumn(db: DuckDb, name: string, cell: string): Promise<ColumnLook> {
  const number = numberOfText(cell);
  const finite = `CASE WHEN isfinite(${number}) THEN ${number} END`;
  const [filled, distinct, numbers, commas, fractions, min, max] = await db.query(
    `SELECT count(${cell}), count(DISTINCT ${cell}), count(${finite}), count(*) FILTER (regexp_full_match(trim(${cell}), '[+-]?[0-9.]*[0-9],[0-9]+')),
      count(*) FILTER (${finite} <> trunc(${finite})), coalesce(min(${finite}), 'nan'::DOUBLE), coalesce(max(${finite}), 'nan'::DOUBLE) FROM cells`,
  );
  const of = (column: typeof filled) => column!.values[0] as number;
  const span = of(max) - of(min) + 1;
  return {
    name,
    cell,
    filled: of(filled),
    distinct: of(distinct),
    numbers: of(numbers),
    commas: of(commas),
    isWhole: of(fractions) === 0,
    min: of(min),
    isRunning:
      of(numbers) > 2 &&
      of(distinct) === of(filled) &&
      of(fractions) === 0 &&
      span === of(filled) &&
      (of(min) === 0 || of(min) === 1),
  };
}

/** The distinct cells of columns, joined by a blank as `readSource` joins the parts of a time. */
export async function textsOf(db: DuckDb, cells: readonly string[]): Promise<readonly string[]> {
  const joined = joinedTime(cells);
  const [texts] = await db.query(
    `SELECT DISTINCT ${joined} AS t FROM cells WHERE ${joined} IS NOT NULL ORDER BY t`,
  );
  return texts!.values as readonly string[];
}

/** SQL of a time's text. */
export const joinedTime = (cells: readonly string[]): string =>
  cells.length === 1
    ? cells[0]!
    : cells.map((cell) => `regexp_replace(${cell}, '\\.0+$', '')`).join(" || ' ' || ");

/** The one number that a query answers. */
export const numberOf = async (db: DuckDb, sql: string): Promise<number> =>
  Number((await db.query(sql))[0]!.values[0]);
