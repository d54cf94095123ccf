import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import type { Answers } from "../../../../src/operations/init/answers.js";
import { planInit } from "../../../../src/operations/init/init.js";
import { seasonal } from "../../../support/small-panels.js";
import { failureOf, scratchFolder } from "../../panel/scratch.js";

const folder = scratchFolder();
let count = 0;

/** A folder of its own with one file. */
function put(name: string, content: string | Buffer): { cwd: string; file: string } {
  const cwd = join(folder, String(count++));
  mkdirSync(cwd);
  writeFileSync(join(cwd, name), content);
  return { cwd, file: join(cwd, name) };
}

const plan = (cwd: string, data: string | null, answers: Answers = {}) =>
  planInit({
    data,
    runbook: join(cwd, "runbook.yaml"),
    answers,
    force: false,
    schema: "/nowhere/retrain/runbook.schema.json",
  });

const month = (t: number) => `${2019 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, "0")}`;
const value = (level: number, t: number) => seasonal(level, 72, level)[t]!.toFixed(1);
const MONTHS = Array.from({ length: 72 }, (_, t) => t);
const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A line a series and month. */
const long = (head: string, line: (s: number, t: number) => string, series = 3) =>
  `${head}\n${Array.from({ length: series }, (_, s) => MONTHS.map((t) => line(s, t)).join("\n")).join("\n")}\n`;

const DECISIONS: readonly (readonly [string, string, object, readonly string[]])[] = [
  [
    "ids, months and a target",
    long("id,month,y", (s, t) => `s${s},${month(t)},${value(100 + s, t)}`),
    {
      shape: "long",
      frequency: "month",
      series: ["id"],
      time: ["month"],
      target: "y",
      attributes: [],
      observed: [],
    },
    [],
  ],
  [
    "ids that are words for no number, and a target that lacks some",
    long(
      "id,month,y",
      (s, t) => `${["null", "NaN", "NA"][s]},${month(t)},${t === 9 ? "NA" : value(100 + s, t)}`,
    ),
    { shape: "long", series: ["id"], time: ["month"], target: "y", attributes: [] },
    [],
  ],
  [
    "attributes, features and an index, in another order",
    long(
      ",price,region,sales,date,store",
      (s, t) =>
        `${s * 72 + t},${1 + ((s + t) % 7)},${s < 2 ? "north" : "south"},${value(100 + s, t)},${month(t)}-01,st ${s}`,
    ),
    {
      series: ["store"],
      time: ["date"],
      target: "sales",
      attributes: ["region"],
      observed: ["price"],
      known: [],
    },
    [],
  ],
  [
    "two columns that make an id",
    long("state,product,month,value", (s, t) => `${"AAB"[s]},${"xyx"[s]},${month(t)},${value(100 + s, t)}`),
    { series: ["state", "product"], target: "value", attributes: [] },
    [],
  ],
  [
    "one series",
    long("Month,Passengers", (_, t) => `${month(t)},${value(100, t)}`, 1),
    { series: null, time: ["Month"], target: "Passengers" },
    [],
  ],
  [
    "one series with its name in each row",
    long("id,month,y", (_, t) => `Airline,${month(t)},${value(100, t)}`, 1),
    { series: ["id"], target: "y" },
    [],
  ],
  [
    "year and month in two columns",
    long(
      "year,month,passengers",
      (_, t) => `${2019 + Math.floor(t / 12)},${NAMES[t % 12]},${value(100, t)}`,
      1,
    ),
    { time: ["year", "month"], frequency: "month", series: null },
    [],
  ],
  [
    "year and quarter in two columns",
    long("year,quarter,y", (_, t) => `${2000 + Math.floor(t / 4)},${(t % 4) + 1},${value(100, t)}`, 1),
    { time: ["year", "quarter"], frequency: "quarter" },
    [],
  ],
  [
    "quarters in words",
    long("Quarter,sales", (_, t) => `${2000 + Math.floor(t / 4)} Q${(t % 4) + 1},${value(100, t)}`, 1),
    { frequency: "quarter", time: ["Quarter"], timeFormat: null },
    [],
  ],
  [
    "first days of quarters",
    long(
      "id,date,y",
      (s, t) =>
        `s${s},${2000 + Math.floor(t / 4)}-${["01", "04", "07", "10"][t % 4]}-01,${value(100 + s, t)}`,
    ),
    { frequency: "quarter" },
    [],
  ],
  [
    "days of which one order alone makes months",
    long(
      "id;Datum;Umsatz",
      (s, t) => `s${s};01.${month(t).slice(5)}.${month(t).slice(0, 4)};${value(100 + s, t)}`,
    ),
    { time: ["Datum"], timeFormat: "%d.%m.%Y", target: "Umsatz", frequency: "month" },
    [],
  ],
  [
    "years in two digits",
    long("id,month,y", (s, t) => `s${s},${NAMES[t % 12]}-${19 + Math.floor(t / 12)},${value(100 + s, t)}`),
    { timeFormat: "%b-%y" },
    [],
  ],
  [
    "one column a series",
    `month,north,south,west\n${MONTHS.map((t) => `${month(t)},${value(100, t)},${value(101, t)},${value(102, t)}`).join("\n")}\n`,
    {
      shape: "wide",
      names: "series",
      series: ["series"],
      time: ["month"],
      target: "value",
      wideColumns: null,
    },
    ["shape"],
  ],
  [
    "one column a month",
    `id,region,${MONTHS.map(month).join(",")}\n${[0, 1, 2].map((s) => `s${s},${s < 2 ? "n" : "s"},${MONTHS.map((t) => value(100 + s, t)).join(",")}`).join("\n")}\n`,
    {
      shape: "wide",
      names: "time",
      series: ["id"],
      time: ["month"],
      target: "value",
      attributes: ["region"],
    },
    [],
  ],
  [
    "one column a month in two digits",
    `id,${MONTHS.map((t) => `${NAMES[t % 12]}-${19 + Math.floor(t / 12)}`).join(",")}\n${[0, 1].map((s) => `s${s},${MONTHS.map((t) => value(100 + s, t)).join(",")}`).join("\n")}\n`,
    { shape: "wide", names: "time", timeFormat: "%b-%y", wideColumns: "^[A-Za-z]+-[0-9]+$" },
    [],
  ],
  [
    "two columns that could be the target",
    long("id,month,north,south", (s, t) => `s${s},${month(t)},${value(100 + s, t)},${value(200 + s, t)}`),
    { shape: "long", target: "north", observed: ["south"] },
    ["target"],
  ],
  [
    "a feature that is known ahead",
    long("id,month,y,holidays", (s, t) => `s${s},${month(t)},${t < 60 ? value(100 + s, t) : ""},${t % 5}`),
    { target: "y", known: ["holidays"], observed: [] },
    [],
  ],
];

describe("what a table tells", () => {
  test.each(DECISIONS)("%s", async (_, text, layout, questions) => {
    const { cwd, file } = put("panel.csv", text);
    const found = await plan(cwd, file);
    expect(found.layout).toMatchObject(layout);
    expect(found.questions.map(({ flag }) => flag)).toEqual(questions);
    expect(found.problems).toEqual([]);
  });

  test.each([
    ["tabs", long("id\tmonth\ty", (s, t) => `s${s}\t${month(t)}\t${value(100 + s, t)}`), null],
    [
      "Windows-1252",
      Buffer.from(
        long("id,month,y", (s, t) => `Kéln ${s},${month(t)},${value(100 + s, t)}`),
        "latin1",
      ),
      "windows-1252",
    ],
    [
      "UTF-16",
      Buffer.from(
        `\ufeff${long("id,month,y", (s, t) => `s${s},${month(t)},${value(100 + s, t)}`)}`,
        "utf16le",
      ),
      null,
    ],
  ])("text in %s", async (_, content, encoding) => {
    const { cwd, file } = put("panel.csv", content);
    const { files, layout } = await plan(cwd, file);
    expect(layout).toMatchObject({ series: ["id"], target: "y" });
    expect(/encoding: (\S+)/.exec(files[0]!.text!)?.[1] ?? null).toBe(encoding);
  });

  test("a workbook, and the sheet of several", async () => {
    const rows = [
      ["id", "month", "y"],
      ...[0, 1].flatMap((s) =>
        MONTHS.map((t) => [`s${s}`, new Date(Date.UTC(2019, t, 1)), Number(value(100 + s, t))]),
      ),
    ];
    const data = rows.map((row) =>
      row.map((cell) =>
        cell instanceof Date ? { value: cell, type: Date, format: "mmm yyyy" } : { value: cell },
      ),
    );
    const { cwd, file } = put("panel.xlsx", "");
    await writeXlsxFile([
      { sheet: "Sales", data },
      { sheet: "Notes", data: [[{ value: "none" }]] },
    ] as never).toFile(file);
    const found = await plan(cwd, file);
    expect(found.questions.map(({ flag, candidates }) => [flag, candidates])).toEqual([
      ["sheet", ["Sales", "Notes"]],
    ]);
    expect(found.files[0]!.text).toContain("  sheet: Sales\n");
    expect(found.layout).toMatchObject({ series: ["id"], time: ["month"], target: "y" });
  });
});

describe("what is said wins", () => {
  const TEXT = long(
    "id,shop,month,north,south",
    (s, t) => `${s},s${s},${month(t)},${value(100 + s, t)},${value(200 + s, t)}`,
  );

  test.each([
    [{ target: "south" }, { target: "south", observed: ["north"] }],
    [{ target: "south", observed: [] }, { observed: [] }],
    [{ id: ["shop"], target: "north" }, { series: ["shop"] }],
    [
      { target: "north", known: ["south"] },
      { observed: [], known: [] },
    ],
  ] as const)("%j", async (answers, layout) => {
    const { cwd, file } = put("panel.csv", TEXT);
    const known = "known" in answers;
    const found = await plan(cwd, file, answers);
    // Nothing is known ahead, so that what is said to be is observed.
    expect(found.layout).toMatchObject(known ? { known: [], observed: ["south"] } : layout);
    expect(found.questions).toEqual([]);
  });

  test.each([
    [{ target: "sout" }, '--target: .* did you mean "south"'],
    [{ time: ["nope"] }, "--time: .* has no column"],
    [{ time: ["shop"] }, "shop of .* holds no months"],
    [{ id: [] as string[], target: "north" }, ""],
  ])("an answer that cannot be is refused: %j", async (answers, message) => {
    const { cwd, file } = put("panel.csv", TEXT);
    const failure = await plan(cwd, file, answers).then(
      ({ problems }) => ({ code: "problems", problems }),
      async () => failureOf(plan(cwd, file, answers)),
    );
    if (message === "")
      expect(failure).toMatchObject({ code: "problems", problems: [{ check: "duplicates" }] });
    else expect(failure).toMatchObject({ code: "usage.invalid", message: expect.stringMatching(message) });
  });
});

describe("what is no panel is refused with the way out", () => {
  const days = (step: number, rows = 400) =>
    `date,y\n${Array.from({ length: rows }, (_, t) => `${new Date(Date.UTC(2020, 0, 1 + step * t)).toISOString().slice(0, 10)},${t + 1}`).join("\n")}\n`;
  test.each([
    ["daily data", days(1), "are daily.*Sum the rows to months"],
    ["weekly data", days(7), "are weekly.*Sum the rows to months"],
    [
      "yearly data",
      `date,y\n${Array.from({ length: 30 }, (_, t) => `${1990 + t}-01-01,${t}`).join("\n")}\n`,
      "are yearly",
    ],
    ["no times", "a,b\nx,1\ny,2\n", "no column .* holds months"],
    ["no numbers", long("id,month,y", (s, t) => `s${s},${month(t)},x`), "no column of numbers"],
    [
      "decimal commas",
      long("id;month;y", (s, t) => `s${s};${month(t)};${value(100, t).replace(".", ",")}`),
      "decimal comma",
    ],
    ["no id", long("note,month,y", (_, t) => `n,${month(t)},${value(100, t)}`, 2), "names the series"],
  ])("%s", async (_, text, message) => {
    const { cwd, file } = put("panel.csv", text);
    expect(await failureOf(plan(cwd, file))).toMatchObject({
      code: "usage.invalid",
      message: expect.stringMatching(message),
    });
  });

  test("data that is found in the folder, or is not there", async () => {
    const { cwd } = put("panel.csv", DECISIONS[0]![1]);
    expect((await plan(cwd, null)).data).toBe(join(cwd, "panel.csv"));
    writeFileSync(join(cwd, "other.csv"), DECISIONS[0]![1]);
    expect((await plan(cwd, null)).questions).toEqual([
      expect.objectContaining({ flag: "data", candidates: ["other.csv", "panel.csv"] }),
    ]);
    const empty = put("notes.txt", "x").cwd;
    expect(await failureOf(plan(empty, null))).toMatchObject({
      code: "usage.invalid",
      next: "retrain init DATA",
    });
  });
});

describe("rules that fit the panel", () => {
  const recipe = async (series: number, months: number, more: Partial<Answers> = {}) => {
    const rows = Array.from({ length: series }, (_, s) =>
      seasonal(100 + s, months, s + 1)
        .map((y, t) => `s${s},${s % 2 === 0 ? "a" : "b"},${month(t)},${y.toFixed(2)}`)
        .join("\n"),
    );
    const { cwd, file } = put("panel.csv", `id,kind,month,y\n${rows.join("\n")}\n`);
    return (await plan(cwd, file, more)).recipe;
  };

  test.each([
    [1, 72, { quarter: "2024Q4", horizon: 6, segments: null, drift: null, levels: [0.8, 0.95] }],
    [3, 70, { quarter: "2024Q3", horizon: 6, segments: null, drift: null }],
    [12, 72, { horizon: 6, segments: { by: "kind" }, drift: ["target"], levels: [0.8, 0.95], folds: 3 }],
    [12, 30, { quarter: "2021Q2", horizon: 6, drift: null, folds: 2 }],
    [12, 18, { quarter: "2020Q2", horizon: 3 }],
  ] as const)("%i series of %i months", async (series, months, expected) => {
    expect(await recipe(series, months)).toMatchObject(expected);
  });

  test("a horizon that is asked for is kept, or refused where history does not carry it", async () => {
    expect(await recipe(3, 72, { horizon: 12 })).toMatchObject({ horizon: 12 });
    expect(await failureOf(recipe(3, 18, { horizon: 12 }))).toMatchObject({ code: "forecast.too-short" });
  });

  test("empty cells that are there are allowed, and a little more", async () => {
    const { cwd, file } = put(
      "panel.csv",
      long("id,month,y", (s, t) => `s${s},${month(t)},${t === 7 ? "" : value(100 + s, t)}`),
    );
    const { recipe: found, problems } = await plan(cwd, file);
    expect(found.nulls).toEqual({ y: 0.03 });
    expect(problems).toEqual([]);
  });
});

test("the same data gives the same files", async () => {
  const one = put("panel.csv", DECISIONS[1]![1]);
  const two = put("panel.csv", DECISIONS[1]![1]);
  const texts = async ({ cwd, file }: typeof one) => (await plan(cwd, file)).files.map(({ text }) => text);
  expect(await texts(one)).toEqual(await texts(two));
});

test("a runbook that is there is not overwritten", async () => {
  const { cwd, file } = put("panel.csv", DECISIONS[0]![1]);
  writeFileSync(join(cwd, "runbook.yaml"), "version: 1\n");
  expect(await failureOf(plan(cwd, file))).toMatchObject({
    code: "usage.invalid",
    message: expect.stringContaining("--force"),
  });
});

describe("flags that no runbook would take", () => {
  const panel = long("id,region,month,units", (s, t) => `S${s},north,${month(t)},${value(s + 2, t)}`);
  test.each<[Answers, string]>([
    [{ name: "../x" }, '--name is "../x": a model name cannot contain / or :'],
    [{ name: "a".repeat(300) }, "--name is"],
    [{ timeZone: "Nowhere/X" }, '--time-zone is "Nowhere/X": expected a time zone such as Europe/Berlin'],
    [{ encoding: "klingon" }, '--encoding is "klingon": expected an encoding such as utf-8'],
    [{ timeFormat: "%Q%Q" }, '--time-format is "%Q%Q": '],
    [{ shape: "wide", columns: "[" }, '--columns is "[": expected a regular expression'],
    [{ sheet: "Sheet1" }, "is no Excel workbook"],
    [{ target: "id" }, 'column "id" of '],
    [{ known: ["units"] }, 'the column "units" is'],
    [{ known: ["region"] }, "region"],
    [{ target: "region" }, "region"],
    [{ target: "month" }, "month"],
    [{ attributes: ["month"] }, "month"],
    [{ name: "../x", encoding: "klingon" }, "; --encoding is"],
  ])("%j", async (answers, says) => {
    const { cwd, file } = put("panel.csv", panel);
    const failure = await failureOf(plan(cwd, file, answers));
    expect(failure).toMatchObject({ code: "usage.invalid" });
    expect((failure as { message: string }).message).toContain(says);
  });
});

test.each([
  ["data.source-missing", "other.csv", "id,month\n"],
  ["data.empty", "panel.csv", ""],
  ["data.unreadable", "panel.csv", "\0\u0001\0"],
])("%s is about the argument, since there is no runbook yet", async (code, name, content) => {
  const { cwd } = put("panel.csv", content);
  expect(await failureOf(plan(cwd, join(cwd, name)))).toMatchObject({ code, option: "DATA" });
});
