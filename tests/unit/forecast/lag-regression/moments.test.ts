import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { centreOnLastSeason, LagMoments } from "../../../../src/forecast/lag-regression/moments.js";

const values = fc.array(
  fc.oneof({ weight: 8, arbitrary: fc.double({ min: -9, max: 9, noNaN: true }) }, fc.constant(Number.NaN)),
  {
    maxLength: 40,
  },
);

/** Σ v vᵀ over explicit rows. */
function bruteForce(
  series: Float64Array,
  features: readonly Float64Array[],
  lags: number,
  [first, end]: readonly [number, number],
  season: number | null,
): { rows: number; at: (i: number, j: number) => number } {
  const rows: number[][] = [];
  for (let t = Math.max(first, lags); t < end; t++) {
    const window = [...series.subarray(t - lags, t + 1)];
    if (window.some(Number.isNaN)) continue;
    const level = season === null ? 0 : window.slice(-season - 1, -1).reduce((a, b) => a + b, 0) / season;
    rows.push([...window.map((value) => value - level), 1, ...features.map((feature) => feature[t]!)]);
  }
  return { rows: rows.length, at: (i, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0) };
}

describe("moments", () => {
  test.each([null, 2])(
    "are those of the explicit rows, with gaps, parts and features (centred: %j)",
    (season) => {
      const cases = fc.tuple(values, fc.integer({ min: 2, max: 5 }), fc.nat(40), fc.nat(40));
      fc.assert(
        fc.property(cases, ([numbers, lags, a, b]) => {
          const series = Float64Array.from(numbers);
          const features = [1, 2].map((f) => series.map((_, t) => ((t * f * 7) % 5) - 2));
          const part = [Math.min(a, b, series.length), Math.min(Math.max(a, b), series.length)] as const;
          const raw = new LagMoments(lags, 2);
          raw.addSeries(series, features, ...part);
          const moments = season === null ? raw : centreOnLastSeason(raw, season);
          const expected = bruteForce(series, features, lags, part, season);
          expect(moments.rows).toBe(expected.rows);
          for (let i = 0; i < moments.width; i++) {
            for (let j = 0; j < moments.width; j++)
              expect(moments.at(i, j)).toBeCloseTo(expected.at(i, j), 8);
          }
        }),
      );
    },
  );

  test("of parts add up to those of the whole", () => {
    const series = Float64Array.from({ length: 30 }, (_, t) => (t === 11 ? Number.NaN : (t * 13) % 7));
    const whole = new LagMoments(3, 0);
    whole.addSeries(series, [], 0, 30);
    const sum = new LagMoments(3, 0);
    for (const [first, end] of [
      [0, 9],
      [9, 10],
      [10, 22],
      [22, 30],
    ] as const) {
      const part = new LagMoments(3, 0);
      part.addSeries(series, [], first, end);
      sum.add(part);
    }
    expect(sum.rows).toBe(whole.rows);
    expect([...sum.products]).toEqual([...whole.products]);
  });
});
