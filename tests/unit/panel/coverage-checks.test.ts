import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { periodProfile } from "../../../src/panel/checks/coverage.js";
import { lateCheck, lateSeries } from "../../../src/panel/checks/late.js";
import { restatedCheck } from "../../../src/panel/checks/restated.js";
import { thousandsCheck } from "../../../src/panel/checks/thousands.js";
import { findTotals, totalsCheck } from "../../../src/panel/checks/totals.js";
import { readHistory, writeHistory } from "../../../src/panel/history.js";
import type { Panel } from "../../../src/panel/panel.js";
import type { SourcePanel } from "../../../src/panel/source.js";
import { MONTHS, panelOf, type SeriesValues } from "../../support/panels.js";
import { scratchFolder } from "./scratch.js";

const START = 2022 * 12;
const LENGTH = 42;
const LAST = START + LENGTH - 1;
const at = (year: number, month: number) => year * 12 + month - 1 - START;

/** Values without chance: no two series are multiples, or sums, of others. */
const value = (s: number, t: number) =>
  Math.round(1000 * (50 + 13 * s + 7 * Math.sin(t / 2 + s) + ((s * 31 + t * 17) % 23))) / 1000;

const series = (
  count: number,
  change: (s: number, t: number, value: number) => number | null = (_s, _t, v) => v,
): SeriesValues[] =>
  Array.from({ length: count }, (_, s) => ({
    id: `P${10 + s}`,
    start: START,
    values: Array.from({ length: LENGTH }, (_, t) => change(s, t, value(s, t))),
  }));

/** With an attribute: three regions in turn. */
const withRegions = (panel: Panel, levels = ["north", "south", "west"]): Panel => ({
  ...panel,
  attributes: [{ name: "region", levels, codes: Int32Array.from(panel.series, (_, s) => s % levels.length) }],
});

/** As if the rows stood in one file, in panel order. */
const sourceOf = (panel: Panel): SourcePanel => ({
  panel,
  files: [],
  names: ["x.csv"],
  file: new Int32Array(panel.period.length),
  record: Int32Array.from(panel.period, (_, row) => row + 1),
  futureRows: 0,
  unreadableTimes: [],
  missingSeries: [],
  changedAttributes: [],
  aheadCells: null,
  nearIds: [],
  flagged: { read: 0, dropped: 0 },
});

describe("months that were not delivered", () => {
  const late = (change: Parameters<typeof series>[1]) =>
    lateSeries(panelOf(series(10, change), MONTHS, LAST));

  test("are counted by series, with the month since which they are missing", () => {
    const panel = panelOf(
      series(10, (s, t, v) => (s >= 6 && t >= LENGTH - 1 - (s % 2) ? null : v)),
      MONTHS,
      LAST,
    );
    const found = lateSeries(panel);
    expect(found).toEqual({
      active: 10,
      late: [
        { series: "P16", since: LAST },
        { series: "P17", since: LAST - 1 },
        { series: "P18", since: LAST },
        { series: "P19", since: LAST - 1 },
      ],
    });
    const check = lateCheck(panel, found, "y");
    expect(check).toMatchObject({ id: "series-late", status: "warn", count: 4 });
    expect(check.detail).toMatch(/^4 of 10 series have no value for 2025-06/);
    expect(check.findings[1]).toMatchObject({
      series: "P17",
      period: LAST - 1,
      column: "y",
      value: "no value, and none in 1 more after it",
    });
  });

  test("none: all delivered, a series that ended long ago, one that pauses every year, one that starts late", () => {
    expect(late((_s, _t, v) => v)).toEqual({ active: 10, late: [] });
    expect(late((s, t, v) => (s === 0 && t > at(2024, 1) ? null : v))).toEqual({ active: 9, late: [] });
    expect(late((s, t, v) => (s === 1 && t % 12 >= 4 && t % 12 <= 8 ? null : v)).late).toEqual([]);
    expect(late((s, t, v) => (s === 2 && t < LENGTH - 2 ? null : v)).late).toEqual([]);
  });

  test("all of them, and an empty cell is as late as a row that is not there", () => {
    expect(late((_s, t, v) => (t === LENGTH - 1 ? null : v)).late).toHaveLength(10);
    const panel = panelOf(series(3), MONTHS, LAST);
    const target = panel.target.slice();
    target[LENGTH - 1] = Number.NaN;
    expect(lateSeries({ ...panel, target }).late).toEqual([{ series: "P10", since: LAST }]);
  });
});

describe("totals among their parts", () => {
  /** The series, and a total of some of them with a factor by period. */
  const withTotal = (
    id: string,
    of: (s: number) => boolean = () => true,
    off: (t: number) => number = () => 1,
  ): Panel => {
    const parts = series(9);
    const values = Array.from(
      { length: LENGTH },
      (_, t) => off(t) * parts.reduce((sum, { values: own }, s) => sum + (of(s) ? (own[t] ?? 0) : 0), 0),
    );
    return panelOf([...parts, { id, start: START, values }], MONTHS, LAST);
  };
  const named = (panel: Panel) =>
    findTotals(panel).map(({ s, parts, of }) => `${panel.series[s]}: ${parts} of ${of}`);

  test.each(["TOTAL", "Total", "Alle", "ZZ", "000"])("%s is the sum of all", (id) => {
    expect(named(withTotal(id))).toEqual([`${id}: 9 of all series`]);
  });

  test("nearly: rounded parts, a late correction of what is called a total", () => {
    expect(named(withTotal("X", undefined, (t) => (t % 2 === 0 ? 1.002 : 0.999)))).toEqual([
      "X: 9 of all series",
    ]);
    expect(named(withTotal("Total", undefined, (t) => (t > LENGTH - 4 ? 1.1 : 1)))).toEqual([
      "Total: 9 of all series",
    ]);
    expect(named(withTotal("X", undefined, () => 1.05))).toEqual([]);
  });

  test("by group: one total a region, with or without the region's label, and one of all", () => {
    const parts = series(9);
    const sum = (keep: (s: number) => boolean) =>
      Array.from({ length: LENGTH }, (_, t) =>
        parts.reduce((all, { values: own }, s) => all + (keep(s) ? own[t]! : 0), 0),
      );
    const rows: SeriesValues[] = [
      ...parts,
      { id: "T-north", start: START, values: sum((s) => s % 3 === 0) },
      { id: "T-south", start: START, values: sum((s) => s % 3 === 1) },
      { id: "Total west", start: START, values: sum((s) => s % 3 === 2) },
      { id: "Total", start: START, values: sum(() => true) },
    ];
    const panel = panelOf(rows, MONTHS, LAST);
    const levels = ["", "north", "south", "west"];
    const codeOf = (id: string) =>
      id.startsWith("P")
        ? 1 + ((Number(id.slice(1)) - 10) % 3)
        : id === "T-north"
          ? 1
          : id === "T-south"
            ? 2
            : 0;
    const labelled: Panel = {
      ...panel,
      attributes: [{ name: "region", levels, codes: Int32Array.from(panel.series, codeOf) }],
    };
    expect(named(labelled).sort()).toEqual([
      "T-north: 3 of region north",
      "T-south: 3 of region south",
      "Total west: 3 of region west",
      "Total: 9 of all series",
    ]);
    const check = totalsCheck(sourceOf(labelled), "id");
    expect(check).toMatchObject({ id: "totals", status: "warn", count: 4 });
    expect(check.findings[0]).toMatchObject({ column: "id", file: 0 });
    expect(check.detail).toContain("leave its rows out of the source");
  });

  test("by the beginning of the id", () => {
    const parts = series(6).map((each, s) => ({ ...each, id: `${s < 3 ? "coast" : "inland"}/${s}` }));
    const values = Array.from({ length: LENGTH }, (_, t) =>
      parts.slice(0, 3).reduce((sum, { values: own }) => sum + own[t]!, 0),
    );
    const panel = panelOf([...parts, { id: "coast/sum", start: START, values }], MONTHS, LAST);
    expect(named(panel)).toEqual(["coast/sum: 3 of ids that begin with coast"]);
  });

  test("none in panels without one, with two twins and crumbs, or of one part", () => {
    expect(named(withRegions(panelOf(series(12), MONTHS, LAST)))).toEqual([]);
    const twins = series(4, (s, _t, v) => (s < 2 ? 1e6 + (s === 0 ? 0 : 1) : v / 1e3));
    expect(named(panelOf(twins, MONTHS, LAST))).toEqual([]);
    const [one] = series(1);
    expect(named(panelOf([one!, { ...one!, id: "Total" }], MONTHS, LAST))).toEqual([]);
    expect(
      named(
        panelOf(
          series(3, () => 0),
          MONTHS,
          LAST,
        ),
      ),
    ).toEqual([]);
  });
});

describe("restated history", () => {
  const CUT = LAST - 3;
  const then = withRegions(
    panelOf(
      series(9, (_s, t, v) => (START + t > CUT ? null : v)),
      MONTHS,
      CUT,
    ),
  );
  const folder = scratchFolder();
  let files = 0;

  async function restate(change: Parameters<typeof series>[1], was = then) {
    const now = withRegions(panelOf(series(9, change), MONTHS, LAST));
    const path = join(folder, `history-${files++}.parquet`);
    await writeHistory(was, path);
    const previous = {
      quarter: "2025Q1",
      profile: periodProfile(was),
      history: await readHistory(path, now),
    };
    return restatedCheck(sourceOf(now), "y", periodProfile(now), previous);
  }
  const inYears = (t: number) => t >= at(2023, 1) && t <= at(2024, 12);

  test("no change", async () => {
    const { check, restated } = await restate((_s, _t, v) => v);
    expect(check).toMatchObject({ status: "pass", count: 0, detail: "no change" });
    expect(restated).toMatchObject({ periods: 0, rows: 0, ofRows: 9 * 39, added: 0 });
  });

  test("of a region: months, rows, group, percent, and each row", async () => {
    const { check, restated } = await restate((s, t, v) => (s % 3 === 0 && inYears(t) ? 0.88 * v : v));
    expect(restated).toMatchObject({
      periods: 24,
      first: "2023-01",
      last: "2024-12",
      rows: 72,
      ofRows: 351,
      series: 3,
      attribute: "region",
      value: "north",
    });
    expect(restated.change).toBeCloseTo(-0.12);
    expect(restated.each).toBeCloseTo(-0.12);
    expect(check).toMatchObject({ status: "warn", count: 72 });
    expect(check.detail).toBe(
      "24 of 39 periods (2023-01 to 2024-12), 72 of 351 rows that the run of 2025Q1 saw (20.5%); 3 series, region north: −12%, each by about the same",
    );
    expect(check.findings).toHaveLength(72);
    expect(check.findings[0]).toMatchObject({
      series: "P10",
      period: START + at(2023, 1),
      column: "y",
      file: 0,
      value: expect.stringMatching(/^[\d.]+, [\d.]+ in the run of 2025Q1$/),
    });
  });

  test("of one series, in one month, with another sign, from zero, by different amounts", async () => {
    expect((await restate((s, _t, v) => (s === 4 ? 1.1 * v : v))).restated).toMatchObject({
      series: 1,
      rows: 39,
      attribute: null,
      examples: ["P14"],
    });
    expect((await restate((s, _t, v) => (s === 4 ? 1.1 * v : v))).check.detail).toContain(
      "1 series (P14): +10%, each",
    );
    expect((await restate((_s, t, v) => (t === 7 ? 2 * v : v))).restated).toMatchObject({
      periods: 1,
      first: "2022-08",
      last: "2022-08",
      rows: 9,
      attribute: null,
    });
    expect((await restate((s, _t, v) => (s % 3 === 1 ? -v : v))).check.detail).toContain(
      "region south: the other sign",
    );
    expect((await restate((s, t, v) => (s === 0 ? v * (1 + t / 100) : v))).restated.each).toBeNull();
    const zeros = withRegions(
      panelOf(
        series(9, (_s, t) => (START + t > CUT ? null : 0)),
        MONTHS,
        CUT,
      ),
    );
    expect((await restate((_s, _t, v) => v, zeros)).check.detail).toContain("from zero");
  });

  test("changes that leave the totals as they were are seen too", async () => {
    const { restated } = await restate((s, _t, v) => (s === 0 ? v + 5 : s === 1 ? v - 5 : v));
    expect(restated).toMatchObject({ rows: 78, series: 2 });
  });

  test("rows that are gone, and rows that came late", async () => {
    const gone = await restate((s, t, v) => (s === 2 && t < 12 ? null : v));
    expect(gone.restated).toMatchObject({ rows: 12, gone: 12, series: 1 });
    expect(gone.check.findings[0]).toMatchObject({
      file: null,
      series: "P12",
      value: expect.stringMatching(/^no value, /),
    });
    const holes = withRegions(
      panelOf(
        series(9, (s, t, v) => (START + t > CUT || (s === 2 && t === 12) ? null : v)),
        MONTHS,
        CUT,
      ),
    );
    const late = await restate((_s, _t, v) => v, holes);
    expect(late.restated).toMatchObject({ rows: 0, added: 1 });
    expect(late.check).toMatchObject({
      status: "warn",
      detail: "no change; 1 rows came that were not there then",
    });
  });

  test("noise of single precision, or of a sum in another order, is none", async () => {
    expect((await restate((_s, _t, v) => Math.fround(v))).check.status).toBe("pass");
    expect((await restate((_s, _t, v) => v * (1 + 3e-15))).check.status).toBe("pass");
  });

  test("a run that kept no rows is compared by its totals", () => {
    const now = withRegions(
      panelOf(
        series(9, (s, t, v) => (s === 0 && t < 5 ? 2 * v : v)),
        MONTHS,
        LAST,
      ),
    );
    const previous = { quarter: "2025Q1", profile: periodProfile(then), history: null };
    const { check, restated } = restatedCheck(sourceOf(now), "y", periodProfile(now), previous);
    expect(restated).toMatchObject({ periods: 5, rows: null, ofRows: null });
    expect(check).toMatchObject({ status: "warn", count: 5, findings: [] });
    expect(check.detail).toContain("that run kept no rows to compare");
  });

  test("the same panel is the same file, ids and gaps as they are", async () => {
    const odd = panelOf(
      ["007", "1e5", "NaN", "null", "é", "🏨"].map((id) => ({ id, start: START, values: [1, null, 3] })),
      MONTHS,
      LAST,
    );
    await writeHistory(odd, join(folder, "a.parquet"));
    await writeHistory(odd, join(folder, "b.parquet"));
    expect(await readFile(join(folder, "a.parquet"))).toEqual(await readFile(join(folder, "b.parquet")));
    const read = await readHistory(join(folder, "a.parquet"), odd);
    expect([...read.keys()]).toEqual([...odd.series]);
    const folded = await readHistory(join(folder, "a.parquet"), odd, { form: "number" });
    expect([...folded.keys()]).toEqual(["7", "100000", "NaN", "null", "é", "🏨"]);
    expect([...read.get("1e5")!]).toEqual([
      [START, 1],
      [START + 2, 3],
    ]);
  });
});

test("thousands with a point warn with their rows, decimal numbers do not", () => {
  const misread = (v: number) => (v >= 1000 ? v / 1000 : v);
  const whole = (s: number, v: number) => Math.round(v * (s % 2 === 0 ? 40 : 5));
  const sound = panelOf(
    series(16, (s, _t, v) => whole(s, v)),
    MONTHS,
    LAST,
  );
  expect(thousandsCheck(sourceOf(sound), "y")).toMatchObject({ status: "pass", count: 0 });
  const decimal = panelOf(series(16), MONTHS, LAST);
  expect(thousandsCheck(sourceOf(decimal), "y").status).toBe("pass");
  const last = panelOf(
    series(16, (s, t, v) => (t === LENGTH - 1 ? misread(whole(s, v)) : whole(s, v))),
    MONTHS,
    LAST,
  );
  const check = thousandsCheck(sourceOf(last), "y");
  const wrong = sound.target.filter((v, row) => v !== last.target[row]).length;
  expect(wrong).toBeGreaterThan(5);
  expect(check).toMatchObject({ id: "thousands-point", status: "warn", count: wrong });
  expect(check.findings.every(({ period, column }) => period === LAST && column === "y")).toBe(true);
});
