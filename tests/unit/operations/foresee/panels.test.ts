import { describe, expect, test } from "vitest";
import {
  changed,
  failuresOf,
  lookAt,
  type PanelOptions,
  panelText,
  pointed,
  project,
  RUNBOOK,
} from "./bench.js";

const only = (column: string, text: (s: number, t: number, usual: string) => string): PanelOptions => ({
  cell: (c, s, t, usual) => (c === column ? text(s, t, usual) : usual),
});
const panel = (options?: PanelOptions) => ({ "panel.csv": panelText(options) });
const LIMITS = "{ ranges: { sales: { min: 0 } } }";
const limits = (text: string) => [LIMITS, text] as const;
const observed = (text: string) => ["observed: [price]", `observed: ${text}`] as const;

type Change = readonly [from: string, to: string];
interface Mistake {
  readonly runbook: readonly Change[];
  readonly files: Readonly<Record<string, string>>;
  /** Line and column, the text that is marked there, and the option of the hint. */
  readonly found: readonly (readonly [place: string, hint: string])[];
  /** What the hint says, done; absent where the data has to be corrected. */
  readonly mended?: readonly Change[];
}

const MISTAKES: Readonly<Record<string, Mistake>> = {
  "no such file": {
    runbook: [["panel.csv", "panle.csv"]],
    files: panel(),
    found: [["4:11 panle.csv", "correct `source`"]],
    mended: [],
  },
  "a folder": {
    runbook: [["panel.csv", "data"]],
    files: { "data/panel.csv": panelText() },
    found: [["4:11 data", "`source: FOLDER/*.csv`"]],
    mended: [["panel.csv", "data/*.csv"]],
  },
  "a file that is empty": { runbook: [], files: { "panel.csv": "" }, found: [["4:11 panel.csv", "export"]] },
  "text that is not UTF-8": {
    runbook: [],
    files: { "panel.csv": Buffer.from(panelText().replaceAll("north", "nörd"), "latin1") as never },
    found: [["4:11 panel.csv", "`encoding: windows-1252`"]],
    mended: [["  frequency: month", "  encoding: windows-1252\n  frequency: month"]],
  },
  "columns that are not there": {
    runbook: [["target: sales", "target: sale"], observed("[prise, cost]"), limits("{}")],
    files: panel(),
    found: [
      ["6:47 sale", 'did you mean "sales"?'],
      ["6:97 prise", 'did you mean "price"?'],
      ["6:104 cost", "id, month, sales, region, price, promo"],
    ],
    mended: [limits("{}")],
  },
  "a time column that is not there": {
    runbook: [["time: month", "time: date"]],
    files: panel(),
    found: [["6:32 date", "month"]],
    mended: [],
  },
  "a series column that is not there, and nothing that follows from it": {
    runbook: [["series: id", "series: ids"]],
    files: panel(),
    found: [["6:22 ids", 'did you mean "id"?']],
    mended: [],
  },
  "dates with two readings": {
    runbook: [],
    files: panel(only("month", (_s, _t, month) => `01/${month.slice(5)}/${month.slice(0, 4)}`)),
    found: [["6:32 month", '`data.timeFormat: "%d/%m/%Y"`']],
    mended: [["  frequency: month", '  timeFormat: "%d/%m/%Y"\n  frequency: month']],
  },
  "dates with two readings, and cells that are empty whichever is meant": {
    runbook: [],
    files: panel({
      cell: (column, _s, t, usual) =>
        column === "month"
          ? `01/${usual.slice(5)}/${usual.slice(0, 4)}`
          : column === "sales" && t % 5 < 2
            ? ""
            : usual,
    }),
    found: [
      ["6:32 month", "timeFormat"],
      ["6:47 sales", "`nulls: { sales: 0.45 }`"],
    ],
  },
  "dates that nothing reads": {
    runbook: [],
    files: panel(only("month", (_s, _t, month) => `M${month.slice(5)}/Y${month.slice(0, 4)}`)),
    found: [["6:32 month", "`timeFormat` in `data`"]],
    mended: [["  frequency: month", '  timeFormat: "M%m/Y%Y"\n  frequency: month']],
  },
  "quarters that are called months": {
    runbook: [],
    files: panel(
      only("month", (_s, t) => `${2013 + Math.floor(t / 4)}-${String((t % 4) * 3 + 1).padStart(2, "0")}`),
    ),
    found: [["6:32 month", "`data.frequency: quarter`"]],
    mended: [["frequency: month", "frequency: quarter"]],
  },
  "a target with empty cells": {
    runbook: [],
    files: panel(only("sales", (_s, t, sales) => (t % 5 < 2 ? "" : sales))),
    found: [["6:47 sales", "`nulls: { sales: 0.45 }` in `with` of validate"]],
    mended: [limits("{ nulls: { sales: 0.45 } }")],
  },
  "more empty cells than a limit allows": {
    runbook: [limits("{ nulls: { price: 0.1 } }")],
    files: panel(only("price", (_s, t, price) => (t % 5 < 2 ? "" : price))),
    found: [["9:66 0.1", "`nulls: { price: 0.45 }`"]],
    mended: [limits("{ nulls: { price: 0.45 } }")],
  },
  "two rows a series and month": {
    runbook: [
      ["attributes: [region]", "attributes: []"],
      ["with: { by: [region] }", "with: {}"],
    ],
    files: panel(only("id", (s) => `s${s >> 1}`)),
    found: [["6:22 id", "`series: [id, …]` (there are region, promo)"]],
    mended: [
      ["series: id", "series: [id, region]"],
      ["attributes: [region]", "attributes: []"],
      ["with: { by: [region] }", "with: {}"],
    ],
  },
  "ids in two spellings": {
    runbook: [],
    files: panel(only("id", (s, t, id) => (s === 1 && t > 40 ? " S1" : id))),
    found: [["6:22 id", "`ids: { trim: true, case: lower }` under `data:`"]],
    mended: [["  frequency: month", "  ids: { trim: true, case: lower }\n  frequency: month"]],
  },
  "an attribute that changes": {
    runbook: [],
    files: panel(only("region", (_s, t, region) => (t === 40 ? "west" : region))),
    found: [["6:67 region", "take it out of `attributes`"]],
    mended: [
      ["attributes: [region]", "attributes: []"],
      ["with: { by: [region] }", "with: {}"],
    ],
  },
  "cells of two columns that are no numbers": {
    runbook: [],
    files: panel({
      cell: (column, _s, t, usual) => (t === 3 && (column === "sales" || column === "price") ? "x" : usual),
    }),
    found: [
      ["6:47 sales", "decimal point"],
      ["6:98 price", "decimal point"],
    ],
  },
  "values out of their range": {
    runbook: [limits("{ ranges: { sales: { min: 90 } } }")],
    files: panel(),
    found: [["9:67 { min: 90 }", "`ranges: { sales: { min: 85 } }`"]],
    mended: [limits("{ ranges: { sales: { min: 85 } } }")],
  },
  "labels that are not accepted": {
    runbook: [limits("{ values: { region: [north] } }")],
    files: panel(),
    found: [["9:68 [north]", "`values: { region: […] }`"]],
    mended: [limits("{ values: { region: [north, south] } }")],
  },
  "months that are not there": {
    runbook: [limits("{ gaps: fail }")],
    files: { "panel.csv": panelText().replace(/^s1,2023-0[2-4],.*\n/gm, "") },
    found: [["9:56 fail", "`gaps: warn`"]],
    mended: [limits("{ gaps: warn }")],
  },
  "fewer rows than there must be": {
    runbook: [limits("{ minRows: 1000 }")],
    files: panel(),
    found: [["9:59 1000", "`minRows: 192`"]],
    mended: [limits("{ minRows: 192 }")],
  },
  "series and rows that are gone": {
    runbook: [limits("{ maxSeriesLost: 0.1, maxRowsDrop: 0.1 }")],
    files: { "panel.csv": panelText().replace(/^s1,2024-1[0-2],.*\n/gm, "") },
    found: [
      ["9:65 0.1", "`maxSeriesLost: 1`"],
      ["9:83 0.1", "`maxRowsDrop: 1`"],
    ],
    mended: [limits("{ maxSeriesLost: 1, maxRowsDrop: 1 }")],
  },
  "a known feature that is not there ahead, where it must be": {
    runbook: [["known: []", "known: [promo]"], limits("{ nulls: { promo: 0 } }")],
    files: panel(),
    found: [["9:66 0", "list it under `observed`"]],
    mended: [observed("[price, promo]")],
  },
  "a history too short for the horizon": {
    runbook: [["horizon: 3", "horizon: 9"]],
    files: panel({ months: 21 }),
    found: [["7:32 9", "`horizon: 8` in `model`"]],
    mended: [["horizon: 3", "horizon: 8"]],
  },
  "a window of less than a season": {
    runbook: [["folds: 2", "folds: 2, window: 6"]],
    files: panel(),
    found: [["12:67 6", "raise `window`"]],
    mended: [["folds: 2", "folds: 2, window: 24"]],
  },
  "imports that are not there, and one without a column": {
    runbook: [["report, with: {}", "report, with: { importSnapshots: [old.csv, other/*.csv] }"]],
    files: { ...panel(), "old.csv": "series,period,yhat,cutoff\ns0,2024-10,1,2024-09\n" },
    found: [
      ["10:70 old.csv", "`importColumns: { forecast: yhat }`"],
      ["10:79 other/*.csv", "correct `importSnapshots`"],
    ],
    mended: [
      ["report, with: {}", "report, with: { importSnapshots: old.csv, importColumns: { forecast: yhat } }"],
    ],
  },
  "a script that is not there": {
    runbook: [
      [
        "  - { id: promote",
        "  - { id: mine, uses: command, with: { run: [node, mine.mjs] } }\n  - { id: promote",
      ],
    ],
    files: panel(),
    found: [["22:52 mine.mjs", "correct the name"]],
  },
  "a program that is not there": {
    runbook: [
      ["  - { id: promote", "  - { id: mine, uses: command, with: { run: [./mine] } }\n  - { id: promote"],
    ],
    files: panel(),
    found: [["22:46 ./mine", "`./NAME`"]],
  },
};

/** Of a history whose end is not the default's. */
const QUARTER: Readonly<Record<string, string>> = { "a history too short for the horizon": "2022Q3" };

describe("what a quarter stops for is found before, with the option that mends it:", () => {
  test.each(Object.entries(MISTAKES))("%s", async (name, { runbook, files, found, mended }) => {
    const folder = await project(changed(...runbook), files);
    const { errors } = await lookAt(folder);
    expect(errors.map(pointed)).toEqual(found.map(([place]) => place));
    for (const [at, [, hint]] of found.entries()) expect(errors[at]!.suggestion).toContain(hint);
    const quarter = QUARTER[name] ?? "2024Q4";
    expect(await failuresOf(folder, quarter)).not.toEqual([]);
    if (mended === undefined) return;
    const after = await project(changed(...mended), files);
    expect((await lookAt(after)).errors).toEqual([]);
    const last = found.every(([place]) => /^([4-6]|9):/.test(place)) ? "validate" : "train";
    expect(await failuresOf(after, quarter, last)).toEqual([]);
  });
});

const RULES = "max: 1000 }";

describe("what is accepted runs to its end:", () => {
  test.each<[string, readonly Change[], Record<string, string>, readonly (readonly [string, string])[]]>([
    ["a healthy panel", [], panel(), []],
    ["one series", [], panel({ series: 1 }), []],
    ["one constant series", [], panel(only("sales", () => "5")), []],
    ["nothing but zeros", [], panel(only("sales", () => "0")), []],
    ["a feature without a value", [], panel(only("price", () => "")), []],
    ["more clusters than series", [["with: { by: [region] }", "with: { k: 9 }"]], panel(), []],
    ["series that ended", [], { "panel.csv": panelText().replace(/^s1,202[34]-.*\n/gm, "") }, []],
    [
      "a known feature that is not there ahead",
      [["known: []", "known: [promo]"]],
      panel(),
      [["6:84 promo", "list it under `observed`"]],
    ],
    [
      "a level that nothing carries",
      [
        ["[pooled-ridge], levels: [0.5]", "[pooled-ridge], levels: [0.5, 0.95]"],
        ["outlook, with: { levels: [0.5] }", "outlook, with: { levels: [0.5, 0.95] }"],
      ],
      panel({ months: 24, series: 2 }),
      [["15:66 0.95", "`levels: [0.5]`"]],
    ],
    [
      "rules that ask for more than the panel has",
      [
        [
          RULES,
          `${RULES}
        - { id: drift, ks: { features: [target], minN: 13 } }
        - { id: leads, compare: champion, maxIncrease: 1, by: lead }
        - { id: segments, metric: accuracy.wmape, max: 1, by: segment }
        - { id: excused, psi: { features: [price] }, whenUnknown: pass }`,
        ],
      ],
      panel(),
      [
        ["22:56 13", "`minN: 12` lets it be measured; `whenUnknown: pass`"],
        ["23:11 { id: leads, compare: champion, maxIncrease: 1, by: lead }", "`minN: 4`"],
        ["24:11 { id: segments, metric: accuracy.wmape, max: 1, by: segment }", "`minN: 6`"],
      ],
    ],
    [
      "a drift rule with too few quarters to compare with",
      [[RULES, `${RULES}\n        - { id: drift, ks: { features: [target], minN: 12 } }`]],
      panel({ months: 24 }),
      [["22:28 { features: [target], minN: 12 }", "`guard: series`"]],
    ],
  ])("%s", async (name, runbook, files, warned) => {
    const folder = await project(changed(...runbook), files);
    const { errors, warnings } = await lookAt(folder);
    expect(errors).toEqual([]);
    expect(warnings.map(pointed)).toEqual(warned.map(([place]) => place));
    for (const [at, [, hint]] of warned.entries()) expect(warnings[at]!.suggestion).toContain(hint);
    const quarter = files["panel.csv"]!.includes("2024-12") ? "2024Q4" : "2022Q4";
    expect(await failuresOf(folder, quarter), name).toEqual([]);
  });
});

test("a quarter after the end of the data says where that is", async () => {
  const folder = await project(RUNBOOK, panel());
  const { errors } = await lookAt(folder, "2030-03-31");
  expect(errors.map(({ code }) => code)).toEqual(["data.quarter-data"]);
  expect(errors[0]!.message).toContain("the last rows are for 2024-12");
  expect(errors[0]!.suggestion).toContain("the data ends in 2024-12");
  expect(await failuresOf(folder, "2030Q1")).toEqual(["data.invalid"]);
});

test("what an optional step will fail for is no error", async () => {
  const optional = changed(
    ["report, with: {} }", "report, optional: true, with: { importSnapshots: old.csv } }"],
    ["  - { id: checkpoints, uses: compare-checkpoints }\n", ""],
  );
  const folder = await project(optional, panel());
  const { errors, warnings } = await lookAt(folder);
  expect(errors).toEqual([]);
  expect(warnings.map(pointed)).toEqual(["10:85 old.csv"]);
});
