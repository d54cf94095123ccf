import { describe, expect, test } from "vitest";
import type { TreesExpert } from "../../../../src/forecast/experts/trees/model.js";
import { boostedTrees } from "../../../../src/forecast/learners/boosted-trees.js";
import { codeNumbers } from "../../../../src/forecast/learners/code-numbers.js";
import { uniform, viewOf } from "./support.js";

/** Three rows a series, whose mean answer is `means[s]`. */
function answersOf(means: readonly number[]) {
  return {
    series: Int32Array.from(means.flatMap((_, s) => [s, s, s])),
    answer: Float64Array.from(means.flatMap((mean) => [mean - 1, mean, mean + 1])),
  };
}
const rowsOf = (training: Float64Array, s: number) => [...training.subarray(3 * s, 3 * s + 3)];

describe("codeNumbers", () => {
  test("of a code of ten series are the mean of its rows, drawn to that of all", () => {
    const codes = Int32Array.from({ length: 20 }, (_, s) => s % 2);
    const means = Array.from(codes, (code, s) => 100 * code + s);
    const { training, byCode } = codeNumbers(codes, 2, answersOf(means), 1);
    const pool = means.reduce((a, b) => a + b, 0) / 20;
    const own = (code: number) => means.filter((_, s) => s % 2 === code).reduce((a, b) => a + 3 * b, 0);
    expect(byCode[0]).toBeCloseTo((own(0) + 20 * pool) / 50, 10);
    expect(byCode[1]).toBeCloseTo((own(1) + 20 * pool) / 50, 10);
    // No series has an unknown code.
    expect(byCode[2]).toBeCloseTo(pool, 10);
    for (const [s, code] of codes.entries()) expect(rowsOf(training, s)).toEqual(Array(3).fill(byCode[code]));
  });

  test("of a smaller code hold in training no answer of the row's own series, and in forecasts all", () => {
    const codes = Int32Array.of(0, 1, 0, 1, 0, -1);
    const means = [1, 2, 4, 8, 16, 32];
    const prior = 63 / 6;
    for (let seed = 1; seed <= 20; seed++) {
      const { training, byCode } = codeNumbers(codes, 2, answersOf(means), seed);
      expect(byCode[0]).toBeCloseTo((21 + prior) / 4, 10);
      expect(byCode[1]).toBeCloseTo((10 + prior) / 3, 10);
      expect(byCode[2]).toBeCloseTo((32 + prior) / 2, 10);
      for (const group of [[0, 2, 4], [1, 3], [5]]) {
        const before = group.map((s) => {
          const [number, ...same] = rowsOf(training, s);
          expect(same).toEqual([number, number]);
          // Powers of two: a sum tells whose they are.
          const sums = group.map((_, count) => number! * (count + 1) - prior);
          const count = sums.findIndex((sum, c) => {
            const others = group.filter((other) => Math.round(sum) & means[other]!);
            const whole = others.reduce((total, other) => total + means[other]!, 0);
            return others.length === c && !others.includes(s) && Math.abs(sum - whole) < 1e-9;
          });
          expect(count).toBeGreaterThanOrEqual(0);
          return count;
        });
        expect(before.sort()).toEqual([...group.keys()]);
      }
    }
  });

  test("are the same for the same seed", () => {
    const codes = Int32Array.from({ length: 12 }, (_, s) => s % 4);
    const answers = answersOf(Array.from(codes, (_, s) => s * s));
    expect(codeNumbers(codes, 4, answers, 3)).toEqual(codeNumbers(codes, 4, answers, 3));
    expect(codeNumbers(codes, 4, answers, 4)).not.toEqual(codeNumbers(codes, 4, answers, 3));
  });

  test("of nothing are nothing", () => {
    const none = { answer: new Float64Array(0), series: new Int32Array(0) };
    const { training, byCode } = codeNumbers(Int32Array.of(0, 1), 2, none, 1);
    expect([training.length, byCode]).toEqual([0, [0, 0, 0]]);
  });
});

test("trees do not learn by heart what a name of its own stands for", () => {
  const random = uniform(6);
  const series = Array.from({ length: 30 }, (_, s) =>
    Array.from({ length: 40 }, (_, t) => 50 + s + 10 * random() + (t > 20 ? 8 * (s % 3) : 0)),
  );
  const view = viewOf({
    season: 4,
    horizon: 4,
    context: 16,
    series,
    codes: series.map((_, s) => [0, s]),
    levels: [1, 30],
  });
  const expert = boostedTrees({ trees: 20, minLeaf: 5 }).fit(view) as TreesExpert;
  const name = expert.ensemble.features - 1;
  expect(expert.encodings.map((row) => row.length)).toEqual([2, 31]);
  expect(new Set(expert.encodings[1]).size).toBeGreaterThan(20);
  expect(expert.ensemble.trees.some(({ feature }) => feature.includes(0))).toBe(true);
  expect(expert.ensemble.trees.some(({ feature }) => feature.includes(name))).toBe(false);
});
