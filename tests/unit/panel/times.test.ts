import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { periodLabel } from "../../../src/calendar/period.js";
import type { DataSpec } from "../../../src/kit/specs.js";
import { cellChecks } from "../../../src/panel/checks/cells.js";
import { withDuckDb } from "../../../src/panel/duckdb.js";
import { zonesOfArrow } from "../../../src/panel/parquet-zones.js";
import { readSource } from "../../../src/panel/source.js";
import { failureOf, scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const at = (name: string) => join(folder, name);

const SPEC: Omit<DataSpec, "sources"> = {
  frequency: "month",
  delimiter: null,
  columns: { series: "id", time: "t", target: "y", attributes: [], known: [], observed: [] },
};

async function read(times: readonly string[], spec: Partial<DataSpec> = {}) {
  const rows = times.map((time, index) => `a,"${time}",${index}`);
  await writeFile(at("t.csv"), `id,t,y\n${rows.join("\n")}\n`);
  return readSource(
    { ...SPEC, sources: [at("t.csv")], ...spec },
    { cutoff: "2025-12-31", fiscalYearStart: 1 },
  );
}

const labels = ({ panel }: Awaited<ReturnType<typeof read>>) =>
  Array.from(panel.period, (period) => periodLabel(period, panel.calendar));

/** Midnights on the first of the months of 2025 in Berlin, as UTC. */
const BERLIN = ["2024-12-31T23", "2025-01-31T23", "2025-02-28T23", "2025-03-31T22", "2025-04-30T22"].map(
  (hour) => `${hour}:00:00Z`,
);
const MONTHS = ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"];

describe("the rest of a time cell", () => {
  test("what has no meaning is no period, and the row is named", async () => {
    const { unreadableTimes } = await read(["2025-01", "2025-02 e", "2025-03-01 99:99:99", "2025-04-31"]);
    expect(unreadableTimes.map(({ record }) => record)).toEqual([2, 3, 4]);
  });

  test("flags by name are read over or leave their rows out", async () => {
    const times = ["2025-01", "2025-02 e", "2025-03e", "2025-04-01 (forecast)", "2025-05 x"];
    const source = await read(times, { timeFlags: { e: "keep", "(forecast)": "drop" } });
    expect(labels(source)).toEqual(["2025-01", "2025-02", "2025-03"]);
    expect(source.flagged).toEqual({ read: 2, dropped: 1 });
    expect(source.unreadableTimes.map(({ record }) => record)).toEqual([5]);
  });

  test("the longest flag is meant, and a quote in it is text", async () => {
    const source = await read(["2025-01 pe", "2025-02 e", "2025-03 '"], {
      timeFlags: { e: "keep", pe: "drop", "'": "drop" },
    });
    expect(labels(source)).toEqual(["2025-02"]);
    expect(source.flagged).toEqual({ read: 1, dropped: 2 });
  });
});

describe("instants in text", () => {
  test("that all lie in the last hours of a month are refused with both readings and the line", async () => {
    expect(await failureOf(read(BERLIN))).toMatchObject({
      code: "data.times-ambiguous",
      line: 2,
      text: BERLIN[0],
      asWritten: "2024-12",
      otherwise: "2025-01",
      side: "east",
      isInstant: true,
    });
  });

  test.each([
    ["Europe/Berlin", MONTHS],
    ["Africa/Johannesburg", MONTHS],
    ["UTC", ["2024-12", "2025-01", "2025-02", "2025-03", "2025-04"]],
  ])("data.timeZone %s says which month they are", async (timeZone, expected) => {
    expect(labels(await read(BERLIN, { timeZone }))).toEqual(expected);
  });

  test("an offset that is written is the zone", async () => {
    const times = ["2025-01-01T00:00:00+01:00", "2025-02-01T00:00:00+01:00", "2025-04-01T00:00:00+02:00"];
    expect(labels(await read(times))).toEqual(["2025-01", "2025-02", "2025-04"]);
  });

  test("one slip among times that are plain refuses nothing", async () => {
    const times = ["2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z", "2025-03-31T22:00:00Z"];
    expect(labels(await read(times))).toEqual(["2025-01", "2025-02", "2025-03"]);
  });

  test("ends of months west of UTC are refused, starts are read", async () => {
    const ends = ["2025-02-01T04:59:59Z", "2025-03-01T04:59:59Z", "2025-04-01T03:59:59Z"];
    expect(await failureOf(read(ends))).toMatchObject({
      code: "data.times-ambiguous",
      asWritten: "2025-02",
      otherwise: "2025-01",
      side: "west",
    });
    expect(labels(await read(ends, { timeZone: "America/New_York" }))).toEqual([
      "2025-01",
      "2025-02",
      "2025-03",
    ]);
    const starts = ["2025-02-01T05:00:00Z", "2025-03-01T05:00:00Z", "2025-04-01T04:00:00Z"];
    expect(labels(await read(starts))).toEqual(["2025-02", "2025-03", "2025-04"]);
  });

  test("times without a zone are as doubtful, until a zone is named", async () => {
    const naive = BERLIN.map((time) => time.replace("Z", "").replace("T", " "));
    expect(await failureOf(read(naive))).toMatchObject({ code: "data.times-ambiguous", isInstant: false });
    expect(labels(await read(naive, { timeZone: "Europe/Berlin" }))[0]).toBe("2024-12");
  });

  test("of two files the doubtful one is named", async () => {
    await writeFile(at("one.csv"), "id,t,y\na,2025-01,1\na,2025-02,1\na,2025-03,1\n");
    await writeFile(at("two.csv"), `id,t,y\n${BERLIN.map((time) => `b,${time},1`).join("\n")}\n`);
    const spec = { ...SPEC, sources: [at("one.csv"), at("two.csv")] };
    const failure = await failureOf(readSource(spec, { cutoff: "2025-12-31", fiscalYearStart: 1 }));
    expect(failure).toMatchObject({ code: "data.times-ambiguous", file: at("two.csv"), line: 2 });
  });
});

/** What pyarrow writes under `ARROW:schema` for a column `month` of timestamp[us, tz=Asia/Kolkata] beside a text column. */
const ARROW =
  "/////8AAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAIAAABkAAAABAAAALT///8AAAEKEAAAACAAAAAEAAAAAAAAAAUAAABtb250aAAAAAgADAAGAAgACAAAAAAAAgAEAAAADAAAAEFzaWEvS29sa2F0YQAAAAAQABQACAAGAAcADAAAABAAEAAAAAAAAQUQAAAAGAAAAAQAAAAAAAAAAgAAAGlkAAAEAAQABAAAAAAAAAA=";

async function parquet(sql: string, metadata: string | null, spec: Partial<DataSpec> = {}) {
  const file = at("z.parquet");
  const note = metadata === null ? "" : `, KV_METADATA {${metadata}}`;
  await withDuckDb((db) => db.run(`COPY (${sql}) TO '${file}' (FORMAT parquet${note})`));
  return readSource({ ...SPEC, sources: [file], ...spec }, { cutoff: "2025-12-31", fiscalYearStart: 1 });
}

const instants = (times: readonly string[]) =>
  times.map((time) => `SELECT 'a' AS id, TIMESTAMPTZ '${time}' AS t, 1.0 AS y`).join(" UNION ALL ");
const pandas = (timezone: string) =>
  `pandas: '${JSON.stringify({ columns: [{ name: "t", field_name: "t", metadata: { timezone } }] })}'`;

describe("instants in Parquet", () => {
  const kolkata = ["2024-12-31 18:30:00+00", "2025-01-31 18:30:00+00", "2025-02-28 18:30:00+00"];

  test("the zone that pandas notes is the zone", async () => {
    expect(labels(await parquet(instants(BERLIN), pandas("Europe/Berlin")))).toEqual(MONTHS);
    expect(labels(await parquet(instants(kolkata), pandas("Asia/Kolkata")))).toEqual(MONTHS.slice(0, 3));
    expect(labels(await parquet(instants(kolkata), pandas("+05:30")))).toEqual(MONTHS.slice(0, 3));
  });

  test("data.timeZone comes before it", async () => {
    const source = await parquet(instants(BERLIN), pandas("Europe/Berlin"), { timeZone: "UTC" });
    expect(labels(source)[0]).toBe("2024-12");
  });

  test.each([
    ["no note", null],
    ["a note of UTC, which every instant passes through", pandas("UTC")],
    ["a zone that there is not", pandas("tzlocal()")],
    ["a note that is no JSON", "pandas: '{'"],
    ["a damaged Arrow schema", "'ARROW:schema': '/////wAB'"],
  ])("without a known zone they are refused: %s", async (_, metadata) => {
    expect(await failureOf(parquet(instants(BERLIN), metadata))).toMatchObject({
      code: "data.times-ambiguous",
      line: null,
      asWritten: "2024-12",
      otherwise: "2025-01",
    });
  });

  test("plain timestamps of months are months", async () => {
    const rows = MONTHS.map((month) => `SELECT 'a' AS id, TIMESTAMP '${month}-01 00:00:00' AS t, 1.0 AS y`);
    expect(labels(await parquet(rows.join(" UNION ALL "), null))).toEqual(MONTHS);
  });

  test.each([
    "DATE 'infinity'",
    "DATE '12025-01-01'",
    "TIMESTAMP '0044-03-15 (BC) 00:00:00'",
    "TIME '10:00'",
    "202501",
  ])("%s is no period, and no crash", async (time) => {
    const source = await parquet(`SELECT 'a' AS id, ${time} AS t, 1.0 AS y`, null);
    expect(source.unreadableTimes).toHaveLength(1);
  });
});

test("the zones of an Arrow schema are read from its bytes", () => {
  expect(zonesOfArrow(ARROW)).toEqual([["month", "Asia/Kolkata"]]);
  // Cut anywhere or turned over, it is a schema without zones and never an error.
  const bytes = Buffer.from(ARROW, "base64");
  for (let length = 0; length < bytes.length; length++) {
    zonesOfArrow(bytes.subarray(0, length).toString("base64"));
    const flipped = Buffer.from(bytes);
    flipped[length] = flipped[length]! ^ 0xff;
    zonesOfArrow(flipped.toString("base64"));
  }
});

test("the report counts the rows whose flag was named", async () => {
  const spec = { timeFlags: { e: "keep", p: "drop" } } as const;
  const source = await read(["2025-01", "2025-02 e", "2025-03 p"], spec);
  const limits = { ranges: {}, nulls: {} };
  const [check] = cellChecks(source, { ...SPEC, sources: [], ...spec }, limits).filter(
    ({ id }) => id === "time-flags",
  );
  expect(check).toMatchObject({ status: "pass", detail: "1 rows read without their flag, 1 left out" });
});
