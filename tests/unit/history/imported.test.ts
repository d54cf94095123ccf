import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Calendar } from "../../../src/calendar/period.js";
import { IMPORT_COLUMNS, importedSnapshots } from "../../../src/history/imported.js";
import { writeParquet } from "../../../src/panel/table.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "retrain-imported-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const month: Calendar = { frequency: "month", fiscalYearStart: 1 };
const options = { columns: IMPORT_COLUMNS, level: null as number | null, calendar: month };

async function csv(text: string, name = "old.csv"): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}
const read = async (text: string, more: Partial<typeof options> = {}) =>
  importedSnapshots([await csv(text)], { ...options, ...more });

describe("importedSnapshots", () => {
  test("one snapshot a cutoff, latest first, with lead times from the row's cutoff", async () => {
    const path = await csv(
      [
        "series,period,forecast,cutoff",
        "007,2025-01-01,10,2024-12-31",
        "ä b,2025-03-01,1.5e2,2024-12-31",
        "007,2025-04-01,-2.5,2025-03-31",
      ].join("\n"),
    );
    expect(await importedSnapshots([path], options)).toEqual([
      {
        source: path,
        cutoff: "2025-03-31",
        version: null,
        rows: {
          series: ["007"],
          period: ["2025-04-01"],
          lead: Int32Array.from([1]),
          forecast: Float64Array.from([-2.5]),
          intervals: [],
        },
      },
      {
        source: path,
        cutoff: "2024-12-31",
        version: null,
        rows: {
          series: ["007", "ä b"],
          period: ["2025-01-01", "2025-03-01"],
          lead: Int32Array.from([1, 3]),
          forecast: Float64Array.from([10, 150]),
          intervals: [],
        },
      },
    ]);
  });

  test("other column names, intervals and models", async () => {
    const columns = { ...IMPORT_COLUMNS, series: "property_id", forecast: "fc", lo: "p10", hi: "p90" };
    const text = [
      "property_id,period,fc,cutoff,p10,p90,model",
      "a,2025-01-01,10,2024-12-31,8,12,v1",
      "b,2025-01-01,20,2024-12-31,,,v1",
      "a,2025-01-01,11,2024-12-31,9,13,v2",
    ].join("\n");
    const [v1, v2] = await read(text, { columns, level: 0.8 });
    expect([v1?.version, v2?.version]).toEqual(["v1", "v2"]);
    expect(v1?.rows.intervals).toEqual([
      { level: 0.8, lo: Float64Array.from([8, Number.NaN]), hi: Float64Array.from([12, Number.NaN]) },
    ]);
    const [unknownLevel] = await read(text, { columns });
    expect(unknownLevel?.rows.intervals).toEqual([]);
  });

  test("quarters, months and fiscal years", async () => {
    const text = "series,period,forecast,cutoff\na,2025Q2,1,2024Q4\nb,2025-06,1,2024-12\n";
    const [quarterly] = await read(text, { calendar: { frequency: "quarter", fiscalYearStart: 1 } });
    expect([...quarterly!.rows.lead]).toEqual([2, 2]);
    expect(quarterly!.rows.period).toEqual(["2025-04-01", "2025-04-01"]);
    // Fiscal 2025 starts in April 2024: its second quarter ends in September 2024.
    const fiscal = await read("series,period,forecast,cutoff\na,2025Q2,1,2025Q1\n", {
      calendar: { frequency: "quarter", fiscalYearStart: 4 },
    });
    expect(fiscal[0]).toMatchObject({ cutoff: "2024-06-30", rows: { period: ["2024-07-01"] } });
  });

  test.each([
    ["a file whose first lines were cut off", "b,2025-03-01,1.5e2,2024-12-31\na,2025-01-01,10,2024-12-31\n"],
    ["a file that begins in the middle of a line", "cast,cutoff\na,2025-01-01,10,2024-12-31\n"],
    ["rows alone, with one column too few", "2025-03-01,1.5e2\n2025-01-01,10\n"],
  ])("%s is named, with the columns that are expected", async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({
      failure: {
        code: expect.stringMatching(/^(snapshot|data)\./),
        file: expect.stringContaining("old.csv"),
      },
    });
  });

  test("text that is not UTF-8 is read as the runbook says of the panel", async () => {
    const path = await csv("");
    await writeFile(
      path,
      Buffer.from("series,period,forecast,cutoff\nK\u00f6ln,2025-01-01,10,2024-12-31\n", "latin1"),
    );
    const [snapshot] = await importedSnapshots([path], { ...options, encoding: "windows-1252" });
    expect(snapshot!.rows.series).toEqual(["K\u00f6ln"]);
    const utf8 = await csv("series,period,forecast,cutoff\nK\u00f6ln,2025-01-01,10,2024-12-31\n", "utf8.csv");
    const [other] = await importedSnapshots([utf8], { ...options, encoding: "windows-1252" });
    expect(other!.rows.series).toEqual(["K\u00f6ln"]);
  });

  test("Parquet, with real dates and numbers", async () => {
    const path = join(folder, "old.parquet");
    await writeParquet(path, [
      { name: "series", type: "VARCHAR", values: ["a"] },
      { name: "period", type: "DATE", values: ["2025-01-01"] },
      { name: "cutoff", type: "DATE", values: ["2024-12-31"] },
      { name: "forecast", type: "DOUBLE", values: Float64Array.from([0.1 + 0.2]) },
    ]);
    const [snapshot] = await importedSnapshots([path], options);
    expect(snapshot?.rows.forecast).toEqual(Float64Array.from([0.1 + 0.2]));
    expect(snapshot?.rows.lead).toEqual(Int32Array.from([1]));
  });

  test("numbers and periods survive the way through a CSV file", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.record({
            lead: fc.integer({ min: 1, max: 30 }),
            forecast: fc.double({ noNaN: true, noDefaultInfinity: true }),
          }),
          { minLength: 1, maxLength: 20, selector: ({ lead }) => lead },
        ),
        async (rows) => {
          const lines = rows.map(({ lead, forecast }) => {
            const day = new Date(Date.UTC(2024, 11 + lead, 1)).toISOString().slice(0, 10);
            return `x,${day},${forecast},2024-12-31`;
          });
          const [snapshot] = await read(`series,period,forecast,cutoff\n${lines.join("\n")}\n`);
          expect([...snapshot!.rows.lead]).toEqual(rows.map(({ lead }) => lead));
          // Text has no negative zero.
          expect([...snapshot!.rows.forecast]).toEqual(rows.map(({ forecast }) => Number(String(forecast))));
        },
      ),
      { numRuns: 15 },
    );
  });

  test.each([
    ["no cutoff column", "series,period,forecast\na,2025-01-01,1\n", 1, /no column cutoff/],
    ["no number", "a,2025-01-01,many,2024-12-31", 3, /forecast is "many", expected a number/],
    ["a number with a thousands separator", 'a,2025-01-01,"1,000",2024-12-31', 3, /expected a number/],
    ["no forecast", "a,2025-01-01,,2024-12-31", 3, /forecast is "", expected a number/],
    ["no date", "a,soon,1,2024-12-31", 3, /period is "soon", expected a day/],
    ["a day that is none", "a,2025-02-30,1,2024-12-31", 3, /period is "2025-02-30"/],
    ["no series", ",2025-01-01,1,2024-12-31", 3, /series is empty/],
    ["a forecast of the past", "a,2024-12-01,1,2024-12-31", 3, /2024-12-01 is not after cutoff 2024-12-31/],
    ["a second forecast", "ok,2025-01-15,1,2024-12-31", 3, /a second forecast of series ok/],
    ["half an interval", "a,2025-01-01,1,2024-12-31,1,", 3, /lo and hi must both/],
    ["an interval upside down", "a,2025-01-01,1,2024-12-31,2,1", 3, /lo 2 is above hi 1/],
  ])("%s", async (_name, row, line, detail) => {
    const text = row.startsWith("series")
      ? row
      : `series,period,forecast,cutoff,lo,hi\nok,2025-01-01,1,2024-12-31,,\n${row}${",".repeat(
          5 - row.replaceAll(/"[^"]*"/g, "").split(",").length + 1,
        )}\n`;
    await expect(read(text)).rejects.toMatchObject({
      failure: {
        code: "snapshot.unreadable",
        file: join(folder, "old.csv"),
        line,
        detail: expect.stringMatching(detail),
      },
    });
  });

  test("a bad row of a Parquet file is named by its row", async () => {
    const path = join(folder, "old.parquet");
    await writeParquet(path, [
      { name: "series", type: "VARCHAR", values: ["a"] },
      { name: "period", type: "DATE", values: [null] },
      { name: "cutoff", type: "DATE", values: ["2024-12-31"] },
      { name: "forecast", type: "DOUBLE", values: Float64Array.from([1]) },
    ]);
    await expect(importedSnapshots([path], options)).rejects.toMatchObject({
      failure: { code: "snapshot.unreadable", line: null, detail: expect.stringMatching(/^row 1: period/) },
    });
  });
});
