import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatedForecasts } from "../../../../src/forecast/accuracy/pairs.js";
import { scoreSnapshots } from "../../../../src/forecast/accuracy/report.js";
import { panelOf, type Row } from "./small-panel.js";

const JAN_2024 = 2024 * 12;
const [JAN, FEB, MAR] = [JAN_2024 + 12, JAN_2024 + 13, JAN_2024 + 14] as const;
const range = { first: JAN, last: MAR };

/** Two series with one year of history; `a` is 10 more every month than a year before. */
const history = (series: string, base: number): Row[] =>
  Array.from({ length: 12 }, (_, at) => ({ series, period: JAN_2024 + at, y: base + at }));
const rows: Row[] = [
  ...history("a", 100),
  { series: "a", period: JAN, y: 110 },
  { series: "a", period: FEB, y: 111 },
  ...history("b", 0),
  { series: "b", period: JAN, y: 4 },
];
const panel = panelOf(rows, MAR);

const snapshot = (
  cutoff: number,
  forecasts: readonly (Row & { lo?: number; hi?: number })[],
): DatedForecasts => ({
  cutoff,
  series: forecasts.map((row) => row.series),
  period: forecasts.map((row) => row.period),
  forecast: forecasts.map((row) => row.y),
  intervals: forecasts.some((row) => row.lo !== undefined)
    ? [
        {
          level: 0.8,
          lo: forecasts.map((row) => row.lo ?? Number.NaN),
          hi: forecasts.map((row) => row.hi ?? Number.NaN),
        },
      ]
    : [],
});

const december = snapshot(JAN - 1, [
  { series: "a", period: JAN, y: 105, lo: 100, hi: 110 },
  { series: "a", period: FEB, y: 121, lo: 115, hi: 130 },
  { series: "b", period: JAN, y: 4, lo: 4, hi: 5 },
  { series: "b", period: FEB, y: 7, lo: 6, hi: 8 },
]);
const january = snapshot(JAN, [{ series: "a", period: FEB, y: 113 }]);

const score = (snapshots: readonly DatedForecasts[], worst = 20) =>
  scoreSnapshots({ panel, snapshots, range, segmentOf: (id) => (id === "a" ? "big" : null), worst });

describe("a scored quarter", () => {
  const { report, allLeads, pairsOf } = score([january, december]);

  test("counts every pair once in the total, by the newest forecast", () => {
    // a: |110−105| + |111−113|, b: 0; the forecast of b for February has no actual.
    expect(report.total).toMatchObject({ n: 3, excluded: 1, absoluteError: 7, absoluteActual: 225 });
    expect(report.total.wmape).toBeCloseTo(7 / 225, 12);
    expect(report.total.bias).toBeCloseTo((-5 + 2 + 0) / 225, 12);
  });

  test("divides by the scale at each snapshot's own cutoff", () => {
    // In December no series has a full season behind it; in January a has |110 − 100| = 10.
    expect(report.total.mase).toBeCloseTo(2 / 10, 12);
  });

  test("scores the seasonal naive forecast on the same pairs", () => {
    // a: 100 for 110, 101 for 111; b: 0 for 4.
    expect(report.naive).toMatchObject({ n: 3, excluded: 1, absoluteError: 24 });
    expect(report.naive.bias).toBeCloseTo(-24 / 225, 12);
  });

  test("has a row a segment, with the unassigned ones apart", () => {
    expect(report.bySegment.map(({ key, n, excluded }) => [key, n, excluded])).toEqual([
      ["big", 2, 0],
      ["unassigned", 1, 1],
    ]);
  });

  test("has a row a period", () => {
    expect(report.byPeriod.map(({ key, n, absoluteError }) => [key, n, absoluteError])).toEqual([
      ["2025-01", 2, 5],
      ["2025-02", 1, 2],
    ]);
  });

  test("has a row a lead over all snapshots", () => {
    expect(report.byLead.map(({ key, n, absoluteError }) => [key, n, absoluteError])).toEqual([
      ["1", 3, 7],
      ["2", 1, 10],
    ]);
    expect(allLeads).toMatchObject({ n: 4, absoluteError: 17 });
  });

  test("names the worst series with their share of the error", () => {
    expect(report.worstSeries.map(({ key, share, segment }) => [key, share, segment])).toEqual([
      ["a", 1, "big"],
      ["b", 0, null],
    ]);
    expect(score([december], 1).report.worstSeries.map(({ key }) => key)).toEqual(["a"]);
  });

  test("measures coverage over the pairs whose snapshot has the interval, ends included", () => {
    expect(report.coverage).toEqual([{ level: 0.8, observed: 1, n: 2 }]);
    expect(score([december]).report.coverage).toEqual([{ level: 0.8, observed: 2 / 3, n: 3 }]);
  });

  test("says how many pairs each snapshot gave, newest first", () => {
    expect(pairsOf).toEqual([
      { snapshot: january, all: 1, latest: 1 },
      { snapshot: december, all: 3, latest: 2 },
    ]);
  });
});

test("without a snapshot nothing is scored, and nothing is zero", () => {
  const { report, allLeads } = score([]);
  const nothing = { n: 0, wmape: null, bias: null, mase: null };
  expect(report.total).toMatchObject({ ...nothing, excluded: 3 });
  expect(report.naive).toMatchObject(nothing);
  expect(allLeads).toMatchObject({ ...nothing, excluded: 0 });
  expect(report).toMatchObject({ byLead: [], worstSeries: [], coverage: [] });
});

test("groups add up to the total, whatever the forecasts", () => {
  const forecasts = fc.uniqueArray(
    fc.record({
      series: fc.constantFrom("a", "b", "c"),
      period: fc.integer({ min: JAN, max: MAR }),
      y: fc.integer({ min: -50, max: 200 }),
    }),
    { selector: (row) => `${row.series} ${row.period}` },
  );
  fc.assert(
    fc.property(forecasts, forecasts, (first, second) => {
      const { report } = score([snapshot(JAN - 1, first), snapshot(JAN - 3, second)], 1000);
      for (const groups of [report.bySegment, report.byPeriod]) {
        for (const field of ["n", "excluded", "absoluteError", "absoluteActual"] as const) {
          expect(groups.reduce((sum, group) => sum + group[field], 0)).toBe(report.total[field]);
        }
      }
      const shares = report.worstSeries.reduce((sum, series) => sum + series.share, 0);
      expect(shares).toBeCloseTo(report.total.absoluteError === 0 ? 0 : 1, 12);
      expect(report.naive.n + report.naive.excluded).toBe(report.total.n + report.total.excluded);
    }),
  );
});
