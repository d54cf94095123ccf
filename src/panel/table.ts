import { open } from "node:fs/promises";
import type { Column } from "./column.js";
import { type CsvFormulas, csvField } from "./csv-cells.js";
import { type DuckDb, withDuckDb } from "./duckdb.js";
import { withReadableText } from "./readable-text.js";
import { readingTables } from "./reading.js";
import { quoteName, quoteText } from "./sql.js";
import { inspectTableFile, type TableFile } from "./table-file.js";
import { columnNames, requireColumns, scanTable } from "./table-scan.js";
import { requireTypes, type TypedColumn, typedCell } from "./table-types.js";
import { isUtf8 } from "./text-form.js";

export type { Column } from "./column.js";
export type { TypedColumn } from "./table-types.js";

/**
 * Writes a Parquet file (zstd). The same columns give the same bytes.
 * @throws RangeError when the columns differ in length, or two names only in case
 */
export async function writeParquet(path: string, columns: readonly Column[]): Promise<void> {
  assertSameLength(columns);
  if (new Set(columns.map(({ name }) => name.toLowerCase())).size < columns.length) {
    throw new RangeError("two columns have one name: they would not keep it");
  }
  // One thread: row groups of parallel writers would depend on who came first.
  await withDuckDb(
    async (db) => {
      await db.load("rows", columns);
      const named = columns.map((column, index) => `c${index} AS ${quoteName(column.name)}`).join(", ");
      const target = quoteText(path);
      await db.run(`COPY (SELECT ${named} FROM rows) TO ${target} (FORMAT parquet, COMPRESSION zstd)`);
    },
    { threads: 1 },
  );
}

/**
 * Writes RFC 4180 CSV in UTF-8 with `\n` line ends, for people: text that a spreadsheet would run is written as text unless `formulas` keeps it.
 * @throws RangeError when the columns differ in length
 */
export async function writeCsv(
  path: string,
  columns: readonly Column[],
  formulas: CsvFormulas = "text",
): Promise<void> {
  assertSameLength(columns);
  const file = await open(path, "w");
  try {
    let lines = [`${columns.map((column) => csvField(column.name, formulas)).join(",")}\n`];
    const rows = columns[0]?.values.length ?? 0;
    for (let row = 0; row < rows; row++) {
      lines.push(`${columns.map((column) => csvField(column.values[row] ?? null, formulas)).join(",")}\n`);
      if (lines.length === 8192) {
        await file.writeFile(lines.join(""));
        lines = [];
      }
    }
    await file.writeFile(lines.join(""));
  } finally {
    await file.close();
  }
}

/**
 * Reads Parquet, CSV or CSV.gz files (told apart by content; several are stacked in the given order, columns matched by name), each column with the
 * type that is asked for: an id such as 007 stays text, a file of ours gives back what was written.
 * @throws FailureError `data.source-missing`, `data.source-not-a-file`, `data.lfs-pointer`, `data.empty`, `data.columns-missing`,
 *   `data.unreadable`
 */
export async function readTable(
  files: string | readonly string[],
  columns: readonly TypedColumn[],
  form: TableForm = {},
): Promise<Column[]> {
  const names = columns.map(({ name }) => name);
  const wanted = { expected: names, ...form };
  return withTables(typeof files === "string" ? [files] : files, wanted, async (db, tables) => {
    requireColumns(tables, new Map(names.map((name) => [name, "column"])));
    return withReadableText(tables, (paths) =>
      readingTables(tables, paths, async () => {
        const parts: string[] = [];
        for (const [index, table] of tables.entries()) {
          const scanned = scanTable(table, paths[index]!);
          await requireTypes(db, table, scanned, columns);
          const cells = columns.map(
            ({ name, type }, at) => `${typedCell(scanned.cell(name), type)} AS c${at}`,
          );
          parts.push(`SELECT ${cells.join(", ")} FROM ${scanned.rows}`);
        }
        const read = await db.query(parts.join(" UNION ALL "));
        return read.map((column, at) => ({ ...column, name: names[at]! }));
      }),
    );
  });
}

/** What is known of a file before it is read. */
export interface TableForm {
  /** Names that the header should hold: they tell the delimiter. */
  readonly expected?: readonly string[];
  /** Encoding of CSV that is not UTF-8. */
  readonly otherwise?: string | undefined;
}

/** Format of a file and the names of its columns, in order. */
export const describeTable = (
  file: string,
  form: TableForm = {},
): Promise<{ readonly kind: TableFile["kind"]; readonly names: readonly string[] }> =>
  withTables([file], form, async (_, [table]) => ({ kind: table!.kind, names: columnNames(table!) }));

const withTables = <T>(
  paths: readonly string[],
  { expected = [], otherwise }: TableForm,
  use: (db: DuckDb, tables: readonly TableFile[]) => Promise<T>,
): Promise<T> =>
  withDuckDb(async (db) => {
    const tables: TableFile[] = [];
    for (const path of paths) {
      const options = { delimiter: null, wanted: expected };
      const table = await inspectTableFile(db, path, options);
      const isOther =
        otherwise !== undefined &&
        table.kind === "csv" &&
        table.encoding === "utf-8" &&
        !(await isUtf8(table));
      tables.push(isOther ? await inspectTableFile(db, path, { ...options, encoding: otherwise }) : table);
    }
    return use(db, tables);
  });

function assertSameLength(columns: readonly Column[]): void {
  const odd = columns.find((column) => column.values.length !== columns[0]?.values.length);
  if (odd !== undefined) throw new RangeError(`column ${odd.name} has another length than the others`);
}
