import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { periodLabel } from "../../../src/calendar/period.js";
import type { DataSpec } from "../../../src/kit/specs.js";
import { CopyProblem, copiesChangedAfter } from "../../../src/panel/changed-copy.js";
import { cellChecks } from "../../../src/panel/checks/cells.js";
import { describeFinding, locateFindings } from "../../../src/panel/checks/findings.js";
import { withDuckDb } from "../../../src/panel/duckdb.js";
import { readSource, type SourcePanel } from "../../../src/panel/source.js";
import { quoteText } from "../../../src/panel/sql.js";
import { failureOf, scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const at = (name: string) => join(folder, name);
const END = { cutoff: "2025-12-31", fiscalYearStart: 1 };

type Spec = Omit<Partial<DataSpec>, "columns"> & { readonly columns?: Partial<DataSpec["columns"]> };

const specOf = (source: string, { columns, ...more }: Spec): DataSpec => ({
  sources: [source],
  frequency: "month",
  delimiter: null,
  columns: { series: "id", time: "month", target: "y", attributes: [], known: [], observed: [], ...columns },
  ...more,
});

function csv(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

const rowsOf = ({ panel }: SourcePanel) =>
  panel.series.flatMap((id, s) =>
    Array.from({ length: panel.offsets[s + 1]! - panel.offsets[s]! }, (_, i) => {
      const row = panel.offsets[s]! + i;
      return [id, periodLabel(panel.period[row]!, panel.calendar), panel.target[row]!];
    }),
  );

async function read(source: string, spec: Spec = {}) {
  const found = await readSource(specOf(source, spec), END);
  return rowsOf(found);
}

async function complaints(source: string, spec: Spec = {}) {
  const data = specOf(source, spec);
  const panel = await readSource(data, END);
  const broken = cellChecks(panel, data, { ranges: {}, nulls: {} }).filter(({ status }) => status === "fail");
  return (await locateFindings(panel, broken)).map((finding) => describeFinding(panel, finding));
}

const LONG = [
  ["a", "2025-01", 1],
  ["a", "2025-02", 2],
  ["b", "2025-01", 3],
  ["b", "2025-02", 4],
];
const WIDE = { wide: {} } as const;

describe("a wide table becomes rows", () => {
  test.each([
    ["one column a series", "month,a,b\n2025-01,1,3\n2025-02,2,4\n", WIDE],
    [
      "ids called as the runbook says",
      "month,a,b\n2025-01,1,3\n2025-02,2,4\n",
      { ...WIDE, columns: { series: "branch" } },
    ],
    ["one column a month", "id,2025-01,2025-02\na,1,2\nb,3,4\n", WIDE],
    ["months in words beside other columns", "id,name,Jan 2025,Feb 2025,total\na,x,1,2,3\nb,y,3,4,7\n", WIDE],
    ["columns by a pattern", "month,y_a,z\n2025-01,1,9\n2025-02,2,9\n", { wide: { columns: "^y_" } }],
    ["columns by name", "month,a,b,c\n2025-01,1,3,9\n2025-02,2,4,9\n", { wide: { columns: ["a", "b"] } }],
    ["a format of the header", "id,Jan-25,Feb-25\na,1,2\nb,3,4\n", { ...WIDE, timeFormats: ["%b-%y"] }],
    ["empty cells are no rows", "month,a,b,c\n2025-01,1,3,\n2025-02,2,4,NA\n2025-03,,,\n", WIDE],
    [
      "semicolons, CRLF, windows-1252",
      "month;a;b\r\n2025-01;1;3\r\n2025-02;2;4\r\n",
      { ...WIDE, encoding: "windows-1252" },
    ],
  ] as const)("%s", async (name, text, spec: Spec) => {
    const expected = name.startsWith("columns by a pattern")
      ? [
          ["y_a", "2025-01", 1],
          ["y_a", "2025-02", 2],
        ]
      : LONG;
    expect(await read(csv("wide.csv", text), spec)).toEqual(expected);
  });

  test("from compressed text", async () => {
    writeFileSync(at("wide.csv.gz"), gzipSync("month,a,b\n2025-01,1,3\n2025-02,2,4\n"));
    expect(await read(at("wide.csv.gz"), WIDE)).toEqual(LONG);
  });

  test("from Parquet, with columns of several types", async () => {
    await withDuckDb((db) =>
      db.run(
        `COPY (SELECT * FROM (VALUES (DATE '2025-01-01', 1, 3.0::DOUBLE), (DATE '2025-02-01', 2, 4.0)) t(month, a, b)) TO ${quoteText(at("wide.parquet"))} (FORMAT parquet)`,
      ),
    );
    expect(await read(at("wide.parquet"), WIDE)).toEqual(LONG);
  });

  test("several files, each with its own columns", async () => {
    const one = csv("one.csv", "month,a\n2025-01,1\n2025-02,2\n");
    const two = csv("two.csv", "month,b\n2025-01,3\n2025-02,4\n");
    expect(await read(one, { ...WIDE, sources: [one, two] })).toEqual(LONG);
  });

  test("attributes of rows and known features of months stay", async () => {
    const rows = csv("rows.csv", "id,region,2025-01,2025-02\na,n,1,2\nb,s,3,4\n");
    const { panel } = await readSource(specOf(rows, { ...WIDE, columns: { attributes: ["region"] } }), END);
    expect(panel.attributes[0]).toMatchObject({ name: "region", levels: ["n", "s"] });
    const months = csv("months.csv", "month,days,a,b\n2025-01,31,1,3\n2025-02,28,2,4\n2025-03,31,,\n");
    const source = await readSource(specOf(months, { ...WIDE, columns: { known: ["days"] } }), {
      ...END,
      cutoff: "2025-02-28",
      ahead: 1,
    });
    expect(rowsOf(source)).toEqual(LONG);
    expect(source.panel.known.days).toEqual(Float64Array.from([31, 28, 31, 28]));
    expect(source.panel.ahead?.known.days).toEqual(Float64Array.from([31, 31]));
  });

  test.each([
    ["month,a,b\n2025-01,1,x\n2025-02,2,4\n", {}, ['wide.csv:2: b, 2025-01: b is "x"']],
    ["id,2025-01,2025-02\na,1,2\n\nb,x,4\n", {}, ['wide.csv:4: b, 2025-01: 2025-01 is "x"']],
    ["month,a,b\n2025-01,1,3\n2025-0x,2,4\n", {}, ['wide.csv:3: a: month is "2025-0x"']],
    ["id,2025-01,2025-02\na,1,2\n,3,4\n", {}, ["wide.csv:3: 2025-01: id is empty"]],
    [
      "id,2025-01,Jan 2025\na,1,2\n",
      {},
      ['wide.csv:2: a, 2025-01: 2025-01 is "1"', 'wide.csv:2: a, 2025-01: Jan 2025 is "2"'],
    ],
  ])("cells are named as the file has them: %j", async (text, spec, expected) => {
    expect(await complaints(csv("wide.csv", text), { ...WIDE, ...spec })).toEqual(expected);
  });

  test.each([
    ["id,a,b\nx,1,2\n", {}, "no column is called after a month"],
    ["id,month,y\na,2025-01,1\n", {}, "the table is long"],
    ["month,a\n2025-01,1\n", { columns: ["a", "c"] }, "names c, which is not in the header"],
    ["month,a\n2025-01,1\n", { columns: "^y" }, "no column is called after a series"],
  ])("what cannot be is refused: %j", async (text, wide, detail) => {
    const failure = await failureOf(read(csv("wide.csv", text), { wide }));
    expect(failure).toMatchObject({ code: "data.unreadable" });
    expect(JSON.stringify(failure)).toContain(detail);
  });

  test("years in two digits in the header are refused with both readings", async () => {
    const failure = await failureOf(read(csv("wide.csv", "id,01/02/2025,01/03/2025\na,1,2\n"), WIDE));
    expect(failure).toMatchObject({ code: "data.dates-ambiguous", text: "01/02/2025", line: 2 });
  });

  test.each([
    ["month,a,b\n2025-01,1,3\n2025-02,2,4\n", "month,a,b\n2025-01,1,3\n2025-02,7,9\n"],
    ["id,2025-01,2025-02\na,1,2\nb,3,4\n", "id,2025-01,2025-02\na,1,7\nb,3,9\n"],
  ])("a copy differs in later cells alone: %j", async (text, expected) => {
    const into = at(`copy-${expected.length}`);
    mkdirSync(into);
    const [copy] = await copiesChangedAfter(specOf(csv("wide.csv", text), WIDE), 1, 2025 * 12, into);
    expect(readFileSync(copy!.by, "utf8")).toBe(expected);
  });
});

describe("ids and periods of several columns, or of none", () => {
  test("two columns make an id", async () => {
    const file = csv("two.csv", "region,shop,month,y\nn,1,2025-01,5\ns,1,2025-01,6\n");
    expect(
      await read(file, { columns: { series: "region + shop" }, parts: { series: ["region", "shop"] } }),
    ).toEqual([
      ["n / 1", "2025-01", 5],
      ["s / 1", "2025-01", 6],
    ]);
  });

  test("a table without ids is one series, called as its target", async () => {
    const file = csv("none.csv", "month,y\n2025-01,5\n2025-02,6\n");
    expect(await read(file, { columns: { series: "series" }, parts: { series: [] } })).toEqual([
      ["y", "2025-01", 5],
      ["y", "2025-02", 6],
    ]);
  });

  test.each([
    ["month", "year,m,y\n2025,January,5\n2025,Feb,6\n", ["2025-01", "2025-02"]],
    ["month", "year,m,y\n2025.0,1.0,5\n2025.0,2.0,6\n", ["2025-01", "2025-02"]],
    ["quarter", "year,m,y\n2025,1,5\n2025,2,6\n", ["2025Q1", "2025Q2"]],
  ] as const)("year and %s stand in two columns", async (frequency, text, expected) => {
    const rows = await read(csv("parts.csv", text), {
      frequency,
      columns: { series: "series", time: "year + m" },
      parts: { series: [], time: ["year", "m"] },
    });
    expect(rows.map(([, period]) => period)).toEqual(expected);
  });

  test("an odd part is named with what it makes", async () => {
    const file = csv("parts.csv", "year,m,y\n2025,1,5\n2025,x,6\n");
    const spec = {
      columns: { series: "series", time: "year + m" },
      parts: { series: [], time: ["year", "m"] },
    };
    expect(await complaints(file, spec)).toEqual(['parts.csv:3: y: year + m is "2025 x"']);
  });
});

describe("times by a format", () => {
  test.each([
    [["01/02/2025", "01/03/2025"], ["%d/%m/%Y"], ["2025-02", "2025-03"]],
    [["01/02/2025", "01/03/2025"], ["%m/%d/%Y"], ["2025-01"]],
    [
      ["Jan-25", "2025-02"],
      ["%b-%y", "%Y-%m"],
      ["2025-01", "2025-02"],
    ],
    [["Jan-25 e", "Feb-25"], ["%b-%y"], ["2025-01", "2025-02"]],
  ])("%j by %j", async (times, timeFormats, expected) => {
    const file = csv("t.csv", `id,month,y\n${times.map((time, i) => `${"ab"[i]},${time},1`).join("\n")}\n`);
    const rows = await read(file, { timeFormats, timeFlags: { e: "keep" } });
    expect([...new Set(rows.map(([, period]) => period))]).toEqual(expected);
  });

  test("a cell that does not fit is no time, an ISO day neither", async () => {
    const file = csv("t.csv", "id,month,y\na,31/01/2025,1\nb,2025-02-01,2\n");
    expect(await complaints(file, { timeFormats: ["%d/%m/%Y"] })).toEqual([
      't.csv:3: b: month is "2025-02-01"',
    ]);
  });

  test("dates of Parquet need none", async () => {
    await withDuckDb((db) =>
      db.run(
        `COPY (SELECT 'a' AS id, DATE '2025-02-01' AS month, 1.0 AS y) TO ${quoteText(at("t.parquet"))} (FORMAT parquet)`,
      ),
    );
    expect(await read(at("t.parquet"), { timeFormats: ["%Y-%d-%m"] })).toEqual([["a", "2025-02", 1]]);
  });

  test("what may be two days is refused with the cell and both formats", async () => {
    const file = csv("t.csv", "id,month,y\na,01/02/2025,1\nb,01/02/2025,2\n");
    expect(await failureOf(read(file))).toMatchObject({
      code: "data.dates-ambiguous",
      file,
      line: 2,
      column: "month",
      text: "01/02/2025",
      readings: [
        { format: "%d/%m/%Y", means: "2025-02-01" },
        { format: "%m/%d/%Y", means: "2025-01-02" },
      ],
    });
  });
});

describe("Excel workbooks", () => {
  const day = (month: number) => new Date(Date.UTC(2025, month - 1, 1));
  const cell = (value: string | number | Date | null) =>
    value === null ? null : value instanceof Date ? { value, type: Date, format: "mmm-yy" } : { value };
  type Row = readonly (string | number | Date | null)[];
  const workbook = async (
    name: string,
    sheets: Readonly<Record<string, readonly Row[]>>,
  ): Promise<string> => {
    await writeXlsxFile(
      Object.entries(sheets).map(([sheet, rows]) => ({
        sheet,
        data: rows.map((row) => row.map(cell)),
      })) as never,
    ).toFile(at(name));
    return at(name);
  };
  const ROWS: readonly Row[] = [
    ["id", "month", "y"],
    ["a", day(1), 1],
    ["a", day(2), 2],
    ["b", day(1), 3],
    ["b", "Feb 2025", 4],
  ];

  test("a sheet is a table; titles and empty rows above and in it are none of it", async () => {
    const file = await workbook("plain.xlsx", {
      Data: [["Sales of the year"], [], ...ROWS.slice(0, 3), [], ...ROWS.slice(3)],
    });
    expect(await read(file)).toEqual(LONG);
  });

  test("the sheet that has the columns is read, or the one that is named", async () => {
    const file = await workbook("two.xlsx", {
      Notes: [["nothing"]],
      Old: [
        ["id", "month", "x"],
        ["c", day(1), 9],
      ],
      New: ROWS,
    });
    expect(await read(file)).toEqual(LONG);
    expect(await read(file, { sheet: "Old", columns: { target: "x" } })).toEqual([["c", "2025-01", 9]]);
    const both = await workbook("both.xlsx", { A: ROWS, B: ROWS });
    expect(await failureOf(read(both))).toMatchObject({
      code: "data.unreadable",
      detail: expect.stringContaining("data.sheet: A"),
    });
    expect(await failureOf(read(both, { sheet: "a" }))).toMatchObject({
      detail: expect.stringContaining('it has "A", "B"'),
    });
  });

  test("cells are named as a spreadsheet names them", async () => {
    const file = await workbook("bad.xlsx", {
      "Data 1": [["Title"], [], ["id", "month", "y"], ["a", day(1), "x"], [], ["b", "?", 2]],
    });
    expect(await complaints(file)).toEqual([
      'bad.xlsx, Data 1!B6: b: month is "?"',
      'bad.xlsx, Data 1!C4: a, 2025-01: y is "x"',
    ]);
  });

  test("a wide sheet with dates above its columns", async () => {
    const file = await workbook("wide.xlsx", {
      S: [
        ["id", day(1), day(2)],
        ["a", 1, 2],
        ["b", 3, "x"],
      ],
    });
    expect(await complaints(file, WIDE)).toEqual(['wide.xlsx, S!C3: b, 2025-02: 2025-02-01 is "x"']);
  });

  test("ids keep their digits, and numbers of days are told", async () => {
    const file = await workbook("ids.xlsx", {
      S: [
        ["id", "month", "y"],
        ["007", 45658, 1],
        ["12345678901234567890", 45689, 2],
      ],
    });
    expect(await read(file, { timeFormats: ["excel"] })).toEqual([
      ["007", "2025-01", 1],
      ["12345678901234567890", "2025-02", 2],
    ]);
  });

  test("missing columns, an old workbook and a damaged one are said", async () => {
    const file = await workbook("plain.xlsx", { Data: ROWS });
    expect(await failureOf(read(file, { columns: { target: "sales" } }))).toMatchObject({
      code: "data.columns-missing",
    });
    writeFileSync(at("old.xls"), Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]));
    expect(await failureOf(read(at("old.xls")))).toMatchObject({
      detail: expect.stringContaining("old Excel"),
    });
    writeFileSync(at("cut.xlsx"), Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(50)]));
    expect(await failureOf(read(at("cut.xlsx")))).toMatchObject({ code: "data.unreadable" });
  });

  test("no copy with other values is made", async () => {
    const file = await workbook("plain.xlsx", { Data: ROWS });
    await expect(copiesChangedAfter(specOf(file, {}), 1, 2025 * 12, folder)).rejects.toThrow(CopyProblem);
  });
});
