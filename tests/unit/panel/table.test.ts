import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withDuckDb } from "../../../src/panel/duckdb.js";
import {
  type Column,
  readTable,
  type TypedColumn,
  writeCsv,
  writeParquet,
} from "../../../src/panel/table.js";
import { failureOf, scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const at = (name: string) => join(folder, name);

const day = fc
  .integer({ min: 0, max: 20_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));

/** Text that Parquet and CSV must carry unharmed: quotes, separators, line breaks, blanks, any Unicode scalar. */
const text = fc
  .oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom('"', ",", "a\nb", "\r\n", " x ", "", "NA", "007", "1e5", "'"),
  )
  // Neither CSV nor the driver carries these two.
  .filter((value) => !value.includes("\0") && !value.startsWith("\ufeff"));

const tables = fc.integer({ min: 1, max: 60 }).chain((rows) => {
  const list = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: rows, maxLength: rows });
  return fc
    .record({
      text: list(fc.option(text, { nil: null })),
      day: list(fc.option(day, { nil: null })),
      whole: list(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      number: list(fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constant(Number.NaN))),
    })
    .map((values): Column[] => [
      { name: "text", type: "VARCHAR", values: values.text },
      { name: 'a "day", of sorts', type: "DATE", values: values.day },
      { name: "whole", type: "INTEGER", values: Int32Array.from(values.whole) },
      // Parquet keeps the sign of zero, CSV does not.
      { name: "number", type: "DOUBLE", values: Float64Array.from(values.number, (x) => x + 0) },
    ]);
});

const TYPES: readonly TypedColumn[] = [
  { name: "text", type: "VARCHAR" },
  { name: 'a "day", of sorts', type: "DATE" },
  { name: "whole", type: "INTEGER" },
  { name: "number", type: "DOUBLE" },
];

const X: readonly TypedColumn[] = [{ name: "x", type: "DOUBLE" }];

describe("round trips", () => {
  test("Parquet gives back types and values", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (columns) => {
        await writeParquet(at("t.parquet"), columns);
        expect(await readTable(at("t.parquet"), TYPES)).toEqual(columns);
      }),
      { numRuns: 15 },
    );
  });

  test("CSV gives back values, the empty string as a missing one", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (columns) => {
        await writeCsv(at("t.csv"), columns, "keep");
        const expected = columns.map((column) =>
          column.type === "VARCHAR"
            ? { ...column, values: (column.values as (string | null)[]).map((value) => value || null) }
            : column,
        );
        expect(await readTable(at("t.csv"), TYPES)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  test("more rows than one DuckDB vector keep their order", async () => {
    const values = Float64Array.from({ length: 10_000 }, (_, row) => (row * 7919) % 10_000);
    const names = Array.from(values, (value) => `s${value}`);
    const columns: Column[] = [
      { name: "name", type: "VARCHAR", values: names },
      { name: "value", type: "DOUBLE", values },
    ];
    await writeParquet(at("long.parquet"), columns);
    await writeCsv(at("long.csv"), columns);
    expect(await readTable(at("long.parquet"), columns)).toEqual(columns);
    expect(await readTable(at("long.csv"), columns)).toEqual(columns);
  });
});

describe("writing", () => {
  const columns: Column[] = [
    { name: "id", type: "VARCHAR", values: ["a", 'b"c', "d,e", null, "", "f\ng"] },
    { name: "x", type: "DOUBLE", values: Float64Array.of(0.1, 1e21, -5, Number.NaN, 1 / 3, 5e-324) },
  ];

  test("CSV follows RFC 4180 with shortest numbers", async () => {
    await writeCsv(at("w.csv"), columns);
    expect(await readFile(at("w.csv"), "utf8")).toBe(
      'id,x\na,0.1\n"b""c",1e+21\n"d,e",-5\n,\n"",0.3333333333333333\n"f\ng",5e-324\n',
    );
  });

  test("Parquet bytes are the same twice", async () => {
    const many: Column[] = [
      { name: "id", type: "VARCHAR", values: Array.from({ length: 300_000 }, (_, row) => `s${row % 977}`) },
      {
        name: "x",
        type: "DOUBLE",
        values: Float64Array.from({ length: 300_000 }, (_, row) => Math.sin(row)),
      },
    ];
    await writeParquet(at("one.parquet"), many);
    await writeParquet(at("two.parquet"), many);
    expect((await readFile(at("one.parquet"))).equals(await readFile(at("two.parquet")))).toBe(true);
  });

  test("columns of unequal length are a mistake of the caller", async () => {
    const uneven: Column[] = [columns[0]!, { name: "y", type: "DOUBLE", values: Float64Array.of(1) }];
    await expect(writeParquet(at("u.parquet"), uneven)).rejects.toThrow(RangeError);
    await expect(writeCsv(at("u.csv"), uneven)).rejects.toThrow(RangeError);
  });
});

describe("reading", () => {
  /** What a guess would turn into a number, a day, a truth value or nothing. */
  const TEXTS = [
    "007",
    "1",
    "1e5",
    "12345678901234567890",
    "1.0",
    "-0",
    "true",
    "NaN",
    "null",
    "NULL",
    "NA",
  ].concat(["Infinity", "2024-01-01", "2024-01-01 00:00:00", "0x10", "1_000", " ", "00:00", "{}", "[1]"]);

  test.each(["csv", "parquet"] as const)("text stays text in %s, whatever it looks like", async (kind) => {
    const columns: Column[] = [
      { name: "id", type: "VARCHAR", values: TEXTS },
      { name: "x", type: "DOUBLE", values: Float64Array.from(TEXTS, (_, row) => row) },
    ];
    const file = at(`guess.${kind}`);
    await (kind === "csv" ? writeCsv : writeParquet)(file, columns);
    expect(await readTable(file, columns)).toEqual(columns);
    // Alone, each column of one kind of text was the easiest to guess.
    for (const [row, text] of TEXTS.entries()) {
      const [id] = columns.map((column) => ({
        ...column,
        values: column.values.slice(row, row + 1),
      })) as Column[];
      await (kind === "csv" ? writeCsv : writeParquet)(file, [id!]);
      expect((await readTable(file, [{ name: "id", type: "VARCHAR" }]))[0]!.values).toEqual([text]);
    }
  });

  test("whole numbers of any width that a Parquet file has are the same text as in CSV", async () => {
    await withDuckDb((db) =>
      db.run(`COPY (SELECT 7::BIGINT AS big, 12345678901234567890::UBIGINT AS huge, 7::UTINYINT AS small, 'a'::BLOB AS blob,
        1.50::DECIMAL(9,2) AS price) TO '${at("wide.parquet")}' (FORMAT parquet)`),
    );
    const names = ["big", "huge", "small", "blob", "price"];
    const columns = await readTable(
      at("wide.parquet"),
      names.map((name) => ({ name, type: "VARCHAR" })),
    );
    expect(columns.map(({ values }) => values[0])).toEqual(["7", "12345678901234567890", "7", "a", "1.50"]);
  });

  test("a Parquet column of another kind than the one asked for is refused by name", async () => {
    await withDuckDb((db) =>
      db.run(
        `COPY (SELECT DATE '2025-04-01' AS day, [1, 2] AS list, 1.5 AS half, 'x' AS word) TO '${at("kinds.parquet")}' (FORMAT parquet)`,
      ),
    );
    const detail = async (name: string, type: TypedColumn["type"]) =>
      (await failureOf(readTable(at("kinds.parquet"), [{ name, type }]))) as { detail?: string };
    expect(await detail("day", "DOUBLE")).toMatchObject({ detail: "day is DATE, expected a number" });
    expect(await detail("list", "DOUBLE")).toMatchObject({
      detail: 'row 1: list is "[1, 2]", expected a number',
    });
    expect(await detail("half", "INTEGER")).toMatchObject({
      detail: 'row 1: half is "1.5", expected a whole number',
    });
    expect(await detail("word", "DATE")).toMatchObject({
      detail: 'row 1: word is "x", expected a day such as 2025-04-01',
    });
  });

  test("files are stacked in the given order, columns matched by name; CSV beside gzip beside Parquet", async () => {
    await writeFile(at("b.csv"), "id;x\nb;2\n");
    await writeFile(at("a.csv"), gzipSync("x,extra,id\n1,q,a\n"));
    await writeParquet(at("c.parquet"), [
      { name: "x", type: "DOUBLE", values: Float64Array.of(3) },
      { name: "id", type: "VARCHAR", values: ["c"] },
    ]);
    const [id, x] = await readTable(
      [at("b.csv"), at("a.csv"), at("c.parquet")],
      [{ name: "id", type: "VARCHAR" }, ...X],
    );
    expect(id!.values).toEqual(["b", "a", "c"]);
    expect(x!.values).toEqual(Float64Array.of(2, 1, 3));
  });

  test("a file name full of glob characters is just a name", async () => {
    await writeFile(at("q[1]*?'.csv"), "id\nx\n");
    expect((await readTable(at("q[1]*?'.csv"), [{ name: "id", type: "VARCHAR" }]))[0]!.values).toEqual(["x"]);
  });

  test("a cell of another type than the one asked for is named with its line", async () => {
    await writeFile(at("odd.csv"), 'id,x\n"a\nb",1\n\nc,two\n');
    const failure = await failureOf(readTable(at("odd.csv"), X));
    expect(failure).toMatchObject({
      code: "data.unreadable",
      line: 5,
      detail: 'x is "two", expected a number',
    });
  });

  test("missing file, missing column, folder", async () => {
    await writeFile(at("h.csv"), "series,period\na,b\n");
    expect(await failureOf(readTable(at("none.csv"), X))).toMatchObject({ code: "data.source-missing" });
    expect(await failureOf(readTable(at("h.csv"), [{ name: "serie", type: "VARCHAR" }]))).toMatchObject({
      code: "data.columns-missing",
      missing: [{ column: "serie", suggestion: "series" }],
    });
    expect(await failureOf(readTable(folder, X))).toMatchObject({
      code: "data.source-not-a-file",
      kind: "folder",
    });
  });

  test("a Parquet file that was cut off is unreadable, not a crash", async () => {
    await writeParquet(at("whole.parquet"), [{ name: "x", type: "DOUBLE", values: Float64Array.of(3) }]);
    await writeFile(at("cut.parquet"), (await readFile(at("whole.parquet"))).subarray(0, 60));
    expect(await failureOf(readTable(at("cut.parquet"), X))).toMatchObject({ code: "data.unreadable" });
  });
});
