import { describe, expect, test } from "vitest";
import { chooseFeatureRidge } from "../../../../src/forecast/lag-regression/feature-ridge.js";
import { LagMoments } from "../../../../src/forecast/lag-regression/moments.js";
import { uniform } from "../learners/support.js";

const PERIODS = 60;
const plain = { lags: 1e-5, features: null, intercept: true };

/**
 * Moments of five stretches of 20 series that share a shock in every period, as they share the features.
 * @param effect of the first feature
 */
function blocksOf(features: number, effect: number): LagMoments[] {
  const random = uniform(5);
  const row = () => Float64Array.from({ length: PERIODS }, () => (random() - 0.5) * Math.sqrt(12));
  const shock = row();
  const columns = Array.from({ length: features }, row);
  const blocks = Array.from({ length: 5 }, () => new LagMoments(2, features));
  for (let s = 0; s < 20; s++) {
    const own = row();
    const values = own.map((value, t) => shock[t]! + 0.3 * value + effect * (columns[0]?.[t] ?? 0));
    blocks.forEach((block, b) => {
      block.addSeries(values, columns, (b * PERIODS) / 5, ((b + 1) * PERIODS) / 5);
    });
  }
  return blocks;
}

describe("ridge of the features", () => {
  test("a strong feature keeps its effect", () => {
    expect(chooseFeatureRidge(blocksOf(1, 3), plain)).toBe(0.01);
  });

  test("noise is left out, though it fits the past of 1,000 rows", () => {
    expect(chooseFeatureRidge(blocksOf(12, 0), plain)).toBeNull();
  });

  test("one strong feature among many is not lost", () => {
    const ridge = chooseFeatureRidge(blocksOf(12, 3), plain);
    expect(ridge).not.toBeNull();
    expect(ridge!).toBeLessThanOrEqual(0.1);
  });

  test("there is none to choose without features", () => {
    expect(chooseFeatureRidge(blocksOf(0, 0), plain)).toBeNull();
  });
});
