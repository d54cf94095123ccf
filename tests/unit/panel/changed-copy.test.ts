import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { DataSpec } from "../../../src/kit/specs.js";
import { CopyProblem, copiesChangedAfter } from "../../../src/panel/changed-copy.js";
import { readSource } from "../../../src/panel/source.js";
import { writeParquet } from "../../../src/panel/table.js";
import { scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const YEAR_2025 = 2025 * 12;

const spec = (sources: readonly string[], more: Partial<DataSpec["columns"]> = {}): DataSpec => ({
  sources,
  frequency: "month",
  columns: { series: "id", time: "month", target: "y", attributes: [], known: [], observed: [], ...more },
  delimiter: null,
});

const read = async (sources: readonly string[], more?: Partial<DataSpec["columns"]>) =>
  (await readSource(spec(sources, more), { cutoff: "2099-12-31", fiscalYearStart: 1 })).panel;

let count = 0;
function write(content: string | Buffer): { file: string; into: string } {
  const into = join(folder, `case-${count++}`);
  mkdirSync(into);
  const file = join(into, "data.csv");
  writeFileSync(file, content);
  return { file, into };
}

const HEAD = "id,month,y\n";

describe("text", () => {
  test.each([
    [
      "plain",
      `${HEAD}a,2025-01,10\na,2025-02,20.5\na,2025-03,-7\n`,
      `${HEAD}a,2025-01,10\na,2025-02,75.0\na,2025-03,-2\n`,
    ],
    [
      "CRLF, blank lines, no last line end",
      "id,month,y\r\n\r\na,2025-01,10\r\n\r\na,2025-02,20",
      "id,month,y\r\n\r\na,2025-01,10\r\n\r\na,2025-02,75",
    ],
    [
      "quotes, a line break and a doubled quote inside",
      `id,note,month,y\n"a","1\n2 ""3""",2025-01,"10"\n"a","4\n5",2025-02,"20"\n`,
      `id,note,month,y\n"a","1\n2 ""3""",2025-01,"10"\n"a","4\n5",2025-02,"75"\n`,
    ],
    [
      "semicolons and other columns with digits",
      "id;n;month;y\na1;1;2025-01;10\na1;2;2025-02;20\n",
      "id;n;month;y\na1;1;2025-01;10\na1;2;2025-02;75\n",
    ],
    [
      "rows in any order",
      `${HEAD}a,2025-03,30\na,2025-01,10\na,2025-02,20\n`,
      `${HEAD}a,2025-03,85\na,2025-01,10\na,2025-02,75\n`,
    ],
    [
      "a byte order mark and umlauts",
      `\uFEFF${HEAD}ü1,2025-01,10\nü1,2025-02,20\n`,
      `\uFEFF${HEAD}ü1,2025-01,10\nü1,2025-02,75\n`,
    ],
  ])("%s: only later cells of the target change, byte by byte", async (_, before, after) => {
    const { file, into } = write(before);
    const copies = await copiesChangedAfter(spec([file]), 1, YEAR_2025, into);
    expect(copies.map((copy) => copy.file)).toEqual([file]);
    expect(readFileSync(copies[0]!.by, "utf8")).toBe(after);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("gzip stays gzip, observed features change and known ones stay", async () => {
    const text = "id,month,y,k,o\na,2025-01,10,1,2\na,2025-02,20,3,4\n";
    const { file, into } = write(gzipSync(text));
    const roles = { known: ["k"], observed: ["o"] };
    const [copy] = await copiesChangedAfter(spec([file], roles), 1, YEAR_2025, into);
    expect(gunzipSync(readFileSync(copy!.by)).toString()).toBe(
      "id,month,y,k,o\na,2025-01,10,1,2\na,2025-02,75,3,9\n",
    );
  });

  test("of several files only those with later rows are copied", async () => {
    const [one, two] = [write(`${HEAD}a,2025-01,10\n`), write(`${HEAD}a,2025-02,20\n`)];
    const copies = await copiesChangedAfter(spec([one.file, two.file]), 1, YEAR_2025, one.into);
    expect(copies.map((copy) => copy.file)).toEqual([two.file]);
  });

  test.each([
    ["no later row", `${HEAD}a,2025-01,10\n`],
    ["later rows without a number", `${HEAD}a,2025-01,10\na,2025-02,NA\n`],
  ])("%s: it says that there is nothing to change", async (_, text) => {
    const { file, into } = write(text);
    await expect(copiesChangedAfter(spec([file]), 1, YEAR_2025, into)).rejects.toThrow(CopyProblem);
  });
});

test("Parquet: later numbers change in the type of their column, everything else stays", async () => {
  const into = folder;
  const file = join(into, "data.parquet");
  await writeParquet(file, [
    { name: "id", type: "VARCHAR", values: ["a", "a", "b", "b"] },
    { name: "month", type: "DATE", values: ["2025-01-01", "2025-02-01", "2025-01-01", "2025-02-01"] },
    { name: "y", type: "INTEGER", values: Int32Array.from([10, 20, 30, 40]) },
    { name: "o", type: "DOUBLE", values: Float64Array.from([1, 2, Number.NaN, 4]) },
  ]);
  const [copy] = await copiesChangedAfter(spec([file], { observed: ["o"] }), 1, YEAR_2025, into);
  const panel = await read([copy!.by], { observed: ["o"] });
  expect([...panel.target]).toEqual([10, 43, 30, 73]);
  expect([...panel.observed.o!]).toEqual([1, 16, Number.NaN, 19]);
});
