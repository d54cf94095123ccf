import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { benjaminiHochberg, bonferroni, holm } from "../../../src/stats/corrections.js";

const scipy = JSON.parse(readFileSync(new URL("./scipy-vectors.json", import.meta.url), "utf8")) as {
  readonly fdr: { readonly p: number[]; readonly bh: number[] };
};
const published = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
  0.759, 1,
];
const rejected = (adjusted: readonly number[]): number => adjusted.filter((p) => p <= 0.05).length;

describe("the example of Benjamini & Hochberg (1995)", () => {
  test("BH rejects 4, Bonferroni 3", () => {
    const adjusted = benjaminiHochberg(published);
    expect(adjusted.slice(0, 4).map((p) => p.toFixed(4))).toEqual(["0.0015", "0.0030", "0.0095", "0.0356"]);
    expect(rejected(adjusted)).toBe(4);
    expect(rejected(bonferroni(published))).toBe(3);
    expect(rejected(holm(published))).toBe(3);
  });

  test("scipy.stats.false_discovery_control", () => {
    const adjusted = benjaminiHochberg(scipy.fdr.p);
    adjusted.forEach((p, i) => {
      expect(p).toBeCloseTo(scipy.fdr.bh[i]!, 14);
    });
  });
});

test("Holm's steps, in the order of the input", () => {
  expect(holm([0.04, 0.01, 0.03, 0.005]).map((p) => Number(p.toFixed(10)))).toEqual([0.06, 0.03, 0.06, 0.02]);
});

describe("properties", () => {
  const family = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

  test("p ≤ BH ≤ Holm ≤ Bonferroni ≤ 1", () => {
    fc.assert(
      fc.property(family, (p) => {
        const [bh, step, strict] = [benjaminiHochberg(p), holm(p), bonferroni(p)];
        p.forEach((value, i) => {
          expect(bh[i]).toBeGreaterThanOrEqual(value);
          expect(step[i]!).toBeGreaterThanOrEqual(bh[i]! - 1e-12);
          expect(strict[i]!).toBeGreaterThanOrEqual(step[i]!);
          expect(strict[i]).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  test("BH by its definition: adjusted p ≤ α exactly for the tests that the step-up rule rejects", () => {
    fc.assert(
      fc.property(family, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (p, alpha) => {
        const sorted = [...p].sort((a, b) => a - b);
        const rank = sorted.findLastIndex((value, i) => value * (p.length / (i + 1)) <= alpha);
        expect(benjaminiHochberg(p).filter((value) => value <= alpha).length).toBe(rank + 1);
      }),
    );
  });

  test("a family in another order gives the same values", () => {
    fc.assert(
      fc.property(family, (p) => {
        expect(benjaminiHochberg([...p].reverse()).reverse()).toEqual(benjaminiHochberg(p));
        expect(holm([...p].reverse()).reverse()).toEqual(holm(p));
      }),
    );
  });
});

test("an empty family has no values; what is no probability is refused", () => {
  expect(benjaminiHochberg([])).toEqual([]);
  for (const adjust of [benjaminiHochberg, bonferroni, holm]) {
    expect(() => adjust([0.1, Number.NaN])).toThrow(RangeError);
    expect(() => adjust([1.1])).toThrow(RangeError);
  }
});
