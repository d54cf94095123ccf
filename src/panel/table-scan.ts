import { FailureError, fail } from "../kit/failure.js";
import { nearest } from "../kit/suggest.js";
import type { ColumnType } from "./column.js";
import { type DuckDb, quoteName, quoteText } from "./duckdb.js";

import type { CsvFile, TableFile } from "./table-file.js";

/**
 * A query over files of one or several formats: columns `c0`, `c1`, … in the order of `columns`, then `file` INTEGER (index into
 * `tables`) and `record` BIGINT (data record in its file, from 1). CSV cells are text; Parquet cells are text as well when CSV
 * files stand beside them.
 */
export function scanTables(tables: readonly TableFile[], columns: readonly string[]): string {
  const mixed = tables.some((table) => table.kind !== tables[0]!.kind);
  return groups(tables)
    .map(({ first, files }) =>
      files[0]!.kind === "csv"
        ? scanCsv(files as readonly CsvFile[], first, columns)
        : scanParquet(files, first, columns, mixed),
    )
    .join(" UNION ALL ");
}

/** Names of the columns of the tables that every scan can read: those of the first table. */
export async function columnNames(db: DuckDb, table: TableFile): Promise<readonly string[]> {
  if (table.kind === "csv") return table.header;
  const rows = await readingTables([table], () =>
    db.query(`SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(${paths([table])}))`),
  );
  return rows[0]!.values as string[];
}

/**
 * @param wanted column name → its role, for the message
 * @throws FailureError `data.columns-missing` for the first file without one of the columns, `data.unreadable` when a name is there twice
 */
export async function requireColumns(
  db: DuckDb,
  tables: readonly TableFile[],
  wanted: ReadonlyMap<string, string>,
): Promise<void> {
  for (const table of tables) {
    const found = await columnNames(db, table);
    const missing = [...wanted.keys()].filter((column) => !found.includes(column));
    if (missing.length > 0) {
      fail({
        code: "data.columns-missing",
        retryable: false,
        file: table.path,
        missing: missing.map((column) => ({
          column,
          role: wanted.get(column)!,
          suggestion: nearest(column, found),
        })),
        found,
      });
    }
    const twice = found.find((name, index) => wanted.has(name) && found.indexOf(name) !== index);
    if (twice !== undefined) {
      const detail = `column ${twice} stands twice in the header`;
      fail({ code: "data.unreadable", retryable: false, file: table.path, line: 1, detail });
    }
  }
}

/** Runs a query over the tables and turns what DuckDB says about their content into a failure with file and line. */
export async function readingTables<T>(tables: readonly TableFile[], read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const file =
      tables.find((table) => message.includes(table.path)) ?? (tables.length === 1 ? tables[0] : undefined);
    if (file === undefined || !/CSV|arquet|gzip|GZIP|Invalid Input|file/.test(message)) throw error;
    const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
    throw new FailureError(
      {
        code: "data.unreadable",
        retryable: false,
        file: file.path,
        line: line === undefined ? null : Number(line),
        detail: explain(message),
      },
      { cause: error },
    );
  }
}

/** A text cell as DOUBLE; NULL when it is not a number in plain notation (`12`, `-1.5`, `3e4`). */
export const numberOfText = (cell: string): string =>
  // DuckDB also reads 1_000 as a number, which other readers of the same file do not.
  `CASE WHEN contains(${cell}, '_') THEN NULL ELSE TRY_CAST(${cell} AS DOUBLE) END`;

/** Type of each column of the scan, as DuckDB names it. */
export async function scannedTypes(db: DuckDb, scan: string): Promise<readonly string[]> {
  return (await db.query(`SELECT column_type FROM (DESCRIBE ${scan})`))[0]!.values as string[];
}

/** SQL that reads a typed (Parquet) cell as one of our types, and which one that is. */
export function typedCell(duckType: string, cell: string): { type: ColumnType; sql: string } {
  if (duckType === "DATE") return { type: "DATE", sql: cell };
  if (duckType === "TIMESTAMP WITH TIME ZONE") {
    return { type: "DATE", sql: `CAST(make_timestamp(epoch_us(${cell})) AS DATE)` };
  }
  if (duckType.startsWith("TIMESTAMP")) return { type: "DATE", sql: `CAST(${cell} AS DATE)` };
  if (/^(U?TINYINT|U?SMALLINT|INTEGER|BOOLEAN)$/.test(duckType)) {
    return { type: "INTEGER", sql: `CAST(${cell} AS INTEGER)` };
  }
  if (/^(U?BIGINT|UINTEGER|U?HUGEINT|FLOAT|DOUBLE|DECIMAL.*)$/.test(duckType)) {
    return { type: "DOUBLE", sql: `CAST(${cell} AS DOUBLE)` };
  }
  return { type: "VARCHAR", sql: `CAST(${cell} AS VARCHAR)` };
}

interface Group {
  /** Index of the first file in the whole list. */
  readonly first: number;
  readonly files: TableFile[];
}

/** Neighbours that one reader call can take together. */
function groups(tables: readonly TableFile[]): Group[] {
  const key = (table: TableFile) =>
    table.kind === "parquet" ? "parquet" : JSON.stringify([table.gzip, table.delimiter, table.header]);
  const found: Group[] = [];
  for (const [index, table] of tables.entries()) {
    const open = found.at(-1);
    if (open !== undefined && key(open.files[0]!) === key(table)) open.files.push(table);
    else found.push({ first: index, files: [table] });
  }
  return found;
}

function scanCsv(files: readonly CsvFile[], first: number, columns: readonly string[]): string {
  const { header, delimiter, gzip } = files[0]!;
  const declared = header.map((_, index) => `'h${index}': 'VARCHAR'`).join(", ");
  const cells = columns.map((column, index) => `h${header.indexOf(column)} AS c${index}`);
  const reader = `read_csv(${paths(files)}, auto_detect=false, header=true, columns={${declared}}, delim=${quoteText(delimiter)}, quote='"', escape='"', compression='${gzip ? "gzip" : "none"}')`;
  // Rows come in file order, so the running number of a row counts the records of its file from the file's first one.
  const numbered = `SELECT *, file_index, row_number() OVER () AS running FROM ${reader}`;
  const record = files.length === 1 ? "running" : "running - min(running) OVER (PARTITION BY file_index) + 1";
  return `SELECT ${[...cells, ...provenance(first, record)].join(", ")} FROM (${numbered})`;
}

function scanParquet(
  files: readonly TableFile[],
  first: number,
  columns: readonly string[],
  asText: boolean,
): string {
  const cells = columns.map((column, index) => {
    const cell = asText ? `CAST(${quoteName(column)} AS VARCHAR)` : quoteName(column);
    return `${cell} AS c${index}`;
  });
  const reader = `read_parquet(${paths(files)}, union_by_name=true, file_row_number=true)`;
  return `SELECT ${[...cells, ...provenance(first, "file_row_number + 1")].join(", ")} FROM ${reader}`;
}

const provenance = (first: number, record: string): string[] => [
  `CAST(file_index + ${first} AS INTEGER) AS file`,
  `CAST(${record} AS BIGINT) AS record`,
];

/** A list literal of paths in which glob characters stand for themselves. */
const paths = (tables: readonly TableFile[]): string =>
  `[${tables.map(({ path }) => quoteText(path.replace(/[*?[]/g, "[$&]"))).join(", ")}]`;

function explain(message: string): string {
  const width = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (width !== null) return `expected ${width[1]} fields as in the header, found ${width[2]}`;
  if (message.includes("unterminated quote")) return "a quoted field is not closed";
  if (message.includes("Invalid unicode")) return "the text is not UTF-8";
  if (message.includes("state machine")) return "line ends are mixed, or a quote stands inside a bare field";
  return message.split("\n")[0]!;
}
