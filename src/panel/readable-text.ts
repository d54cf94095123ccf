import { open } from "node:fs/promises";
import { join } from "node:path";
import { withTemporaryFolder } from "../kit/temporary-folder.js";
import { csvField } from "./csv-cells.js";
import { copyFailure } from "./regular-file.js";
import type { CsvFile, TableFile } from "./table-file.js";
import { eachUtf8Chunk, type LineEnds, lineEndsOf } from "./text-form.js";
import type { SheetFile } from "./workbook.js";

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/**
 * Runs `use` with a path for each table that DuckDB can read: that of the file, or of a copy in UTF-8 with `\n` at the end of each record,
 * which goes away afterwards. Lines keep their numbers. A copy of a sheet has no header, and the number of the record in front.
 * @throws FailureError `data.unreadable` with the line that is no text
 */
export async function withReadableText<T>(
  tables: readonly TableFile[],
  use: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const plain: boolean[] = [];
  for (const table of tables) {
    plain.push(table.kind === "parquet" || (table.kind === "csv" && isPlain(table, await lineEndsOf(table))));
  }
  if (plain.every(Boolean)) return use(tables.map(({ path }) => path));
  return withTemporaryFolder("text", async (folder) => {
    const paths: string[] = [];
    for (const [index, table] of tables.entries()) {
      const copy = join(folder, `${index}.csv`);
      if (!plain[index])
        await (table.kind === "sheet" ? copySheet(table, copy) : copyText(table as CsvFile, copy));
      paths.push(plain[index] ? table.path : copy);
    }
    return use(paths);
  });
}

/** DuckDB takes lines that all end in `\n`, or all in `\r\n`. */
const isPlain = ({ encoding }: CsvFile, { lf, crlf, cr }: LineEnds): boolean =>
  encoding === "utf-8" && cr === 0 && (lf === 0 || crlf === 0);

/** Rows that hold a cell, each behind the number of its record. */
async function copySheet({ rows, header }: SheetFile, target: string): Promise<void> {
  const output = await open(target, "wx");
  const write = (text: string) =>
    output.writeFile(text).catch((error: unknown) => {
      throw copyFailure(target, error);
    });
  try {
    let lines: string[] = [];
    for (const [index, row] of rows.entries()) {
      if (row.every((cell) => cell === null)) continue;
      const cells = header.map((_, column) => csvField(row[column] ?? null, "keep"));
      lines.push(`${[index + 1, ...cells].join(",")}\n`);
      if (lines.length === 8192) {
        await write(lines.join(""));
        lines = [];
      }
    }
    await write(lines.join(""));
  } finally {
    await output.close();
  }
}

async function copyText(file: CsvFile, target: string): Promise<void> {
  const output = await open(target, "wx");
  const ends = new LineFeeds(file.delimiter);
  try {
    await eachUtf8Chunk(file, async (chunk) => {
      await output.writeFile(ends.of(chunk)).catch((error: unknown) => {
        throw copyFailure(target, error);
      });
    });
  } finally {
    await output.close();
  }
}

/** Puts `\n` for `\r\n` and `\r` between records; line breaks inside quotes stay. */
class LineFeeds {
  private readonly delimiter: number;
  private quoted = false;
  private fieldStart = true;
  private last = 0;

  constructor(delimiter: string) {
    this.delimiter = delimiter.charCodeAt(0);
  }

  of(chunk: Buffer): Buffer {
    const out = Buffer.alloc(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      const secondOfPair = byte === LF && this.last === CR;
      this.last = byte;
      if (this.quoted) {
        if (byte === QUOTE) {
          this.quoted = false;
          // A doubled quote closes the field and opens it again, which comes to the same.
          this.fieldStart = true;
        }
        out[length++] = byte;
        continue;
      }
      if (byte === LF || byte === CR) {
        if (!secondOfPair) out[length++] = LF;
        this.fieldStart = true;
        continue;
      }
      if (byte === QUOTE && this.fieldStart) this.quoted = true;
      this.fieldStart = byte === this.delimiter;
      out[length++] = byte;
    }
    return out.subarray(0, length);
  }
}
