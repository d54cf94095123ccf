import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DataSpec } from "../../../src/kit/specs.js";
import { validateSource } from "../../../src/panel/checks/report.js";
import { readSource } from "../../../src/panel/source.js";
import { writeParquet } from "../../../src/panel/table.js";
import { scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const LIMITS = {
  ranges: {},
  nulls: {},
  gaps: "allow" as const,
  minRows: 1,
  maxRowsDrop: 0.5,
  maxSeriesLost: 1,
};
const MONTHS = ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"];

interface Rows {
  /** Id by month, from 2025-01 on. */
  readonly ids: readonly (readonly string[])[];
  readonly regions?: readonly string[];
}

/** Writes a file of series whose id is another one from some month on, and checks it. */
async function check({ ids, regions }: Rows, ids_: DataSpec["ids"] | undefined = undefined, more = "") {
  const file = join(folder, "x.csv");
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = ids.flatMap((own, s) =>
    MONTHS.map((month, m) =>
      [cell(own[Math.min(m, own.length - 1)]!), month, cell(regions?.[s] ?? "n"), 10 + s].join(","),
    ),
  );
  await writeFile(file, `id,t,region,y\n${lines.join("\n")}\n${more}`);
  const spec: DataSpec = {
    sources: [file],
    frequency: "month",
    delimiter: null,
    columns: { series: "id", time: "t", target: "y", attributes: ["region"], known: [], observed: [] },
    ...(ids_ === undefined ? {} : { ids: ids_ }),
  };
  const source = await readSource(spec, { cutoff: "2025-06-30", fiscalYearStart: 1, ahead: 3 });
  const { report, findings } = await validateSource(source, spec, LIMITS, null);
  const broken = report.checks.filter(({ status }) => status !== "pass");
  return { panel: source.panel, broken, findings, ids: broken.find(({ id }) => id === "id-spellings") };
}

const lastMonth = (id: string, then: string) => [id, id, id, id, id, then];

describe("ids that nearly agree", () => {
  test("are an error that names the pairs, the rows and the option, which helps", async () => {
    const rows = { ids: [lastMonth("Store 7", "Store 7 "), lastMonth("Store 8", "store 8"), ["Store 9"]] };
    const { ids, findings } = await check(rows);
    expect(ids).toMatchObject({
      status: "fail",
      count: 2,
      examples: ['"Store 7" (5 rows) and "Store 7␠" (1 row)', '"Store 8" (5 rows) and "store 8" (1 row)'],
      advice:
        "`ids: { trim: true, case: lower }` under `data:` in the runbook takes them as one; `trim: false`, `case: keep` there says that they are different on purpose",
    });
    expect(findings.filter(({ check: id }) => id === "id-spellings")).toMatchObject([
      { line: 7, series: "Store 7 ", column: "id", text: "Store 7␠, beside Store 7" },
      { line: 13, series: "store 8", column: "id" },
    ]);
    const folded = await check(rows, { trim: true, case: "lower" });
    expect(folded.broken).toEqual([]);
    expect(folded.panel.series).toEqual(["store 7", "store 8", "store 9"]);
    expect([...folded.panel.offsets]).toEqual([0, 6, 12, 18]);
    expect((await check(rows, { trim: false, case: "keep" })).ids).toBeUndefined();
  });

  test.each([
    ["a no-break space", "Store\u00A07", "Store 7"],
    ["an accent in two characters", "Cafe\u0301", "Caf\u00E9"],
    ["full width", "\uFF2112", "A12"],
    ["a zero-width joiner", "A1\u200D2", "A12"],
    ["a leading zero", "007", "7"],
    ["a decimal place", "1000.0", "1000"],
    ["an exponent", "1e3", "1000"],
    ["groups of thousands", "1,000", "1000"],
  ])("%s", async (_, one, other) => {
    const { ids } = await check({ ids: [lastMonth(other, one), ["else"]] });
    expect(ids).toMatchObject({ status: "fail", count: 1 });
    const folding = /`ids: \{ (\w+): (\w+) \}`/.exec(ids!.advice!)!;
    const value = folding[2] === "true" ? true : folding[2];
    const folded = await check({ ids: [lastMonth(other, one), ["else"]] }, { [folding[1]!]: value });
    expect(folded.broken).toEqual([]);
    expect(folded.panel.series).toHaveLength(2);
  });

  test("of two whole files in different types", async () => {
    const table = async (name: string, type: "DOUBLE" | "INTEGER", months: readonly string[]) => {
      const ids = Array.from({ length: 4 * months.length }, (_, i) => 1000 + (i % 4));
      await writeParquet(join(folder, name), [
        { name: "id", type, values: type === "DOUBLE" ? Float64Array.from(ids) : Int32Array.from(ids) },
        { name: "t", type: "VARCHAR", values: ids.map((_, i) => months[Math.floor(i / 4)]!) },
        { name: "y", type: "DOUBLE", values: Float64Array.from(ids, () => 1) },
      ]);
      return join(folder, name);
    };
    const sources = [
      await table("a.parquet", "INTEGER", MONTHS.slice(0, 5)),
      await table("b.parquet", "DOUBLE", MONTHS.slice(5)),
    ];
    const csv = join(folder, "c.csv");
    await writeFile(csv, "id,t,y\n1000,2025-01,1\n");
    for (const paths of [sources, [...sources.slice(1), csv]]) {
      const spec: DataSpec = {
        sources: paths,
        frequency: "month",
        delimiter: null,
        columns: { series: "id", time: "t", target: "y", attributes: [], known: [], observed: [] },
      };
      const source = await readSource(spec, { cutoff: "2025-06-30", fiscalYearStart: 1 });
      // Parquet files are read as one type; beside text every cell is as it is written.
      const near = source.nearIds.map((group) => group.map(({ id }) => id));
      expect(paths.includes(csv) ? near : source.panel.series.length).toEqual(
        paths.includes(csv) ? [["1000", "1000.0"]] : 4,
      );
    }
  });

  test("rows that stand twice once ids are folded are an error with their rows", async () => {
    const { broken, findings } = await check({ ids: [["Store 7"], ["store 7"]] }, { case: "lower" });
    expect(broken).toMatchObject([{ id: "duplicates", count: 12 }]);
    expect(findings).toHaveLength(12);
    expect(findings[0]).toMatchObject({ series: "store 7", line: 2 });
  });

  test("in rows after the cutoff that the forecast uses, and in none later", async () => {
    const ids = [["A"], ["B"]];
    expect((await check({ ids }, undefined, "a,2025-07,n,1\n")).ids).toMatchObject({ count: 1 });
    expect((await check({ ids }, undefined, "a,2026-07,n,1\n")).ids).toBeUndefined();
  });

  test("blanks alone are no id", async () => {
    const { broken } = await check({ ids: [["A"], [" \u00A0"]] });
    expect(broken).toMatchObject([{ id: "series-ids", status: "fail", count: 6 }]);
  });
});

test("labels of an attribute that nearly agree warn, with the series of the rarer one", async () => {
  const { broken, findings } = await check({
    ids: [["A"], ["B"], ["C"], ["D"]],
    regions: ["north", "north", "North ", "south"],
  });
  expect(broken).toMatchObject([
    { id: "label-spellings", status: "warn", count: 1, detail: 'region "north" (2 series) and "North␠" (1)' },
  ]);
  expect(findings).toMatchObject([{ series: "C", column: "region", line: 14 }]);
});
