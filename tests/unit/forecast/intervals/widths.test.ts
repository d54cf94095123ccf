import { describe, expect, test } from "vitest";
import { conformalWidths } from "../../../../src/forecast/intervals/widths.js";
import { createRandom } from "../../../../src/stats/random.js";
import { foldOf } from "./support.js";

describe("conformalWidths", () => {
  test("each lead has the widths of its own absolute residuals, in units of the scale", () => {
    const residuals = Array.from({ length: 9 }, (_, i) => [(-1) ** i * (i + 1), 10 * (9 - i)]);
    expect(conformalWidths([foldOf({ origin: 0, residuals })], 0, 2, [0.9, 0.5])).toEqual({
      levels: [0.5, 0.9],
      halfWidths: [
        [
          [5, 50],
          [9, 90],
        ],
      ],
      residuals: [[9, 9]],
    });
  });

  test("a fold that is a horizon older counts half", () => {
    const old = foldOf({ origin: 0, residuals: Array.from({ length: 8 }, () => [4, 4]) });
    const latest = foldOf({ origin: 2, residuals: Array.from({ length: 4 }, () => [1, 1]) });
    const widths = (level: number) => conformalWidths([old, latest], 0, 2, [level]).halfWidths[0]![0]![0];
    // Weights 4 · 1 and 8 · ½, and 1 for what comes: the four hold 4/9, and not half.
    expect(widths(0.44)).toBe(1);
    expect(widths(0.45)).toBe(4);
    expect(conformalWidths([old, latest], 0, 2, [0.5]).residuals).toEqual([[8, 8]]);
  });

  test("a level that one lead has too few residuals for is left out, missing actuals count as none", () => {
    const residuals = Array.from({ length: 9 }, (_, i) => [1, i === 0 ? Number.NaN : 1]);
    expect(conformalWidths([foldOf({ origin: 0, residuals })], 0, 2, [0.8, 0.9])).toMatchObject({
      levels: [0.8],
      residuals: [[9, 8]],
    });
  });

  test("a segment with too few for one of the pool's levels has the pool's widths for all of them", () => {
    const segments = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1];
    const residuals = segments.map((segment, i) => [segment === 0 ? i + 1 : 100]);
    const {
      levels,
      halfWidths,
      residuals: counts,
    } = conformalWidths([foldOf({ origin: 0, segments, residuals })], 2, 1, [0.5, 0.9, 0.99]);
    expect(levels).toEqual([0.5, 0.9]);
    // Segment 1 could support 0.5 on its own, with a width of 100.
    expect(halfWidths).toEqual([
      [[5], [9]],
      [[7], [100]],
      [[7], [100]],
    ]);
    expect(counts).toEqual([[9], [12], [12]]);
  });

  test("without any fold no level is supported", () => {
    expect(conformalWidths([], 0, 2, [0.5])).toEqual({ levels: [], halfWidths: [[]], residuals: [[0, 0]] });
  });

  test("covers what it says, where the next residual comes from where the others came from", () => {
    const random = createRandom(3);
    const draw = () => (random.uniform() < 0.1 ? 5 : 1) * Math.log(random.uniform());
    const trials = 4000;
    const inside = new Map([0.5, 0.8, 0.9].map((level) => [level, 0]));
    for (let trial = 0; trial < trials; trial++) {
      const folds = [0, 1, 2].map((origin) =>
        foldOf({ origin, residuals: Array.from({ length: 6 }, () => [draw()]) }),
      );
      const next = Math.abs(draw());
      const { levels, halfWidths } = conformalWidths(folds, 0, 1, [...inside.keys()]);
      expect(levels).toEqual([...inside.keys()]);
      levels.forEach((level, l) => {
        if (next <= halfWidths[0]![l]![0]!) inside.set(level, inside.get(level)! + 1);
      });
    }
    for (const [level, count] of inside) {
      expect(count / trials).toBeGreaterThan(level - 0.015);
      expect(count / trials).toBeLessThan(level + 0.1);
    }
  });
});
