import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PairedErrors, pairedBootstrap } from "../../../src/stats/bootstrap.js";
import { createRandom } from "../../../src/stats/random.js";

const errors: PairedErrors = {
  candidate: [1, 4, 2, 0, 3, 6],
  champion: [2, 3, 5, 1, 3, 9],
  actual: [10, 30, 20, 5, 15, 40],
};

test("the difference is WMAPE against WMAPE on the same pairs", () => {
  const found = pairedBootstrap(errors, { seed: 1 })!;
  expect(found.difference).toBeCloseTo(16 / 120 - 23 / 120, 14);
  expect(found).toMatchObject({ level: 0.95, n: 6 });
  expect(found.lo).toBeLessThan(found.difference);
  expect(found.hi).toBeGreaterThan(found.difference);
});

test("all resamples of three series, counted out", () => {
  const three: PairedErrors = { candidate: [1, 2, 6], champion: [2, 2, 3], actual: [10, 10, 10] };
  const all: number[] = [];
  for (const a of [-1, 0, 3])
    for (const b of [-1, 0, 3]) for (const c of [-1, 0, 3]) all.push((a + b + c) / 30);
  all.sort((a, b) => a - b);
  const found = pairedBootstrap(three, { seed: 5, level: 0.8, resamples: 20_000 })!;
  // 10% of 27 resamples lie below the third smallest, which is −2/30; 90% below the 25th, 6/30.
  expect(all[2]).toBeCloseTo(found.lo, 12);
  expect(all[24]).toBeCloseTo(found.hi, 12);
});

test("the interval covers the true difference about as often as it says", () => {
  const random = createRandom(11);
  let inside = 0;
  for (let trial = 0; trial < 200; trial++) {
    const series = Array.from({ length: 60 }, () => ({
      actual: 50 + 100 * random.uniform(),
      gain: 4 * random.uniform() - 1,
    }));
    const found = pairedBootstrap(
      {
        candidate: series.map(({ gain }) => 10 - gain),
        champion: series.map(() => 10),
        actual: series.map(({ actual }) => actual),
      },
      { seed: trial, level: 0.9, resamples: 400 },
    )!;
    if (found.lo <= -0.01 && -0.01 <= found.hi) inside++;
  }
  expect(inside / 200).toBeGreaterThan(0.83);
  expect(inside / 200).toBeLessThan(0.96);
});

describe("determinism", () => {
  test("a seed decides the interval; another seed gives another", () => {
    const of = (seed: number) => pairedBootstrap(errors, { seed, resamples: 300 });
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });
});

test("equal models have an interval of zero width at zero", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 }), (same) => {
      const found = pairedBootstrap(
        { candidate: same, champion: same, actual: same },
        { seed: 1, resamples: 50 },
      );
      expect(found).toMatchObject({ difference: 0, lo: 0, hi: 0 });
    }),
  );
});

test("null without volume; resamples without volume are left out", () => {
  expect(pairedBootstrap({ candidate: [1], champion: [2], actual: [0] }, { seed: 1 })).toBeNull();
  expect(pairedBootstrap({ candidate: [], champion: [], actual: [] }, { seed: 1 })).toBeNull();
  const mostlyZero = pairedBootstrap(
    { candidate: [1, 0, 0], champion: [2, 0, 0], actual: [4, 0, 0] },
    { seed: 1 },
  )!;
  expect(mostlyZero).toMatchObject({ difference: -0.25, lo: -0.25, hi: -0.25 });
});

test("lists that do not pair are refused", () => {
  expect(() => pairedBootstrap({ candidate: [1], champion: [1, 2], actual: [1, 2] }, { seed: 1 })).toThrow(
    RangeError,
  );
  expect(() => pairedBootstrap({ candidate: [Number.NaN], champion: [1], actual: [1] }, { seed: 1 })).toThrow(
    RangeError,
  );
  expect(() => pairedBootstrap(errors, { seed: 1, level: 1 })).toThrow(RangeError);
});
