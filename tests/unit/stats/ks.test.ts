import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binomialPmf } from "../../../src/stats/binomial.js";
import { kolmogorovSurvival } from "../../../src/stats/kolmogorov.js";
import { ksTwoSample } from "../../../src/stats/ks.js";

interface Vectors {
  readonly ks2samp: readonly { x: number[]; y: number[]; statistic: number; p: number }[];
  /** n1, n2, shift, D, p */
  readonly formula: readonly (readonly [number, number, number, number, number])[];
  /** n, d, p */
  readonly kstwo: readonly (readonly [number, number, number])[];
}
const scipy = JSON.parse(readFileSync(new URL("./scipy-vectors.json", import.meta.url), "utf8")) as Vectors;

const linspace = (from: number, to: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
const repeat = (...counts: [value: number, count: number][]): number[] =>
  counts.flatMap(([value, count]) => new Array<number>(count).fill(value));
const relative = (value: number, expected: number): number => Math.abs(value - expected) / expected;

describe("scipy's own test vectors", () => {
  test("two against three", () => {
    expect(ksTwoSample([1.01, 2.01], [1, 2, 3])).toMatchObject({ method: "exact", n1: 2, n2: 3 });
    expect(ksTwoSample([1.01, 2.01], [1, 2, 3]).statistic).toBeCloseTo(1 / 3, 15);
    expect(ksTwoSample([1.01, 2.01], [1, 2, 3]).p).toBeCloseTo(1, 14);
    expect(ksTwoSample([0.99, 1.99], [1, 2, 3]).statistic).toBeCloseTo(2 / 3, 15);
    expect(ksTwoSample([0.99, 1.99], [1, 2, 3]).p).toBeCloseTo(0.6, 14);
  });

  test("100 against 110", () => {
    const { statistic, p } = ksTwoSample(
      linspace(1, 100, 100),
      linspace(1, 100, 110).map((value) => value + 20.1),
    );
    expect(statistic).toBeCloseTo(232 / 1100, 14);
    expect(relative(p, 0.015739183865607353)).toBeLessThan(1e-12);
    expect(
      relative(kolmogorovSurvival(232 / 1100, Math.round((100 * 110) / 210)), 0.0165414195402),
    ).toBeLessThan(1e-11);
  });

  test("ties", () => {
    const x = repeat([2, 3], [3, 4], [5, 5], [6, 4]);
    const { statistic, p } = ksTwoSample(
      x,
      x.map((value) => value + 1),
    );
    expect(statistic).toBe(5 / 16);
    expect(relative(p, 0.4262934613454952)).toBeLessThan(1e-12);
    expect(relative(kolmogorovSurvival(5 / 16, 8), 0.341803714633)).toBeLessThan(1e-11);
  });

  test.each([
    [3, 0.1],
    [4, 0.0285714285714],
    [6, 0.0021645021645],
  ])("the smallest possible p at %i a side", (n, smallest) => {
    const { statistic, p } = ksTwoSample(linspace(0, 1, n), linspace(2, 3, n));
    expect(statistic).toBe(1);
    expect(p).toBeCloseTo(smallest, 12);
  });
});

describe("scipy.stats.ks_2samp", () => {
  test("small samples, with and without ties", () => {
    for (const { x, y, statistic, p } of scipy.ks2samp) {
      const found = ksTwoSample(x, y);
      expect(found.statistic).toBeCloseTo(statistic, 14);
      expect(relative(found.p, p)).toBeLessThan(1e-9);
    }
  });

  test.each(scipy.formula)("%i against %i, shift %f", (n1, n2, shift, statistic, p) => {
    const x = Float64Array.from({ length: n1 }, (_, i) => ((i + 1) * ((Math.sqrt(5) - 1) / 2)) % 1);
    const y = Float64Array.from({ length: n2 }, (_, i) => (((i + 1) * Math.SQRT2) % 1) + shift);
    const found = ksTwoSample(x, y);
    expect(found.method).toBe(Math.max(n1, n2) <= 10_000 ? "exact" : "asymptotic");
    expect(found.statistic).toBeCloseTo(statistic, 12);
    expect(relative(found.p, p)).toBeLessThan(1e-9);
  });
});

describe("brute force", () => {
  /** Every way to choose which n1 of the pooled values are the first sample. */
  function permutationP(n1: number, n2: number, atLeast: number): number {
    const ranks = Array.from({ length: n1 + n2 }, (_, i) => i);
    let [hits, all] = [0, 0];
    for (let mask = 0; mask < 1 << (n1 + n2); mask++) {
      const first = ranks.filter((i) => mask & (1 << i));
      if (first.length !== n1) continue;
      const second = ranks.filter((i) => !(mask & (1 << i)));
      const distances = ranks.map((r) =>
        Math.abs(first.filter((i) => i <= r).length / n1 - second.filter((i) => i <= r).length / n2),
      );
      all++;
      if (Math.max(...distances) >= atLeast - 1e-12) hits++;
    }
    return hits / all;
  }

  test.each([
    [1, 4],
    [2, 5],
    [3, 3],
    [4, 6],
    [5, 5],
  ])("exact p of every reachable D at %i against %i", (n1, n2) => {
    const total = n1 + n2;
    for (let mask = 1; mask < 1 << total; mask += 3) {
      const x = Array.from({ length: total }, (_, i) => i).filter((i) => mask & (1 << i));
      if (x.length !== n1) continue;
      const y = Array.from({ length: total }, (_, i) => i).filter((i) => !(mask & (1 << i)));
      const { statistic, p } = ksTwoSample(x, y);
      expect(p).toBeCloseTo(permutationP(n1, n2, statistic), 12);
    }
  });
});

describe("properties", () => {
  const sample = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 30 });

  test("D is the largest distance of the two distribution functions", () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const below = (values: number[], at: number) => values.filter((v) => v <= at).length / values.length;
        const largest = Math.max(...[...x, ...y].map((at) => Math.abs(below(x, at) - below(y, at))));
        expect(ksTwoSample(x, y).statistic).toBeCloseTo(largest, 12);
      }),
    );
  });

  test("the order of values and of samples does not matter, and p is a probability", () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const { statistic, p } = ksTwoSample(x, y);
        const swapped = ksTwoSample([...y].reverse(), x);
        expect(swapped.statistic).toBe(statistic);
        expect(swapped.p).toBeCloseTo(p, 12);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("equal samples have D = 0 and p = 1", () => {
    fc.assert(
      fc.property(sample, (x) => {
        expect(ksTwoSample(x, x)).toMatchObject({ statistic: 0, p: 1 });
      }),
    );
  });
});

describe("kolmogorovSurvival", () => {
  test("agrees with scipy.stats.kstwo.sf over every method's range", () => {
    for (const [n, d, p] of scipy.kstwo) {
      // Above n = 100,000 the tail is an expansion to the order 1/n.
      expect(relative(kolmogorovSurvival(d, n), p), `n ${n}, d ${d}`).toBeLessThan(n > 100_000 ? 1e-6 : 1e-9);
    }
  });

  test("falls in d across the seams between methods", () => {
    for (const n of [7, 139, 141, 3000, 99_999, 100_001]) {
      let last = 1;
      for (let z = 0.05; z < 4; z += n > 10_000 ? 0.15 : 0.01) {
        const p = kolmogorovSurvival(z / Math.sqrt(n), n);
        expect(p).toBeLessThanOrEqual(last + 1e-12);
        last = p;
      }
    }
  });

  test("ends", () => {
    expect(kolmogorovSurvival(0, 10)).toBe(1);
    expect(kolmogorovSurvival(1, 10)).toBe(0);
  });
});

test("samples that cannot be compared are refused", () => {
  expect(() => ksTwoSample([], [1])).toThrow(RangeError);
  expect(() => ksTwoSample([1], [])).toThrow(RangeError);
  expect(() => ksTwoSample([1, Number.NaN], [1])).toThrow(RangeError);
});

describe("binomialPmf", () => {
  test("agrees with products for small n", () => {
    for (const n of [1, 2, 9, 30]) {
      for (const p of [0.001, 0.2, 0.5, 0.97]) {
        for (let k = 0; k <= n; k++) {
          let exact = (1 - p) ** (n - k);
          for (let i = 1; i <= k; i++) exact *= (p * (n - k + i)) / i;
          expect(relative(binomialPmf(k, n, p), exact)).toBeLessThan(1e-12);
        }
      }
    }
  });
  test("sums to 1 for large n", () => {
    let sum = 0;
    for (let k = 0; k <= 20_000; k++) sum += binomialPmf(k, 20_000, 0.3);
    expect(sum).toBeCloseTo(1, 12);
  });
  test("certain events", () => {
    expect([binomialPmf(0, 5, 0), binomialPmf(1, 5, 0), binomialPmf(5, 5, 1), binomialPmf(4, 5, 1)]).toEqual([
      1, 0, 1, 0,
    ]);
  });
});
