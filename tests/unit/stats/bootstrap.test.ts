import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PairedErrors, pairedBootstrap } from "../../../src/stats/bootstrap.js";
import { createRandom, type Random } from "../../../src/stats/random.js";

const errors: PairedErrors = {
  candidate: [1, 4, 2, 0, 3, 6],
  champion: [2, 3, 5, 1, 3, 9],
  actual: [10, 30, 20, 5, 15, 40],
};

test("the difference is WMAPE against WMAPE on the same pairs, in the middle of the interval", () => {
  const found = pairedBootstrap(errors, { seed: 1, level: 0.8 })!;
  expect(found.difference).toBeCloseTo(16 / 120 - 23 / 120, 14);
  expect(found).toMatchObject({ level: 0.8, n: 6 });
  const { lo, hi } = found.interval!;
  expect((lo + hi) / 2).toBeCloseTo(found.difference, 12);
  expect(lo).toBeLessThan(found.difference);
});

test("all resamples of four series, counted out", () => {
  const four: PairedErrors = { candidate: [1, 2, 6, 9], champion: [2, 2, 3, 7], actual: [10, 12, 9, 30] };
  const gain = [-1, 0, 3, 2];
  const [total, size] = [4, 61];
  const ratio = total / size;
  const residual = gain.map((value, s) => value - ratio * four.actual[s]!);
  const spreadOf = (values: number[], volume: number) =>
    Math.sqrt((values.reduce((sum, e) => sum + e * e, 0) * 4) / 3) / volume;
  const t: number[] = [];
  for (let code = 0; code < 256; code++) {
    const drawn = [0, 1, 2, 3].map((digit) => Math.floor(code / 4 ** digit) % 4);
    const volume = drawn.reduce((sum, s) => sum + four.actual[s]!, 0);
    const theirs = drawn.reduce((sum, s) => sum + gain[s]!, 0) / volume;
    const spread = spreadOf(
      drawn.map((s) => gain[s]! - theirs * four.actual[s]!),
      volume,
    );
    t.push(spread < 1e-9 ? Math.sign(theirs - ratio) * Number.POSITIVE_INFINITY : (theirs - ratio) / spread);
  }
  const sizes = t.map(Math.abs).sort((a, b) => a - b);
  const found = pairedBootstrap(four, { seed: 5, level: 0.8, resamples: 39_999 })!;
  const width = found.interval!.hi - found.difference;
  const inUnits = width / spreadOf(residual, size);
  // 80% of 256 is the 205th; the share drawn at random may be a few off.
  expect(inUnits).toBeGreaterThanOrEqual(sizes[199]! - 1e-9);
  expect(inUnits).toBeLessThanOrEqual(sizes[209]! + 1e-9);
  const limit = 0.02;
  const against = pairedBootstrap(four, { seed: 5, limit, resamples: 39_999 })!;
  const own = (ratio - limit) / spreadOf(residual, size);
  expect(against.pAbove).toBeCloseTo(t.filter((draw) => draw >= own).length / 256, 1.9);
  expect(against.pBelow).toBeCloseTo(t.filter((draw) => draw <= own).length / 256, 1.9);
});

/** Standard normal, Box & Muller. */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

/**
 * A quarter of three months of series with lognormal sizes. Two forecasts that miss each actual by a share of the series' size; they share part of the
 * miss, and months of a series share part of it too.
 */
function panelErrors(random: Random, series: number): PairedErrors {
  const [candidate, champion, actual] = [[], [], []] as [number[], number[], number[]];
  for (let s = 0; s < series; s++) {
    const size = Math.exp(normal(random));
    const own = [0.05 * normal(random), 0.05 * normal(random)];
    let [a, b, y] = [0, 0, 0];
    for (let month = 0; month < 3; month++) {
      const shared = 0.1 * normal(random);
      a += size * Math.abs(shared + own[0]! + 0.08 * normal(random));
      b += size * Math.abs(shared + own[1]! + 0.1 * normal(random));
      y += size * Math.abs(1 + 0.3 * normal(random));
    }
    candidate.push(a);
    champion.push(b);
    actual.push(y);
  }
  return { candidate, champion, actual };
}

test("the 95% interval covers the true difference in 93% to 97% of 2,400 panels of 30 to 300 series", () => {
  const random = createRandom(20);
  const truth = pairedBootstrap(panelErrors(random, 400_000), { seed: 1, resamples: 1 })!.difference;
  const counts = new Map<number, number>();
  for (let panel = 0; panel < 2400; panel++) {
    const series = [30, 60, 120, 300][panel % 4]!;
    const found = pairedBootstrap(panelErrors(random, series), { seed: panel, resamples: 399 })!;
    const { lo, hi } = found.interval!;
    counts.set(series, (counts.get(series) ?? 0) + (lo <= truth && truth <= hi ? 1 : 0));
  }
  const covered = [...counts.values()].reduce((sum, count) => sum + count, 0) / 2400;
  expect(covered).toBeGreaterThan(0.93);
  expect(covered).toBeLessThan(0.97);
  // 600 panels of a size: three standard errors are 2.7 points.
  for (const [series, count] of counts) {
    expect(count / 600, `${series} series`).toBeGreaterThan(0.915);
    expect(count / 600, `${series} series`).toBeLessThan(0.98);
  }
}, 120_000);

describe("p", () => {
  test("a test at 5% rejects a true limit in about 5% of panels, and a wrong one more often", () => {
    const random = createRandom(8);
    const truth = pairedBootstrap(panelErrors(random, 400_000), { seed: 1, resamples: 1 })!.difference;
    const rejected = { above: 0, below: 0, wrong: 0 };
    for (let panel = 0; panel < 800; panel++) {
      const found = panelErrors(random, 60);
      const p = (limit: number) => pairedBootstrap(found, { seed: panel, resamples: 199, limit })!;
      if (p(truth).pAbove! <= 0.05) rejected.above++;
      if (p(truth).pBelow! <= 0.05) rejected.below++;
      if (p(truth + 0.02).pBelow! <= 0.05) rejected.wrong++;
    }
    for (const count of [rejected.above, rejected.below])
      expect(Math.abs(count / 800 - 0.05)).toBeLessThan(0.03);
    expect(rejected.wrong / 800).toBeGreaterThan(0.3);
  }, 60_000);
});

describe("determinism", () => {
  test("a seed decides the interval; another seed gives another", () => {
    const of = (seed: number) => pairedBootstrap(errors, { seed, resamples: 300, level: 0.8 });
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });
});

test("equal models have an interval of zero width at zero, from two series on", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 }), (same) => {
      const found = pairedBootstrap(
        { candidate: same, champion: same, actual: same },
        { seed: 1, resamples: 50, limit: 0.1 },
      );
      const interval = same.length < 2 ? null : { lo: 0, hi: 0 };
      const p = same.length < 2 ? null : 1;
      expect(found).toMatchObject({ difference: 0, interval, pAbove: p, pBelow: p === null ? null : 0 });
    }),
  );
});

test("null without volume; no interval where one series has it all, or three cannot support the level", () => {
  expect(pairedBootstrap({ candidate: [1], champion: [2], actual: [0] }, { seed: 1 })).toBeNull();
  expect(pairedBootstrap({ candidate: [], champion: [], actual: [] }, { seed: 1 })).toBeNull();
  const mostlyZero = { candidate: [1, 0, 0], champion: [2, 0, 0], actual: [4, 0, 0] };
  const unknown = { interval: null, pAbove: null, pBelow: null };
  expect(pairedBootstrap(mostlyZero, { seed: 1 })).toMatchObject({ difference: -0.25, ...unknown });
  const three = { candidate: [1, 4, 2], champion: [2, 3, 5], actual: [10, 30, 20] };
  expect(pairedBootstrap(three, { seed: 1, level: 0.95 })).toMatchObject(unknown);
  expect(pairedBootstrap(three, { seed: 1, level: 0.6 })!.interval).not.toBeNull();
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
