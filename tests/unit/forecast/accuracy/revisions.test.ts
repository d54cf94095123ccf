import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatedForecasts } from "../../../../src/forecast/accuracy/pairs.js";
import { revisionsBetween } from "../../../../src/forecast/accuracy/revisions.js";
import type { Row } from "./small-panel.js";

const made = (rows: readonly Row[]): DatedForecasts => ({
  cutoff: 0,
  series: rows.map((row) => row.series),
  period: rows.map((row) => row.period),
  forecast: rows.map((row) => row.y),
  intervals: [],
});

const firstLetter = (series: string) => series.slice(0, 1);

describe("revisions", () => {
  const before = made([
    { series: "a1", period: 1, y: 100 },
    { series: "a2", period: 1, y: 100 },
    { series: "b1", period: 1, y: 2 },
    { series: "gone", period: 1, y: 500 },
    { series: "a1", period: 0, y: 7 },
  ]);
  const after = made([
    { series: "a1", period: 1, y: 110 },
    { series: "a2", period: 1, y: 120 },
    { series: "b1", period: 1, y: 1 },
    { series: "new", period: 1, y: 900 },
    { series: "a1", period: 2, y: 8 },
    { series: "a2", period: 2, y: Number.NaN },
  ]);

  test("are over the series and months on both sides only", () => {
    const { totals } = revisionsBetween(before, after, firstLetter, 0);
    expect(totals).toEqual([{ period: 1, before: 202, after: 231, revision: 231 / 202 - 1, series: 3 }]);
  });

  test("are listed for every segment, and small ones can be left out of the maximum", () => {
    const all = revisionsBetween(before, after, firstLetter, 0);
    expect(all.segments.map((row) => [row.segment, row.before, row.after])).toEqual([
      ["a", 200, 230],
      ["b", 2, 1],
    ]);
    expect(all.maxSegmentRevision).toBe(0.5);
    const heavy = revisionsBetween(before, after, firstLetter, 0.01);
    expect(heavy.segments).toEqual(all.segments);
    expect(heavy.maxSegmentRevision).toBeCloseTo(0.15, 12);
  });

  test("keep a segment that was small and has grown", () => {
    const grown = made(
      [...before.series].map((series, at) => ({ series, period: 1, y: at === 2 ? 50 : 100 })),
    );
    expect(revisionsBetween(before, grown, firstLetter, 0.05).maxSegmentRevision).toBe(24);
  });

  test("are null, not infinite, where there was nothing before", () => {
    const nothing = revisionsBetween(
      made([{ series: "a", period: 1, y: 0 }]),
      made([{ series: "a", period: 1, y: 3 }]),
      firstLetter,
      0,
    );
    expect(nothing.totals[0]?.revision).toBeNull();
    expect(nothing.maxRevision).toBeNull();
  });

  test("of snapshots without a common month are empty", () => {
    const none = revisionsBetween(
      made([{ series: "a", period: 1, y: 1 }]),
      made([{ series: "a", period: 2, y: 1 }]),
      firstLetter,
      0,
    );
    expect(none).toEqual({ totals: [], segments: [], maxRevision: null, maxSegmentRevision: null });
  });

  test("agree with brute force", () => {
    const rows = fc.uniqueArray(
      fc.record({
        series: fc.constantFrom("a1", "a2", "b1", "b2", "c1"),
        period: fc.integer({ min: 1, max: 4 }),
        y: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Number.NaN)),
      }),
      { selector: (row) => `${row.series} ${row.period}` },
    );
    fc.assert(
      fc.property(rows, rows, (old, young) => {
        const common = young.flatMap((row) => {
          const match = old.find((other) => other.series === row.series && other.period === row.period);
          return match === undefined || Number.isNaN(match.y) || Number.isNaN(row.y)
            ? []
            : [{ segment: firstLetter(row.series), period: row.period, before: match.y, after: row.y }];
        });
        const sum = (part: typeof common) => ({
          before: part.reduce((total, row) => total + row.before, 0),
          after: part.reduce((total, row) => total + row.after, 0),
          series: part.length,
        });
        const result = revisionsBetween(made(old), made(young), firstLetter, 0);
        const periods = [1, 2, 3, 4].filter((period) => common.some((row) => row.period === period));
        expect(result.totals.map((row) => row.period)).toEqual(periods);
        for (const row of result.totals) {
          expect(row).toMatchObject(sum(common.filter((other) => other.period === row.period)));
        }
        for (const row of result.segments) {
          expect(row).toMatchObject(
            sum(common.filter((other) => other.period === row.period && other.segment === row.segment)),
          );
        }
        expect(result.segments.reduce((total, row) => total + row.series, 0)).toBe(common.length);
        const sizes = result.totals.flatMap((row) =>
          row.before === 0 ? [] : [Math.abs(row.after / row.before - 1)],
        );
        expect(result.maxRevision).toBe(sizes.length === 0 ? null : Math.max(...sizes));
      }),
    );
  });
});
