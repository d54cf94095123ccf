import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { periodEnd, periodLabel, periodOf } from "../../../src/calendar/period.js";
import { parseQuarter } from "../../../src/calendar/quarter.js";
import type { DataSpec } from "../../../src/kit/specs.js";
import type { Panel } from "../../../src/panel/panel.js";
import { readSource } from "../../../src/panel/source.js";
import { sourceFiles, sourceFingerprint, sourceNames } from "../../../src/panel/source-files.js";
import { writeParquet } from "../../../src/panel/table.js";
import { realPanels } from "../../support/panels.js";
import { failureOf, ROOMS, scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const at = (name: string) => join(folder, name);
const PLAIN: Omit<DataSpec, "sources"> = {
  frequency: "month",
  delimiter: null,
  columns: { series: "id", time: "t", target: "y", attributes: [], known: [], observed: [] },
};

const month = (text: string) =>
  periodOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)), {
    frequency: "month",
    fiscalYearStart: 1,
  });

async function readText(content: string, spec: Partial<DataSpec> = {}, fiscalYearStart = 1, ahead = 0) {
  await writeFile(at("x.csv"), content);
  return readSource(
    { ...PLAIN, sources: [at("x.csv")], ...spec },
    { cutoff: "2025-06-30", fiscalYearStart, ahead },
  );
}

describe("what is read", () => {
  test("sorted by id in code unit order and period, wherever the rows stood", async () => {
    // U+1F3E8 sorts after U+FF21 by UTF-8 bytes and before it by UTF-16 code units.
    const { panel, record } = await readText(
      "t,id,y\n2025-02-01,Ａ,1\n2025-02-01,🏨,2\n2025-01-01,🏨,3\n2025-01-01,b,4\n",
    );
    expect(panel.series).toEqual(["b", "🏨", "Ａ"]);
    expect([...panel.offsets]).toEqual([0, 1, 3, 4]);
    expect([...panel.target]).toEqual([4, 3, 2, 1]);
    expect([...panel.period]).toEqual(["2025-01", "2025-01", "2025-02", "2025-02"].map(month));
    expect([...record]).toEqual([4, 3, 2, 1]);
    expect(panel.lastPeriod).toBe(month("2025-06"));
  });

  test("rows after the cutoff are counted and nothing else, even when they are broken", async () => {
    const { panel, futureRows } = await readText("id,t,y\na,2025-06-30,1\na,2025-07-01,x\nb,2025-07-01,2\n");
    expect(panel.series).toEqual(["a"]);
    expect([...panel.target]).toEqual([1]);
    expect(futureRows).toBe(2);
  });

  describe("after the cutoff", () => {
    const spec = { columns: { ...PLAIN.columns, attributes: ["r"], known: ["k", "l"], observed: ["o"] } };
    const before = "id,t,y,r,k,l,o\na,2025-06,1,n,2,3,4\nb,2025-06,5,s,6,7,8\n";
    const read = (rows: string, ahead = 3) => readText(before + rows, spec, 1, ahead);

    test("known features are read for the periods asked for, and of the series that there are", async () => {
      const { panel, futureRows } = await read(
        "b,2025-08,,s,10,x,9\na,2025-07,,n,20,,9\na,2025-10,,n,30,,9\nc,2025-07,,n,40,,9\n",
      );
      expect(panel.series).toEqual(["a", "b"]);
      expect(panel.ahead).toEqual({
        periods: 2,
        known: {
          k: Float64Array.of(20, Number.NaN, Number.NaN, 10),
          // What is no number is missing: no check looks at rows after the cutoff.
          l: Float64Array.of(Number.NaN, Number.NaN, Number.NaN, Number.NaN),
        },
      });
      expect(futureRows).toBe(4);
    });

    test("the first number wins where a period stands twice", async () => {
      const { panel } = await read("a,2025-07,,n,,,\na,2025-07,,n,1,,\na,2025-07,,n,2,,\n");
      expect([...panel.ahead!.known.k!]).toEqual([1, Number.NaN]);
    });

    test("nothing is read where nothing is known, and where nothing is asked for", async () => {
      expect((await read("a,2025-07,9,n,,,9\n")).panel).not.toHaveProperty("ahead");
      expect((await read("a,2025-07,9,n,1,2,9\n", 0)).panel).not.toHaveProperty("ahead");
      const none = { columns: { ...PLAIN.columns, observed: ["o"] } };
      const { panel } = await readText("id,t,y,o\na,2025-06,1,1\na,2025-07,1,1\n", none, 1, 3);
      expect(panel).not.toHaveProperty("ahead");
    });

    test("no target, no observed feature and no attribute has a part in the panel", async () => {
      const empty = await read("a,2025-07,,n,20,1,\na,2025-08,,n,21,1,\n");
      const actuals = await read("a,2025-07,1e9,z,20,1,1e9\na,2025-08,-1e9,z,21,1,-1e9\n");
      expect(actuals.panel).toEqual(empty.panel);
      expect(actuals.changedAttributes).toEqual([]);
      // Beyond the periods asked for, known features have none either.
      const beyond = await read("a,2025-07,,n,20,1,\na,2025-08,,n,21,1,\na,2025-10,7,n,99,99,7\n");
      expect(beyond.panel).toEqual(empty.panel);
    });
  });

  test.each([",", ";", "\t", "|"])("delimiter %j is detected", async (delimiter) => {
    const content = ["id,t,y", "a,2025-01-01,1.5"].join("\n").replaceAll(",", delimiter);
    expect([...(await readText(content)).panel.target]).toEqual([1.5]);
  });

  test("a header with another separator in its names: the wanted names decide", async () => {
    const { panel } = await readText("a,b,c,d;id;t;y\n1,2;s;2025-01;7\n");
    expect([...panel.target]).toEqual([7]);
    const forced = await readText("id,t,y\na,2025-01,1\n", { delimiter: "," });
    expect([...forced.panel.target]).toEqual([1]);
  });

  test("empty cells and NA are missing numbers; NA is a label like any other", async () => {
    const spec = { columns: { ...PLAIN.columns, attributes: ["r"], known: ["k"], observed: ["o"] } };
    const { panel } = await readText(
      'id,t,y,r,k,o\na,2025-01,,NA,1,NA\na,2025-02,"",NA,null,2\nb,2025-01, 3 ,,N/A,1e3\n',
      spec,
    );
    expect([...panel.target]).toEqual([Number.NaN, Number.NaN, 3]);
    expect([...panel.known.k!]).toEqual([1, Number.NaN, Number.NaN]);
    expect([...panel.observed.o!]).toEqual([Number.NaN, 2, 1000]);
    expect(panel.attributes[0]!.levels).toEqual(["", "NA"]);
    expect([...panel.attributes[0]!.codes]).toEqual([1, 0]);
  });

  test("what is no finite number becomes Infinity, which no good cell can be", async () => {
    const bad = ["NaN", "inf", "-Infinity", "1e400", "1,5", "1_000", "0x10", "1 2", "abc", "--1", "1e"];
    const rows = bad.map((text, index) => `s${index},2025-01,"${text}"`);
    const { panel } = await readText(`id,t,y\n${rows.join("\n")}\n`);
    expect([...panel.target]).toEqual(bad.map(() => Number.POSITIVE_INFINITY));
  });

  test("an id with a byte order mark of a pasted file is the same series", async () => {
    const { panel } = await readText("id,t,y\na,2025-01,1\n\ufeffa,2025-02,2\n");
    expect(panel.series).toEqual(["a"]);
    expect([...panel.target]).toEqual([1, 2]);
  });

  test("days, months, times of day, and quarters of a fiscal year", async () => {
    const quarterly = { frequency: "quarter" } as const;
    const { panel } = await readText(
      "id,t,y\na,2024Q1,1\nb,2024-05-31,2\nc,2024-04,3\nd,2024-06-30 23:59:59,4\n",
      quarterly,
      4,
    );
    // The fiscal year 2024 starts in April 2023.
    const first = (label: string) => parseQuarter(label, 4)!.start;
    expect(first("2024Q1")).toBe("2023-04-01");
    expect([...panel.period].map((period) => periodEnd(period, panel.calendar))).toEqual([
      "2023-06-30",
      "2024-06-30",
      "2024-06-30",
      "2024-06-30",
    ]);
    const { unreadableTimes } = await readText("id,t,y\na,2025Q1,1\nb,2025-13-01,2\nc,,3\nd,2025-04-01,4\n");
    expect(unreadableTimes.map(({ record }) => record)).toEqual([1, 2, 3]);
  });

  test("an attribute that changes is named where it differs from the first period", async () => {
    const spec = { columns: { ...PLAIN.columns, attributes: ["r"] } };
    const { panel, changedAttributes } = await readText(
      "id,t,y,r\na,2025-03,1,south\na,2025-01,2,north\na,2025-02,3,\nb,2025-01,4,west\n",
      spec,
    );
    expect(changedAttributes.map(({ record, series, column }) => [record, series, column])).toEqual([
      [3, "a", "r"],
      [1, "a", "r"],
    ]);
    expect(panel.attributes[0]!.levels[panel.attributes[0]!.codes[0]!]).toBe("north");
  });
});

describe("files", () => {
  test("globs and lists are stacked by name; record numbers start anew in each file", async () => {
    await mkdir(at("parts"), { recursive: true });
    await writeFile(at("parts/1.csv"), "id,t,y\na,2025-01,1\na,2025-02,2\n");
    await writeFile(at("parts/2.csv"), "id,t,y\nb,2025-01,3\nb,2025-02,4\n");
    await writeFile(at("parts/3.csv"), gzipSync("y;extra;t;id\n5;q;2025-01;c\n"));
    await writeParquet(at("parts/4.parquet"), [
      { name: "id", type: "VARCHAR", values: ["d", "d"] },
      { name: "t", type: "DATE", values: ["2025-01-01", "2025-02-01"] },
      { name: "y", type: "INTEGER", values: Int32Array.of(6, 7) },
    ]);
    const source = await readSource(
      { ...PLAIN, sources: [at("parts/*.parquet"), at("parts/*.csv"), at("parts/1.csv")] },
      { cutoff: "2025-06-30", fiscalYearStart: 1 },
    );
    expect(source.names).toEqual(["1.csv", "2.csv", "3.csv", "4.parquet"]);
    expect([...source.panel.target]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([...source.file]).toEqual([0, 0, 1, 1, 2, 3, 3]);
    expect([...source.record]).toEqual([1, 2, 1, 2, 1, 1, 2]);
  });

  test("Parquet alone, with a null and a numeric id", async () => {
    await writeParquet(at("p.parquet"), [
      { name: "id", type: "INTEGER", values: Int32Array.of(7, 8) },
      { name: "t", type: "DATE", values: ["2025-01-01", "2025-02-01"] },
      { name: "y", type: "DOUBLE", values: Float64Array.of(Number.NaN, 2) },
    ]);
    const { panel } = await readSource(
      { ...PLAIN, sources: [at("p.parquet")] },
      { cutoff: "2025-06-30", fiscalYearStart: 1 },
    );
    expect(panel.series).toEqual(["7", "8"]);
    expect([...panel.target]).toEqual([Number.NaN, 2]);
  });

  test("names carry no more of the path than they need", () => {
    expect(sourceNames(["/a/b/c.csv"])).toEqual(["c.csv"]);
    expect(sourceNames(["/a/b/2024/x.csv", "/a/b/2025/x.csv"])).toEqual(["2024/x.csv", "2025/x.csv"]);
    expect(sourceNames(["/a/bc/x.csv", "/a/b/x.csv"])).toEqual(["bc/x.csv", "b/x.csv"]);
  });

  test("the fingerprint changes with the content and not with the folder", async () => {
    for (const name of ["f1", "f2"]) {
      await mkdir(at(name), { recursive: true });
      await writeFile(at(`${name}/d.csv`), "id\n");
    }
    const sha256 = createHash("sha256").update("id\n").digest("hex");
    expect(await sourceFingerprint({ sources: [at("f1/d.csv")] })).toEqual([{ file: "d.csv", sha256 }]);
    expect(await sourceFingerprint({ sources: [at("f2/*.csv")] })).toEqual([{ file: "d.csv", sha256 }]);
    await writeFile(at("f2/d.csv"), "id \n");
    expect(await sourceFingerprint({ sources: [at("f2/d.csv")] })).not.toEqual([{ file: "d.csv", sha256 }]);
  });

  test("a pattern or a name without a file is missing by that name", async () => {
    for (const source of [at("no*.txt"), at("none.csv")]) {
      expect(await failureOf(sourceFiles({ sources: [source] }))).toEqual({
        code: "data.source-missing",
        retryable: false,
        source,
      });
    }
  });

  test("all missing columns at once, each with its role and a guess", async () => {
    await writeFile(at("m.csv"), "propertyid,month,Rooms,regoin,x\na,2025-01-01,1,n,2\n");
    const failure = await failureOf(
      readSource({ ...ROOMS, sources: [at("m.csv")] }, { cutoff: "2025-06-30", fiscalYearStart: 1 }),
    );
    expect(failure).toMatchObject({
      code: "data.columns-missing",
      missing: [
        { column: "property_id", role: "series", suggestion: "propertyid" },
        { column: "rooms", role: "target", suggestion: "Rooms" },
        { column: "region", role: "attributes", suggestion: "regoin" },
        { column: "price", role: "observed", suggestion: null },
      ],
    });
  });

  test.each([
    ["2025-06-01", "2025-06"],
    ["2025-05-01", "2025-03"],
  ])("without a cutoff it is the end of the last quarter that values reach: %s", async (last, period) => {
    const months = ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01", "2025-05-01", "2025-06-01"];
    const rows = months.filter((month) => month <= last).map((month) => `a,${month},1`);
    // Rows ahead without a value are of no quarter that is over.
    await writeFile(at("q.csv"), `id,t,y\n${[...rows, "a,2025-09-01,"].join("\n")}\n`);
    const none = { attributes: [], known: [], observed: [] };
    const spec = { ...ROOMS, columns: { ...ROOMS.columns, series: "id", time: "t", target: "y", ...none } };
    const found = await readSource({ ...spec, sources: [at("q.csv")] }, { cutoff: null, fiscalYearStart: 1 });
    expect(periodLabel(found.panel.lastPeriod, found.panel.calendar)).toBe(period);
  });

  test("a column with a role of its own is no guess", async () => {
    await writeFile(at("m.csv"), "Date,State,y\n2025-01-01,N,1\n");
    const columns = {
      ...ROOMS.columns,
      series: "Sate",
      time: "Date",
      target: "y",
      attributes: [],
      observed: [],
    };
    const spec = { ...ROOMS, columns, sources: [at("m.csv")] };
    const failure = await failureOf(readSource(spec, { cutoff: "2025-06-30", fiscalYearStart: 1 }));
    expect(failure).toMatchObject({ missing: [{ column: "Sate", suggestion: "State" }] });
  });

  test("binary, broken gzip, a name that stands twice", async () => {
    const cases: [string, Buffer, RegExp][] = [
      ["bin.csv", Buffer.from([1, 0, 2, 0, 3]), /binary/],
      ["bad.csv.gz", Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from("not gzip at all")]), /gzip/],
      ["twice.csv", Buffer.from("id,t,y,y\na,2025-01,1,2\n"), /y stands twice/],
    ];
    for (const [name, bytes, detail] of cases) {
      await writeFile(at(name), bytes);
      const failure = await failureOf(
        readSource({ ...PLAIN, sources: [at(name)] }, { cutoff: "2025-06-30", fiscalYearStart: 1 }),
      );
      expect(failure).toMatchObject({ code: "data.unreadable", detail: expect.stringMatching(detail) });
    }
  });
});

/** The same panel by a parser that shares no code with the reader: split, sort, number. */
function bruteForce(
  content: string,
  last: number,
): Pick<Panel, "series"> & { rows: [string, number, number][] } {
  const [head, ...lines] = content.trimEnd().split("\n");
  const names = head!.split(",");
  const rows = lines
    .map((line) => line.split(","))
    .map((cells): [string, number, number] => [
      cells[names.indexOf("id")]!,
      month(cells[names.indexOf("t")]!),
      cells[names.indexOf("y")] === "" ? Number.NaN : Number(cells[names.indexOf("y")]),
    ])
    .filter(([, period]) => period <= last)
    .sort(([a, p], [b, q]) => (a === b ? p - q : a < b ? -1 : 1));
  return { series: [...new Set(rows.map(([id]) => id))], rows };
}

describe("against a brute-force parser", () => {
  const row = fc.record({
    id: fc.string({ unit: fc.constantFrom(..."abcZ0é🏨Ａ"), minLength: 1, maxLength: 4 }),
    month: fc.integer({ min: month("2024-01"), max: month("2025-09") }),
    y: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constant("")),
  });

  test("any rows in any order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(row, { selector: ({ id, month: m }) => `${id} ${m}`, minLength: 1, maxLength: 80 }),
        async (rows) => {
          const lines = rows.map(({ id, month: m, y }) => {
            const day = `${Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}-01`;
            return `${y},${day},${id}`;
          });
          const content = `y,t,id\n${lines.join("\n")}\n`;
          const expected = bruteForce(content, month("2025-06"));
          fc.pre(expected.rows.length > 0);
          const { panel, futureRows } = await readText(content);
          expect(panel.series).toEqual(expected.series);
          expect(futureRows).toBe(rows.length - expected.rows.length);
          const got = panel.series.flatMap((id, s) =>
            Array.from(panel.period.subarray(panel.offsets[s], panel.offsets[s + 1]), (period, k) => [
              id,
              period,
              panel.target[panel.offsets[s]! + k]! + 0,
            ]),
          );
          expect(got).toEqual(expected.rows.map(([id, period, y]) => [id, period, y + 0]));
        },
      ),
      { numRuns: 25 },
    );
  });

  test.skipIf(realPanels === null)(
    realPanels === null ? "a real panel: skipped, RETRAIN_PANELS is not set" : "a real panel of 69k rows",
    async () => {
      const file = join(realPanels!, "aus_tourism_large_monthly.csv.gz");
      const { gunzipSync } = await import("node:zlib");
      const content = gunzipSync(await readFile(file))
        .toString("utf8")
        .replace("series_id,date,value", "id,t,y");
      const expected = bruteForce(content, month("2016-06"));
      const { panel, futureRows } = await readSource(
        {
          ...PLAIN,
          sources: [file],
          columns: {
            ...PLAIN.columns,
            series: "series_id",
            time: "date",
            target: "value",
            attributes: ["zone"],
          },
        },
        { cutoff: "2016-06-30", fiscalYearStart: 1 },
      );
      expect(panel.series).toEqual(expected.series);
      expect(futureRows).toBe(304 * 6);
      expect([...panel.target]).toEqual(expected.rows.map(([, , y]) => y));
      expect([...panel.period]).toEqual(expected.rows.map(([, period]) => period));
      expect(panel.attributes[0]!.levels).toHaveLength(27);
    },
  );
});
