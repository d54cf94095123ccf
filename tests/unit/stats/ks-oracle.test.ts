import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ksStatistic, ksSurvival, ksTwoSample } from "../../../src/stats/ks.js";

interface Vectors {
  /** n1, n2, shift, scale, D, p */
  readonly cases: readonly (readonly [number, number, number, number, number, number])[];
  /** D, p for 20,002 values a side */
  readonly survival: readonly (readonly [number, number])[];
}
/** Written by tests/oracles/ks.py. */
const scipy = JSON.parse(readFileSync(new URL("./ks-vectors.json", import.meta.url), "utf8")) as Vectors;

test.each(scipy.cases)("scipy on %i against %i, shift %f, scale %i", (n1, n2, shift, scale, d, p) => {
  const round = (value: number) => (scale === 0 ? value : Math.floor(value * scale + 0.5) / scale);
  const x = Float64Array.from({ length: n1 }, (_, i) => round(((i + 1) * ((Math.sqrt(5) - 1) / 2)) % 1));
  const y = Float64Array.from({ length: n2 }, (_, i) => round((((i + 1) * Math.SQRT2) % 1) + shift));
  const found = ksTwoSample(x, y);
  expect(Math.abs(found.statistic - d)).toBeLessThan(1e-9);
  expect(Math.abs(found.p - p)).toBeLessThan(1e-6);
  expect(ksStatistic(x, y)).toBe(found.statistic);
});

test("a D of two samples that are worth 20,002 values each, where scipy takes kstwo", () => {
  for (const [d, p] of scipy.survival) {
    expect(Math.abs(ksSurvival(d, 20_002, 20_002) - p), `D ${d}`).toBeLessThan(1e-6);
  }
});

test("a D that so few values cannot have counts as the next one that they can", () => {
  expect(ksSurvival(1, 2, 2)).toBeCloseTo(1 / 3, 12);
  expect(ksSurvival(0.6, 2, 2)).toBeCloseTo(1 / 3, 12);
  expect(ksSurvival(0.5, 2, 2)).toBe(1);
});
