import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/stats/random.js";
import { lognormalExceedance, studentSurvival } from "../../../src/stats/student.js";

describe("Student's t", () => {
  /** Upper 5% and 0.5% points, as printed in every table. */
  test.each([
    [1, 6.3138, 63.657],
    [2, 2.92, 9.9248],
    [3, 2.3534, 5.8409],
    [4, 2.1318, 4.6041],
    [9, 1.8331, 3.2498],
    [10, 1.8125, 3.1693],
    [30, 1.6973, 2.75],
  ])("%d degrees of freedom", (degrees, five, half) => {
    expect(studentSurvival(five, degrees)).toBeCloseTo(0.05, 4);
    expect(studentSurvival(half, degrees)).toBeCloseTo(0.005, 5);
    expect(studentSurvival(-five, degrees)).toBeCloseTo(0.95, 4);
    expect(studentSurvival(0, degrees)).toBeCloseTo(0.5, 12);
    expect(studentSurvival(Number.POSITIVE_INFINITY, degrees)).toBeCloseTo(0, 12);
  });
});

describe("one more value after a few", () => {
  test("is exact where they are lognormal", () => {
    const random = createRandom(11);
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    const value = () => Math.exp(-2 + 0.7 * normal());
    const runs = 4000;
    let small = 0;
    for (let run = 0; run < runs; run++) {
      const past = Array.from({ length: 6 }, value);
      if (lognormalExceedance(value(), past) <= 0.05) small++;
    }
    expect(small / runs).toBeGreaterThan(0.04);
    expect(small / runs).toBeLessThan(0.06);
  });

  test("values that are worth fewer say less, and equal ones say all", () => {
    const past = [0.1, 0.12, 0.09, 0.11, 0.1, 0.13];
    expect(lognormalExceedance(0.2, past, 3)).toBeGreaterThan(lognormalExceedance(0.2, past));
    expect(lognormalExceedance(0.2, [0.1, 0.1, 0.1])).toBe(0);
    expect(lognormalExceedance(0.1, [0.1, 0.1, 0.1])).toBe(1);
  });
});
