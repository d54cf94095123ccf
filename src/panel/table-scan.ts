import { fail } from "../kit/failure.js";
import { nearest } from "../kit/suggest.js";
import { literalPath, parquetTable, quoteText } from "./sql.js";
import type { CsvFile, ParquetFile, TableFile } from "./table-file.js";
import { unreadable } from "./text-form.js";
import type { SheetFile } from "./workbook.js";

/** A cell as it stands in a file. */
export interface ScannedCell {
  /** SQL over the table's rows. */
  readonly sql: string;
  /** As DuckDB names it; VARCHAR for CSV. */
  readonly type: string;
  /** Time zone that a Parquet file notes for instants. */
  readonly zone: string | null;
}

/** Rows of a file in its order. Its columns are called by their places, so that no name of a user's column meets a word of ours. */
export interface ScannedTable {
  /** For `FROM`. */
  readonly rows: string;
  /** SQL of the data record's number, from 1. */
  readonly record: string;
  cell(column: string): ScannedCell;
}

/** @param csv path of the text as DuckDB can read it, see `readable-text` */
export function scanTable(table: TableFile, csv: string): ScannedTable {
  switch (table.kind) {
    case "csv":
      return scanCsv(table, csv);
    case "sheet":
      return scanSheet(table, csv);
    case "parquet":
      return scanParquet(table);
  }
}

/** Names of the columns of the tables that every scan can read: those of the first table. */
export const columnNames = (table: TableFile): readonly string[] =>
  table.kind === "parquet" ? table.columns.map(({ name }) => name) : table.header;

/**
 * @param wanted column name → its role, for the message
 * @throws FailureError `data.columns-missing` for the first file without one of the columns, `data.unreadable` when a name is there twice
 */
export function requireColumns(tables: readonly TableFile[], wanted: ReadonlyMap<string, string>): void {
  for (const table of tables) {
    const found = columnNames(table);
    const folders = table.kind === "parquet" ? foldersOf(table.path) : NO_FOLDERS;
    const missing = [...wanted.keys()].filter((column) => !found.includes(column) && !folders.has(column));
    if (missing.length > 0) {
      // A column that has a role of its own is not what was meant.
      const offered = found.filter((name) => name.trim() !== "" && !wanted.has(name));
      fail({
        code: "data.columns-missing",
        retryable: false,
        file: table.path,
        missing: missing.map((column) => ({
          column,
          role: wanted.get(column)!,
          suggestion: offered.find((name) => folded(name) === folded(column)) ?? nearest(column, offered),
        })),
        found,
      });
    }
    const twice = found.find((name, index) => wanted.has(name) && found.indexOf(name) !== index);
    if (twice !== undefined) {
      const line = table.kind === "parquet" ? null : table.skip + 1;
      fail(unreadable(table.path, line, `column ${twice} stands twice in the header`));
    }
  }
}

const folded = (name: string): string => name.trim().toLowerCase();

function scanCsv(file: CsvFile, readable: string): ScannedTable {
  const declared = file.header.map((_, index) => `'h${index}': 'VARCHAR'`).join(", ");
  const gzip = file.gzip && readable === file.path;
  const options = [
    "auto_detect=false",
    "header=true",
    "hive_partitioning=false",
    `columns={${declared}}`,
    `skip=${file.skip}`,
    `delim=${quoteText(file.delimiter)}`,
    `quote='"'`,
    `escape='"'`,
    `compression='${gzip ? "gzip" : "none"}'`,
  ];
  const reader = `read_csv(${literalPath(readable)}, ${options.join(", ")})`;
  return {
    // Rows come in file order.
    rows: `(SELECT *, row_number() OVER () AS running FROM ${reader})`,
    record: "running",
    cell: (column) => ({ sql: `h${file.header.indexOf(column)}`, type: "VARCHAR", zone: null }),
  };
}

/** Of the copy that `readable-text` makes: the number of the record, then the cells. */
function scanSheet({ header }: SheetFile, copy: string): ScannedTable {
  const declared = ["record", ...header.map((_, index) => `h${index}`)].map((name) => `'${name}': 'VARCHAR'`);
  const options = [
    "auto_detect=false",
    "header=false",
    "hive_partitioning=false",
    `columns={${declared.join(", ")}}`,
    "delim=','",
    `quote='"'`,
    `escape='"'`,
    "compression='none'",
  ];
  return {
    rows: `read_csv(${literalPath(copy)}, ${options.join(", ")})`,
    record: "CAST(record AS INTEGER)",
    cell: (column) => ({ sql: `h${header.indexOf(column)}`, type: "VARCHAR", zone: null }),
  };
}

function scanParquet({ path, columns }: ParquetFile): ScannedTable {
  const places = columns.map((_, index) => `h${index}`).join(", ");
  const folders = foldersOf(path);
  return {
    rows: `${parquetTable(path)} AS t(${places})`,
    record: "file_row_number + 1",
    cell: (column) => {
      const index = columns.findIndex(({ name }) => name === column);
      if (index >= 0) return { sql: `h${index}`, type: columns[index]!.type, zone: columns[index]!.zone };
      const value = folders.get(column) ?? null;
      const sql = value === null ? "CAST(NULL AS VARCHAR)" : quoteText(value);
      return { sql, type: "VARCHAR", zone: null };
    },
  };
}

const NO_FOLDERS: ReadonlyMap<string, string | null> = new Map();

/** Columns that Spark and its kin keep in names of folders, e.g. `region=north/part-0.parquet`. A column of the file comes before them. */
function foldersOf(path: string): ReadonlyMap<string, string | null> {
  const parts = path.split(/[/\\]/).slice(0, -1);
  return new Map(
    parts.flatMap((part): [string, string | null][] => {
      const at = part.indexOf("=");
      if (at < 1) return [];
      const value = decoded(part.slice(at + 1));
      return [[decoded(part.slice(0, at)), value === "__HIVE_DEFAULT_PARTITION__" ? null : value]];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
