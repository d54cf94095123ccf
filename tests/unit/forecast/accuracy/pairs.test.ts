import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Actuals } from "../../../../src/forecast/accuracy/actuals.js";
import { type DatedForecasts, latestPairs, pairsByLead } from "../../../../src/forecast/accuracy/pairs.js";
import { panelOf, type Row } from "./small-panel.js";

const P = 24_000;
const range = { first: P + 3, last: P + 5 };

interface Snapshot extends DatedForecasts {
  readonly name: string;
}

function snapshot(name: string, cutoff: number, rows: readonly Row[]): Snapshot {
  return {
    name,
    cutoff,
    series: rows.map((row) => row.series),
    period: rows.map((row) => row.period),
    forecast: rows.map((row) => row.y),
    intervals: [],
  };
}

const told = (pairs: readonly { series: string; period: number; actual: number; forecast: number }[]) =>
  pairs.map(({ series, period, actual, forecast }) => [series, period - P, actual, forecast]);

describe("the latest pairs", () => {
  const actuals = new Actuals(
    panelOf(
      [
        { series: "a", period: P + 3, y: 10 },
        { series: "a", period: P + 4, y: 20 },
        { series: "b", period: P + 3, y: 30 },
      ],
      P + 5,
    ),
  );

  test("take the newest snapshot that was made before the period", () => {
    const old = snapshot("old", P, [
      { series: "a", period: P + 3, y: 1 },
      { series: "a", period: P + 4, y: 2 },
    ]);
    const recent = snapshot("recent", P + 3, [
      { series: "a", period: P + 3, y: 10 },
      { series: "a", period: P + 4, y: 3 },
    ]);
    expect(told(latestPairs(actuals, [old, recent], range))).toEqual([
      ["a", 3, 10, 1],
      ["a", 4, 20, 3],
      ["b", 3, 30, Number.NaN],
    ]);
  });

  test("keep forecasts without an actual and series that the panel does not have", () => {
    const made = snapshot("s", P + 2, [
      { series: "z", period: P + 3, y: 5 },
      { series: "b", period: P + 5, y: 6 },
      { series: "b", period: P + 6, y: 7 },
    ]);
    expect(told(latestPairs(actuals, [made], range))).toEqual([
      ["a", 3, 10, Number.NaN],
      ["a", 4, 20, Number.NaN],
      ["b", 3, 30, Number.NaN],
      ["b", 5, Number.NaN, 6],
      ["z", 3, Number.NaN, 5],
    ]);
  });

  test("let the first of two snapshots with one cutoff win", () => {
    const ours = snapshot("ours", P + 2, [{ series: "a", period: P + 3, y: 1 }]);
    const theirs = snapshot("theirs", P + 2, [{ series: "a", period: P + 3, y: 2 }]);
    expect(latestPairs(actuals, [ours, theirs], range)[0]?.from?.forecasts.name).toBe("ours");
    expect(latestPairs(actuals, [theirs, ours], range)[0]?.from?.forecasts.name).toBe("theirs");
  });
});

describe("pairs by lead", () => {
  test("count an unforecast actual only where the snapshot covers the period", () => {
    const actuals = new Actuals(
      panelOf(
        ["a", "b"].flatMap((series) => [3, 4, 5].map((at) => ({ series, period: P + at, y: at }))),
        P + 5,
      ),
    );
    const made = snapshot("s", P + 2, [
      { series: "a", period: P + 3, y: 1 },
      { series: "a", period: P + 4, y: 1 },
    ]);
    expect(pairsByLead(actuals, [made], range).map(({ lead, pairs }) => [lead, told(pairs)])).toEqual([
      [
        1,
        [
          ["a", 3, 3, 1],
          ["b", 3, 3, Number.NaN],
        ],
      ],
      [
        2,
        [
          ["a", 4, 4, 1],
          ["b", 4, 4, Number.NaN],
        ],
      ],
    ]);
  });
});

describe("against brute force", () => {
  const series = fc.constantFrom("a", "b", "c");
  const number = fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constant(Number.NaN));
  const rowsOf = (min: number, max: number) =>
    fc.uniqueArray(fc.record({ series, period: fc.integer({ min: P + min, max: P + max }), y: number }), {
      selector: (row) => `${row.series} ${row.period}`,
      maxLength: 20,
    });
  const snapshots = fc.uniqueArray(
    fc.record({ cutoff: fc.integer({ min: P - 2, max: P + 5 }), rows: rowsOf(-2, 9) }),
    { selector: (made) => made.cutoff, maxLength: 4 },
  );

  test("every (series, period) is there once, by the newest usable forecast", () => {
    fc.assert(
      fc.property(rowsOf(0, 5), snapshots, (rows, made) => {
        const actuals = new Actuals(panelOf(rows, P + 5));
        const given = made.map(({ cutoff, rows: forecasts }) => snapshot(String(cutoff), cutoff, forecasts));
        const expected: unknown[] = [];
        for (const id of ["a", "b", "c"]) {
          for (let period = range.first; period <= range.last; period++) {
            const actual = rows.find((row) => row.series === id && row.period === period)?.y ?? Number.NaN;
            const usable = made
              .filter(({ cutoff }) => cutoff < period)
              .sort((x, y) => y.cutoff - x.cutoff)
              .flatMap((one) => one.rows.filter((row) => row.series === id && row.period === period))
              .map((row) => row.y)
              .filter((y) => !Number.isNaN(y));
            const forecast = usable[0] ?? Number.NaN;
            if (!Number.isNaN(actual) || !Number.isNaN(forecast))
              expected.push([id, period - P, actual, forecast]);
          }
        }
        const got = told(latestPairs(actuals, given, range));
        expect(new Set(got.map(String))).toEqual(new Set(expected.map(String)));
        expect(got).toHaveLength(expected.length);
      }),
    );
  });

  test("leads hold every usable forecast of every snapshot once", () => {
    fc.assert(
      fc.property(rowsOf(0, 5), snapshots, (rows, made) => {
        const actuals = new Actuals(panelOf(rows, P + 5));
        const given = made.map(({ cutoff, rows: forecasts }) => snapshot(String(cutoff), cutoff, forecasts));
        const expected = made.flatMap(({ cutoff, rows: forecasts }) =>
          forecasts
            .filter((row) => row.period > cutoff && row.period >= range.first && row.period <= range.last)
            .filter((row) => !Number.isNaN(row.y))
            .map((row) => `${row.period - cutoff}: ${row.series} ${row.period} ${row.y}`),
        );
        const got = pairsByLead(actuals, given, range).flatMap(({ lead, pairs }) =>
          pairs
            .filter((pair) => pair.from !== null)
            .map((pair) => `${lead}: ${pair.series} ${pair.period} ${pair.forecast}`),
        );
        expect(got.sort()).toEqual(expected.sort());
      }),
    );
  });
});
