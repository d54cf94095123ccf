import fc from "fast-check";
import { expect, test } from "vitest";
import { bestMix, chooseMix } from "../../../../src/forecast/combine/mix.js";
import { wmape } from "../../../../src/stats/metrics.js";
import { evidenceOf, HORIZON } from "./support.js";

/** Another way to count the error: WMAPE and MASE straight from their definitions, per mix. */
function errorOf(evidence: ReturnType<typeof evidenceOf>, forecasts: readonly Float64Array[]): number {
  const actual = evidence.folds.flatMap((fold) => [...fold.actual]);
  const naive = evidence.folds.flatMap((fold) => [...fold.naive]);
  const own = forecasts.flatMap((matrix) => [...matrix]);
  const mase = (forecast: readonly number[]): number => {
    let sum = 0;
    forecast.forEach((value, at) => {
      const series = Math.floor(at / HORIZON) % 120;
      sum += Math.abs(value - actual[at]!) / (10 + series);
    });
    return sum / forecast.length;
  };
  return wmape(actual, own)! / wmape(actual, naive)! + mase(own) / mase(naive);
}

test("bestMix is the best of all quarters, chooseMix half-way from it to thirds", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 6, maxLength: 6 }), (bias) => {
      const evidence = evidenceOf({
        actual: ({ noise }) => 1 + 0.1 * noise,
        experts: [0, 1, 2].map(
          (k) =>
            ({ lead, noise }) =>
              1 + 0.1 * noise + 0.1 * bias[2 * k + (lead % 2)]!,
        ),
        folds: 2,
      });
      const parts = evidence.folds.map(({ forecasts: [mean, stack, residual] }) => ({
        mean: mean!,
        stack: stack!,
        residual: residual!,
      }));
      const mixed = (a: number, b: number, c: number) =>
        errorOf(
          evidence,
          parts.map(({ mean, stack, residual }) =>
            mean.map((value, at) => a * value + b * stack[at]! + c * residual[at]!),
          ),
        );
      const errors: number[] = [];
      for (const a of [0, 0.25, 0.5, 0.75, 1]) {
        for (const b of [0, 0.25, 0.5, 0.75, 1]) if (a + b <= 1) errors.push(mixed(a, b, 1 - a - b));
      }
      expect(errors).toHaveLength(15);
      const best = bestMix(evidence.folds, parts);
      expect(mixed(best.mean, best.stack, best.residual)).toBeCloseTo(Math.min(...errors), 9);
      const chosen = chooseMix(evidence.folds, parts);
      expect(chosen.mean).toBeCloseTo(best.mean / 2 + 1 / 6, 12);
      expect(chosen.stack).toBeCloseTo(best.stack / 2 + 1 / 6, 12);
      expect(chosen.residual).toBeCloseTo(best.residual / 2 + 1 / 6, 12);
    }),
    { numRuns: 15 },
  );
});
