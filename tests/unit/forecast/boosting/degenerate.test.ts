import { describe, expect, test } from "vitest";
import { type FeatureMatrix, fitTrees } from "../../../../src/forecast/boosting/fit.js";
import type { BoostingOptions } from "../../../../src/forecast/boosting/options.js";
import { predictTrees } from "../../../../src/forecast/boosting/predict.js";

const column = (...values: number[]): FeatureMatrix => ({
  rows: values.length,
  columns: 1,
  values: Float32Array.from(values),
});
const NaN_ = Number.NaN;

describe("little to learn from gives the best constant", () => {
  test.each<[string, FeatureMatrix, number[], number]>([
    ["one row", column(1), [4.2], 4.2],
    ["equal targets", column(1, 2, 3, 4), [0.1, 0.1, 0.1, 0.1], 0.1],
    ["a constant feature", column(5, 5, 5, 5), [1, 2, 3, 4], 2.5],
    ["a feature that is always missing", column(NaN_, NaN_, NaN_, NaN_), [1, 2, 3, 4], 2.5],
  ])("%s", (_, x, y, constant) => {
    for (const kind of ["l2", "l1"] as const) {
      const ensemble = fitTrees(x, Float64Array.from(y), { loss: { kind }, minLeaf: 1 });
      expect(ensemble.trees).toEqual([]);
      expect(Array.from(predictTrees(ensemble, Float32Array.of(0, NaN_)))).toEqual([constant, constant]);
    }
  });

  test("targets of zero under a log link", () => {
    for (const loss of [{ kind: "poisson" }, { kind: "tweedie", power: 1.5 }] as const) {
      const ensemble = fitTrees(column(1, 2, 3, 4), new Float64Array(4), { loss, minLeaf: 1 });
      const [value] = predictTrees(ensemble, Float32Array.of(1));
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1e-9);
    }
  });

  test("weights of zero", () => {
    const ensemble = fitTrees(
      column(1, 2, 3, 4),
      Float64Array.of(1, 2, 3, 4),
      { minLeaf: 1 },
      new Float64Array(4),
    );
    expect(predictTrees(ensemble, Float32Array.of(1))[0]).toSatisfy(Number.isFinite);
  });

  test("infinite features are the largest and the lowest numbers", () => {
    const x = column(Number.NEGATIVE_INFINITY, 1, 2, Number.POSITIVE_INFINITY);
    const ensemble = fitTrees(x, Float64Array.of(0, 5, 5, 9), { minLeaf: 1, leaves: 4, rate: 1, trees: 1 });
    expect(Array.from(predictTrees(ensemble, x.values))).toEqual([0, 5, 5, 9]);
    expect(JSON.parse(JSON.stringify(ensemble))).toEqual(ensemble);
  });
});

describe("what cannot be learned from is refused", () => {
  const x = column(1, 2, 3);
  const y = Float64Array.of(1, 2, 3);

  test.each([
    ["NaN", NaN_],
    ["infinite", Number.POSITIVE_INFINITY],
  ])("a target that is %s", (_, value) => {
    expect(() => fitTrees(x, Float64Array.of(1, value, 3))).toThrow(RangeError);
  });

  test.each<[string, () => unknown]>([
    [
      "a negative target under a log link",
      () => fitTrees(x, Float64Array.of(1, -1, 1), { loss: { kind: "poisson" } }),
    ],
    ["too few targets", () => fitTrees(x, Float64Array.of(1, 2))],
    ["a matrix of another size", () => fitTrees({ ...x, columns: 2 }, y)],
    ["no rows", () => fitTrees(column(), new Float64Array(0))],
    ["a negative weight", () => fitTrees(x, y, {}, Float64Array.of(1, -1, 1))],
    ["too few weights", () => fitTrees(x, y, {}, Float64Array.of(1))],
    [
      "rows for prediction that are not whole",
      () => predictTrees({ ...fitTrees(x, y), features: 2 }, x.values),
    ],
  ])("%s", (_, call) => {
    expect(call).toThrow(RangeError);
  });

  test.each<Partial<BoostingOptions>>([
    { trees: -1 },
    { rate: 0 },
    { rate: 1.1 },
    { leaves: 0 },
    { minLeaf: 0 },
    { l2: -1 },
    { l2: NaN_ },
    { bins: 256 },
    { bins: 1 },
    { featureShare: 0 },
    { rowShare: 2 },
    { loss: { kind: "quantile", probability: 1 } },
    { loss: { kind: "tweedie", power: 2 } },
    { monotone: [1, 1] },
    { earlyStopping: { rounds: 0, validation: [1] } },
    { earlyStopping: { rounds: 1, validation: [] } },
    { earlyStopping: { rounds: 1, validation: [3] } },
    { earlyStopping: { rounds: 1, validation: [0, 1, 2] } },
  ])("options %j", (options) => {
    expect(() => fitTrees(x, y, options)).toThrow(RangeError);
  });
});
