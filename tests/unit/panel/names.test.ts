import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { featureDistributions } from "../../../src/drift/distributions.js";
import { featureColumn } from "../../../src/drift/reference.js";
import type { DataSpec } from "../../../src/kit/specs.js";
import { PANEL_FILE, readPanelFile, writePanelArtifact } from "../../../src/panel/artifact.js";
import { withDuckDb } from "../../../src/panel/duckdb.js";
import { KNOWN_AHEAD_FILE } from "../../../src/panel/known-ahead.js";
import { readSource } from "../../../src/panel/source.js";
import { quoteName } from "../../../src/panel/sql.js";
import { failureOf, scratchFolder, writerInto } from "./scratch.js";

const folder = scratchFolder();
const OPTIONS = { cutoff: "2025-02-28", fiscalYearStart: 1, ahead: 1 } as const;

/** Words of ours, of DuckDB, of JavaScript and of SQL, and what names are made of in the field. */
const NAMES = [
  ..."target series time period quarter row file record filename file_index file_row_number value id rowid raw times kept".split(
    " ",
  ),
  ..."c0 h0 n0 a0 running __proto__ constructor toString hasOwnProperty prototype select from null true NaN 1 007 -1 1e5".split(
    " ",
  ),
  ...[
    "known.target",
    "attribute.series",
    "a.b.c",
    "a[0]",
    "$x",
    "`tick`",
    "it's",
    'say "x"',
    "two words",
    " padded ",
    "🏨",
  ],
  ...[
    "größe",
    "売上",
    "a\\b",
    "a/b",
    "%s",
    "{x}",
    "#",
    "a,b",
    "a;b",
    "a|b",
    "tab\there",
    "nul\u00a0blank",
    "É",
    "line\nbreak",
  ],
];

const ROWS = [
  ["s1", "2025-01", 1],
  ["s1", "2025-02", 2],
  ["s1", "2025-03", 3],
  ["s2", "2025-01", 4],
  ["s2", "2025-02", 5],
  ["s2", "2025-03", 6],
] as const;

type Columns = DataSpec["columns"];
const PLAIN: Columns = {
  series: "the id",
  time: "the time",
  target: "the target",
  attributes: ["an attribute"],
  known: ["a known"],
  observed: ["an observed"],
};

/** The names from a place on, one a role: from place to place each comes into each role. */
function rolesFrom(names: readonly string[], start: number): Columns {
  const [series, time, target, attribute, known, observed] = Array.from(
    { length: 6 },
    (_, role) => names[(start + role) % names.length]!,
  );
  return {
    series: series!,
    time: time!,
    target: target!,
    attributes: [attribute!],
    known: [known!],
    observed: [observed!],
  };
}

const csvCell = (text: string) => `"${text.replaceAll('"', '""')}"`;

async function csv({ series, time, target, attributes, known, observed }: Columns): Promise<string> {
  const header = [series, time, target, ...attributes, ...known, ...observed].map(csvCell);
  const rows = ROWS.map(([id, month, y]) => [id, month, y, `of ${id}`, y * 10, y * 100].join(","));
  const path = join(folder, "names.csv");
  await writeFile(path, `${header.join(",")}\n${rows.join("\n")}\n`);
  return path;
}

async function parquet(columns: Columns, more = ""): Promise<string> {
  const { series, time, target, attributes, known, observed } = columns;
  const names = [series, time, target, ...attributes, ...known, ...observed].map(quoteName);
  const rows = ROWS.map(([id, month, y]) => `('${id}', '${month}', ${y}, 'of ${id}', ${y * 10}, ${y * 100})`);
  const path = join(folder, "names.parquet");
  await withDuckDb((db) =>
    db.run(
      `COPY (SELECT *${more} FROM (VALUES ${rows.join(", ")}) t(${names.join(", ")})) TO '${path}' (FORMAT parquet)`,
    ),
  );
  return path;
}

async function roundTrip(source: string, columns: Columns) {
  const spec: DataSpec = { sources: [source], frequency: "month", delimiter: null, columns };
  const { panel } = await readSource(spec, OPTIONS);
  await writePanelArtifact(panel, writerInto(folder));
  const read = await readPanelFile(join(folder, PANEL_FILE), {
    columns,
    calendar: panel.calendar,
    cutoff: OPTIONS.cutoff,
    ahead: join(folder, KNOWN_AHEAD_FILE),
  });
  expect(read).toEqual(panel);
  return panel;
}

async function expectWhole(source: string, columns: Columns): Promise<void> {
  const panel = await roundTrip(source, columns);
  expect(panel.series).toEqual(["s1", "s2"]);
  expect([...panel.target]).toEqual([1, 2, 4, 5]);
  expect(panel.attributes).toMatchObject([{ name: columns.attributes[0], levels: ["of s1", "of s2"] }]);
  expect(Object.entries(panel.known).map(([name, values]) => [name, [...values]])).toEqual([
    [columns.known[0], [10, 20, 40, 50]],
  ]);
  expect(Object.entries(panel.observed).map(([name, values]) => [name, [...values]])).toEqual([
    [columns.observed[0], [100, 200, 400, 500]],
  ]);
  expect(Object.entries(panel.ahead!.known).map(([name, values]) => [name, [...values]])).toEqual([
    [columns.known[0], [30, 60]],
  ]);
}

describe("a column of any name in any role", () => {
  // A line break in a header is for Parquet: CSV of the field has none.
  const plain = NAMES.filter((name) => !name.includes("\n"));
  test.each(plain.flatMap((name, start) => (start % 6 === 0 ? [[start, name] as const] : [])))(
    "CSV: names from %d on, %j",
    async (start) => {
      const columns = rolesFrom(plain, start);
      await expectWhole(await csv(columns), columns);
    },
  );

  test.each(NAMES.map((name, start) => [name, start] as const))(
    "Parquet: %j and five more",
    async (_, start) => {
      const columns = rolesFrom(NAMES, start);
      await expectWhole(await parquet(columns), columns);
    },
  );

  test("many words of ours at once", async () => {
    const columns: Columns = {
      series: "target",
      time: "series",
      target: "period",
      attributes: ["attribute.series"],
      known: ["filename"],
      observed: ["file_row_number"],
    };
    await expectWhole(await parquet(columns), columns);
    await expectWhole(await csv(columns), columns);
  });

  test("names that differ by case in all roles, in one Parquet file and in CSV", async () => {
    const columns: Columns = {
      ...PLAIN,
      series: "ID",
      time: "T",
      target: "Y",
      attributes: ["Series"],
      known: ["K"],
      observed: ["k"],
    };
    await expectWhole(await csv(columns), columns);
    const upper: Columns = { ...PLAIN, target: "Y" };
    // DuckDB itself calls the second of two such names another: pyarrow writes them as they are.
    await expectWhole(await parquet(upper), upper);
  });
});

describe("an unrelated column never breaks a read", () => {
  const ODD = [
    "42 AS file_row_number, 43 AS file_index, 'x' AS filename",
    "[1, 2] AS list, {'a': 1, 'b': [2]} AS struct, MAP {'k': 1} AS map, [[1], []] AS nested",
    "'a\\x00b'::BLOB AS blob, 1.50::DECIMAL(38, 10) AS decimal, 'e'::ENUM ('e', 'f') AS kind, uuid() AS uuid",
    "INTERVAL 1 MONTH AS span, TIME '10:00' AS time_of_day, TIMESTAMPTZ 'infinity' AS instant, NULL AS nothing",
    "170141183460469231731687303715884105727::HUGEINT AS huge, 1::UTINYINT AS tiny, 'nan'::FLOAT AS nan, true AS flag",
    "'1'::BIT AS bit, 1 AS \"__proto__\", 2 AS \" \", TIMESTAMP_NS '2025-01-01 00:00:00' AS nanos",
  ];
  test.each(ODD)("%s", async (more) => {
    await expectWhole(await parquet(PLAIN, `, ${more}`), PLAIN);
  });
});

describe("folders of a partitioned data set", () => {
  const rows = (id: string) =>
    `SELECT '${id}' AS "the id", '2025-01' AS "the time", 1.0 AS "the target", 5 AS region`;
  const spec = (columns: Partial<Columns>): DataSpec => ({
    sources: [join(folder, "set/**/*.parquet")],
    frequency: "month",
    delimiter: null,
    columns: { ...PLAIN, attributes: [], known: [], observed: [], ...columns },
  });

  test("a name of a folder is a column of text where the file has none, and a column of the file stays itself", async () => {
    for (const zone of ["007", "n%20o", "__HIVE_DEFAULT_PARTITION__"]) {
      const path = join(folder, `set/zone=${zone}/region=9/target=x`);
      await mkdir(path, { recursive: true });
      await withDuckDb((db) => db.run(`COPY (${rows(zone)}) TO '${path}/p.parquet' (FORMAT parquet)`));
    }
    const { panel } = await readSource(spec({ attributes: ["zone", "region"] }), OPTIONS);
    expect(panel.attributes[0]!.levels).toEqual(["", "007", "n o"]);
    expect(panel.attributes[1]!.levels).toEqual(["5"]);
    expect([...panel.target]).toEqual([1, 1, 1]);
  });

  test("the panel of a project in such a folder has its own columns", async () => {
    const inside = join(folder, "series=q/target=7/period=2020-01-01");
    await mkdir(inside, { recursive: true });
    const { panel } = await readSource({ ...spec(PLAIN), sources: [await csv(PLAIN)] }, OPTIONS);
    await writePanelArtifact(panel, writerInto(inside));
    const read = await readPanelFile(join(inside, PANEL_FILE), {
      columns: PLAIN,
      calendar: panel.calendar,
      cutoff: OPTIONS.cutoff,
      ahead: join(inside, KNOWN_AHEAD_FILE),
    });
    expect(read).toEqual(panel);
  });
});

describe("a feature that is called target", () => {
  const columns: Columns = { ...PLAIN, target: "sales", observed: ["target"] };

  test("is itself in every option; the target goes by the name of its column", async () => {
    const panel = await roundTrip(await csv(columns), columns);
    expect(featureColumn(panel, "target")).toBe(panel.observed.target);
    expect(featureColumn(panel, "sales")).toBe(panel.target);
    const quarterPeriods = { first: panel.lastPeriod, last: panel.lastPeriod };
    const shown = featureDistributions(panel, { reference: "previous-quarter", quarterPeriods });
    expect(shown.map(({ feature }) => feature)).toEqual(["sales", "target", "a known"]);
  });

  test("without one the word means the target, and so does the column's name", async () => {
    const panel = await roundTrip(await csv(PLAIN), PLAIN);
    expect(featureColumn(panel, "target")).toBe(panel.target);
    expect(featureColumn(panel, "the target")).toBe(panel.target);
    expect(() => featureColumn(panel, "constructor")).toThrow("data.name-unknown");
  });
});

test("a missing name is suggested with its blanks, and no empty name is", async () => {
  const file = join(folder, "blank.csv");
  await writeFile(file, '"", id ,t,y \na,2025-01,1\n');
  const spec: DataSpec = {
    sources: [file],
    frequency: "month",
    delimiter: null,
    columns: { ...PLAIN, series: "id", time: "t", target: "y", attributes: [], known: [], observed: [] },
  };
  const failure = await failureOf(readSource(spec, OPTIONS));
  expect(failure).toMatchObject({
    missing: [
      { column: "id", suggestion: " id " },
      { column: "y", suggestion: "y " },
    ],
  });
});
