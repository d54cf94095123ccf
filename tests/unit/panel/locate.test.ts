import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { locateRecords } from "../../../src/panel/locate.js";
import { readTable } from "../../../src/panel/table.js";
import type { CsvFile } from "../../../src/panel/table-file.js";
import { scratchFolder } from "./scratch.js";

const folder = scratchFolder();

async function locate(content: string, records: number[], gzip = false) {
  const path = join(folder, "l.csv");
  await writeFile(path, gzip ? gzipSync(content) : content);
  const file: CsvFile = {
    kind: "csv",
    path,
    gzip,
    encoding: "utf-8",
    delimiter: ",",
    header: ["id", "x"],
    skip: 0,
  };
  return locateRecords(file, records);
}

describe("lines of records", () => {
  test("plain file", async () => {
    const found = await locate("id,x\na,1\nb,2\n", [2]);
    expect([...found]).toEqual([[2, { line: 3, fields: ["b", "2"] }]]);
  });

  test.each([
    ["\n", false],
    ["\r\n", false],
    ["\n", true],
  ])("blank lines and quoted line breaks count as lines, not as records (%j, gzip %j)", async (nl, gzip) => {
    const content = ["id,x", '"a', '""a"', ',1"', "", '"b', 'c",2', "", "", "d,3"]
      .join(nl)
      .replace(`${nl},1"`, ",1");
    const found = await locate(content, [1, 2, 3], gzip);
    expect([...found].map(([record, { line, fields }]) => [record, line, fields])).toEqual([
      [1, 2, [`a${nl}"a`, "1"]],
      [2, 5, [`b${nl}c`, "2"]],
      [3, 9, ["d", "3"]],
    ]);
  });

  test("a record longer than one read of the file", async () => {
    const long = "x".repeat(200_000);
    const found = await locate(`id,x\n${long},1\nb,"${long}"\nc,3`, [2, 3]);
    expect(found.get(2)).toEqual({ line: 3, fields: ["b", long] });
    expect(found.get(3)).toEqual({ line: 4, fields: ["c", "3"] });
  });

  test("the same records as DuckDB counts", async () => {
    const cell = fc.constantFrom("a", "b c", "1", "x,y", 'q"q', "two\nlines", "cr\r\nlf", "", "\n", 'a"');
    const row = fc.record({ id: fc.constantFrom("k", 'k"', "k\nk"), x: cell, blanks: fc.nat({ max: 2 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.constantFrom("\n", "\r\n"),
        async (rows, nl) => {
          const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
          const written = rows.flatMap(({ id, x, blanks }) => [
            `${quote(id)},${quote(x)}`,
            ...Array(blanks).fill(""),
          ]);
          const content = ["id,x", ...written, ""].join(nl);
          const found = await locate(
            content,
            rows.map((_, index) => index + 1),
          );
          const columns = await readTable(join(folder, "l.csv"), [
            { name: "id", type: "VARCHAR" },
            { name: "x", type: "VARCHAR" },
          ]);
          const fields = [...found.values()].map((record) => record.fields);
          expect(fields).toEqual(rows.map(({ id, x }) => [id, x]));
          expect(columns.map(({ values }) => values)).toEqual([
            fields.map(([id]) => id),
            fields.map(([, x]) => x || null),
          ]);
          const lines = content.split(/\r\n|\r|\n/);
          for (const [record, { line }] of found) {
            const [start] = quote(rows[record - 1]!.id).split("\n");
            expect(lines[line - 1]!.startsWith(start!)).toBe(true);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
