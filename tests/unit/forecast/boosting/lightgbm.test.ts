import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fitTrees } from "../../../../src/forecast/boosting/fit.js";
import { featureImportance } from "../../../../src/forecast/boosting/importance.js";
import type { BoostingOptions, Loss } from "../../../../src/forecast/boosting/options.js";
import { predictTrees } from "../../../../src/forecast/boosting/predict.js";
import { matrixOf, rowMajor } from "./support.js";

/** Made by tests/oracles/boosting.py. */
const golden = JSON.parse(readFileSync(new URL("lightgbm.golden.json", import.meta.url), "utf8")) as {
  training: number;
  x: (number | null)[][];
  y: number[];
  counts: number[];
  tree: Record<string, { features: number[]; gains: number[]; predictions: number[] }>;
  heldOut: Record<string, number>;
};
const training = matrixOf(golden.x.slice(0, golden.training));
const heldOut = matrixOf(golden.x.slice(golden.training));
const COUNTS = new Set(["poisson", "tweedie"]);

const targets = (loss: Loss): number[] => (COUNTS.has(loss.kind) ? golden.counts : golden.y);
const train = (loss: Loss, options: Partial<BoostingOptions>) =>
  fitTrees(training, Float64Array.from(targets(loss).slice(0, golden.training)), {
    leaves: 8,
    minLeaf: 10,
    ...options,
    loss,
  });

const tweedie: Loss = { kind: "tweedie", power: 1.5 };

describe("a single tree has the splits and leaves of LightGBM's", () => {
  test.each<[string, Loss, number, Partial<BoostingOptions>]>([
    ["l2", { kind: "l2" }, 0, {}],
    ["l2 with a penalty", { kind: "l2" }, 5, {}],
    ["poisson", { kind: "poisson" }, 0, {}],
    ["tweedie", tweedie, 0, { leaves: 5, minLeaf: 1 }],
  ])("%s", (name, loss, l2, size) => {
    const expected = golden.tree[name]!;
    const ensemble = train(loss, { trees: 1, rate: 1, l2, ...size });
    const tree = ensemble.trees[0]!;
    expect(tree.feature.filter((feature) => feature >= 0).sort()).toEqual(expected.features);
    const gains = tree.gain.filter((_, node) => tree.feature[node]! >= 0).sort((a, b) => a - b);
    // LightGBM keeps gradients and gains as float32.
    gains.forEach((gain, i) => {
      expect(gain / expected.gains[i]!).toBeCloseTo(1, 4);
    });
    predictTrees(ensemble, rowMajor(training)).forEach((value, row) => {
      expect(Math.abs(value / expected.predictions[row]! - 1)).toBeLessThan(1e-5);
    });
    expect(Array.from(featureImportance(ensemble).splits)).toEqual(
      [0, 1, 2, 3].map((feature) => expected.features.filter((other) => other === feature).length),
    );
  });
});

describe("60 trees are as good as LightGBM's on held-out rows", () => {
  const pinball = (p: number) => (y: number, f: number) => Math.max(p * (y - f), (p - 1) * (y - f));
  test.each<[Loss, (y: number, f: number) => number, number]>([
    [{ kind: "l2" }, (y, f) => (y - f) ** 2, 0.02],
    [{ kind: "l1" }, (y, f) => Math.abs(y - f), 0.03],
    [{ kind: "quantile", probability: 0.8 }, pinball(0.8), 0.03],
    [{ kind: "poisson" }, (y, f) => f - y * Math.log(f), 0.02],
    [tweedie, (y, f) => f ** 0.5 / 0.5 + y * f ** -0.5 * 2, 0.02],
  ])("$kind", (loss, lossOf, tolerance) => {
    const predicted = predictTrees(train(loss, { trees: 60 }), rowMajor(heldOut));
    const y = targets(loss).slice(golden.training);
    const mean = y.reduce((sum, target, row) => sum + lossOf(target, predicted[row]!), 0) / y.length;
    expect(mean / golden.heldOut[loss.kind]!).toBeLessThan(1 + tolerance);
    expect(mean / golden.heldOut[loss.kind]!).toBeGreaterThan(1 - 2 * tolerance);
  });
});
