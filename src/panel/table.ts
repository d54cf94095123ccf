import { open } from "node:fs/promises";
import type { Column, ColumnType } from "./column.js";
import { type CsvFormulas, csvField } from "./csv-cells.js";
import { quoteName, quoteText, withDuckDb } from "./duckdb.js";
import { inspectTableFile } from "./table-file.js";
import { columnNames, readingTables, requireColumns, scanTables } from "./table-scan.js";
import { typeCells } from "./table-types.js";

export type { Column, ColumnType } from "./column.js";

/**
 * Writes a Parquet file (zstd). The same columns give the same bytes.
 * @throws RangeError when the columns differ in length
 */
export async function writeParquet(path: string, columns: readonly Column[]): Promise<void> {
  assertSameLength(columns);
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
 * Reads Parquet, CSV or CSV.gz files (told apart by content; several are stacked in the given order, columns matched by name).
 * A CSV column is read as `types` says; without a type it is DATE when all its values are ISO days, DOUBLE when all are
 * numbers that lose nothing (no leading zeros), else VARCHAR.
 * @param select columns to read, in this order; default: all of the first file
 * @throws FailureError `data.source-missing`, `data.lfs-pointer`, `data.empty`, `data.columns-missing`, `data.unreadable`
 */
export async function readTable(
  files: string | readonly string[],
  select?: readonly string[],
  types: Readonly<Record<string, ColumnType>> = {},
): Promise<Column[]> {
  const paths = typeof files === "string" ? [files] : files;
  const tables = await Promise.all(
    paths.map((path) => inspectTableFile(path, { delimiter: null, wanted: select ?? [] })),
  );
  return withDuckDb(async (db) => {
    const names = select ?? (await columnNames(db, tables[0]!));
    await requireColumns(db, tables, new Map(names.map((name) => [name, "column"])));
    const scan = scanTables(tables, names);
    return readingTables(tables, async () => {
      const cells = await typeCells(
        db,
        tables,
        scan,
        names.map((name) => ({ name, type: types[name] ?? null })),
      );
      const list = cells.map((cell, index) => `${cell} AS ${quoteName(names[index]!)}`);
      return db.query(`SELECT ${list.join(", ")} FROM (${scan})`);
    });
  });
}

function assertSameLength(columns: readonly Column[]): void {
  const odd = columns.find((column) => column.values.length !== columns[0]?.values.length);
  if (odd !== undefined) throw new RangeError(`column ${odd.name} has another length than the others`);
}
