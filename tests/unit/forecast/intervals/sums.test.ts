import { describe, expect, test } from "vitest";
import { sumIntervals } from "../../../../src/forecast/intervals/sums.js";
import type { HonestFold } from "../../../../src/forecast/intervals/widths.js";
import { createRandom } from "../../../../src/stats/random.js";
import { foldOf } from "./support.js";

const flat = { levels: [0.5], halfWidths: [[[1, 1]]], residuals: [[9, 9]] };
const segments = (...codes: number[]) => ({
  ids: [...new Set(codes)].sort().map((code) => `s${code}`),
  codes: Int32Array.from(codes),
});
const options = (change: Partial<Parameters<typeof sumIntervals>[1]>) => ({
  horizon: 2,
  levels: [0.8],
  nonNegative: false,
  pool: flat,
  segments: segments(0, 0),
  unit: Float64Array.of(1, 1),
  ...change,
});

describe("sumIntervals", () => {
  test("errors that cancel make the sum's interval narrow, errors that agree make it the sum of the series'", () => {
    const folds = (sign: number) =>
      [0, 1].map(() =>
        foldOf({
          origin: 0,
          residuals: [
            [3, 5],
            [3 * sign, 5 * sign],
          ],
        }),
      );
    const half = (sign: number) => sumIntervals(folds(sign), options({})).groups[0]!.halfWidths;
    expect(half(-1)).toEqual([[0, 0]]);
    // |Σ| is 6 and 10 in units of 2; the second largest of four holds 80%.
    expect(half(1)).toEqual([[10, 10]]);
  });

  test("residuals of all leads are pooled, each in units of a series' error at its lead", () => {
    const folds = [0, 1].map(() =>
      foldOf({
        origin: 0,
        residuals: [
          [1, 3],
          [1, 3],
        ],
      }),
    );
    const growing = { ...flat, halfWidths: [[[1, 3]]] };
    expect(sumIntervals(folds, options({ pool: growing })).groups[0]!.halfWidths).toEqual([[2, 6]]);
  });

  test("a level that too few residuals carry is left out with how many there are, where older folds count half", () => {
    const folds = [0, 2].map((origin) => foldOf({ origin, residuals: [[1, 1]] }));
    const one = options({ levels: [0.5, 0.8, 0.95], segments: segments(0), unit: Float64Array.of(1) });
    const { groups, leftOut } = sumIntervals(folds, one);
    expect(groups[0]!.levels).toEqual([0.5]);
    expect(leftOut).toEqual([
      { level: 0.8, have: 3, need: 4 },
      { level: 0.95, have: 3, need: 19 },
    ]);
  });

  test("each segment has its own, of its own series; a pair without actual or forecast is in no sum", () => {
    const residuals = [
      [1, 1],
      [Number.NaN, Number.NaN],
      [8, 8],
    ];
    const folds = [0, 1].map(() => foldOf({ origin: 0, residuals }));
    const three = options({ segments: segments(0, 0, 1), unit: Float64Array.of(1, 1, 1) });
    const { groups } = sumIntervals(folds, three);
    expect(groups.map(({ segment, halfWidths }) => [segment, halfWidths])).toEqual([
      [null, [[13.5, 13.5]]],
      ["s0", [[2, 2]]],
      ["s1", [[8, 8]]],
    ]);
  });

  test("a series that has ended adds nothing to the sum at the cutoff", () => {
    const folds = [0, 1].map(() =>
      foldOf({
        origin: 0,
        residuals: [
          [2, 2],
          [2, 2],
        ],
      }),
    );
    const ended = options({ unit: Float64Array.of(1, Number.NaN) });
    expect(sumIntervals(folds, ended).groups[0]!.halfWidths).toEqual([[2, 2]]);
  });

  test("without any fold there is no level", () => {
    expect(sumIntervals([], options({})).groups).toEqual([{ segment: null, levels: [], halfWidths: [] }]);
  });

  test.each([
    ["independent", 0],
    ["half in common", 0.7],
    ["in common", 1],
  ])("covers the next sum as often as it says: errors %s", (_, common) => {
    const random = createRandom(7);
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    const series = 20;
    const draw = () => {
      const shared = [normal(), normal()];
      return Array.from({ length: series }, () =>
        shared.map((one) => common * one + Math.sqrt(1 - common ** 2) * normal()),
      );
    };
    let inside = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const folds: HonestFold[] = [0, 1, 2].map(() => foldOf({ origin: 0, residuals: draw() }));
      const all = {
        segments: segments(...Array.from({ length: series }, () => 0)),
        unit: new Float64Array(series).fill(1),
      };
      const [half] = sumIntervals(folds, options({ levels: [0.8], ...all })).groups[0]!.halfWidths;
      const next = draw().reduce((sum, [first]) => sum + first!, 0);
      if (Math.abs(next) <= half![0]!) inside++;
    }
    // Six residuals carry 6/7 at the sixth: the share lies between 80% and 86%, with 2% of noise.
    expect(inside / rounds).toBeGreaterThan(0.78);
    expect(inside / rounds).toBeLessThan(0.92);
  });
});
