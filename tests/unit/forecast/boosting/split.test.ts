import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FeatureMatrix, fitTrees } from "../../../../src/forecast/boosting/fit.js";
import type { Tree } from "../../../../src/forecast/boosting/model.js";
import { anyTable } from "./support.js";

const worth = (gradients: readonly number[], l2: number): number =>
  gradients.reduce((sum, g) => sum + g, 0) ** 2 / (gradients.length + l2);

/** The best gain over every feature, every value as the highest on the left, and both sides for what is missing. */
function bestGain(x: FeatureMatrix, y: Float64Array, minLeaf: number, l2: number): number {
  const mean = y.reduce((sum, target) => sum + target, 0) / x.rows;
  const gradient = Array.from(y, (target) => mean - target);
  let best = 0;
  for (let feature = 0; feature < x.columns; feature++) {
    const column = x.values.subarray(feature * x.rows, (feature + 1) * x.rows);
    for (const highest of column) {
      if (Number.isNaN(highest)) continue;
      for (const missingLeft of [true, false]) {
        const goesLeft = (row: number) =>
          Number.isNaN(column[row]!) ? missingLeft : column[row]! <= highest;
        const left = gradient.filter((_, row) => goesLeft(row));
        const right = gradient.filter((_, row) => !goesLeft(row));
        if (left.length < minLeaf || right.length < minLeaf) continue;
        best = Math.max(best, worth(left, l2) + worth(right, l2) - worth(gradient, l2));
      }
    }
  }
  return best;
}

/** Rows by the node of the tree that they end in. */
function leavesOf(tree: Tree, x: FeatureMatrix): Map<number, number[]> {
  const leaves = new Map<number, number[]>();
  for (let row = 0; row < x.rows; row++) {
    let node = 0;
    while (tree.feature[node]! >= 0) {
      const value = x.values[tree.feature[node]! * x.rows + row]!;
      const goesLeft = Number.isNaN(value) ? tree.missingLeft[node]! : value <= tree.threshold[node]!;
      node = goesLeft ? tree.left[node]! : tree.right[node]!;
    }
    leaves.set(node, [...(leaves.get(node) ?? []), row]);
  }
  return leaves;
}

const options = fc.record({ minLeaf: fc.integer({ min: 1, max: 5 }), l2: fc.constantFrom(0, 0.5, 10) });

describe("a split", () => {
  test("is the best of all", () => {
    let splits = 0;
    fc.assert(
      fc.property(anyTable, options, ({ x, y }, { minLeaf, l2 }) => {
        const { trees } = fitTrees(x, y, { trees: 1, leaves: 2, minLeaf, l2 });
        const best = bestGain(x, y, minLeaf, l2);
        splits += trees.length;
        expect(trees[0]?.gain[0] ?? 0).toBeCloseTo(best, 5);
      }),
      { numRuns: 300 },
    );
    expect(splits).toBeGreaterThan(200);
  });

  test("leaves at least minLeaf rows on each side, and no more leaves than asked for", () => {
    fc.assert(
      fc.property(anyTable, options, fc.integer({ min: 1, max: 6 }), ({ x, y }, { minLeaf, l2 }, leaves) => {
        const tree = fitTrees(x, y, { trees: 1, leaves, minLeaf, l2 }).trees[0];
        if (tree === undefined) return;
        const rows = leavesOf(tree, x);
        expect(rows.size).toBe(tree.feature.filter((feature) => feature < 0).length);
        expect(rows.size).toBeLessThanOrEqual(leaves);
        for (const inside of rows.values()) expect(inside.length).toBeGreaterThanOrEqual(minLeaf);
      }),
    );
  });

  test("lies half-way between two values of the training rows", () => {
    const x: FeatureMatrix = { rows: 6, columns: 1, values: Float32Array.of(1, 2, 3, 10, 11, 12) };
    const { trees } = fitTrees(x, Float64Array.of(0, 0, 0, 5, 5, 5), { trees: 1, leaves: 2, minLeaf: 1 });
    expect(trees[0]!.threshold[0]).toBe(6.5);
  });

  test("between two neighbours of float32 is at the lower one", () => {
    const high = 1 + 2 ** -23;
    const x: FeatureMatrix = { rows: 2, columns: 1, values: Float32Array.of(high, 1) };
    const { trees } = fitTrees(x, Float64Array.of(7, 0), { trees: 1, leaves: 2, minLeaf: 1 });
    expect(trees[0]!.threshold[0]).toBe(1);
  });

  test("can part what is missing from all numbers", () => {
    const x: FeatureMatrix = {
      rows: 4,
      columns: 1,
      values: Float32Array.of(Number.NaN, 1, 3e38, Number.NaN),
    };
    const { trees } = fitTrees(x, Float64Array.of(9, 1, 1, 9), { trees: 1, rate: 1, leaves: 2, minLeaf: 1 });
    const leaves = leavesOf(trees[0]!, x);
    expect([...leaves.values()].sort((a, b) => a[0]! - b[0]!)).toEqual([
      [0, 3],
      [1, 2],
    ]);
  });
});

describe("a leaf", () => {
  const leaf = (tree: Tree, x: FeatureMatrix, expected: (rows: readonly number[]) => number) => {
    for (const [node, rows] of leavesOf(tree, x)) expect(tree.value[node]).toBeCloseTo(expected(rows), 6);
  };
  const median = (values: readonly number[]): number => {
    const sorted = [...values].sort((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  };

  test("is the mean of its residuals for l2, drawn to zero by the penalty", () => {
    fc.assert(
      fc.property(anyTable, options, ({ x, y }, { minLeaf, l2 }) => {
        const { base, trees } = fitTrees(x, y, { trees: 1, rate: 0.5, leaves: 5, minLeaf, l2 });
        if (trees.length === 0) return;
        leaf(
          trees[0]!,
          x,
          (rows) => (0.5 * rows.reduce((sum, row) => sum + y[row]! - base, 0)) / (rows.length + l2),
        );
      }),
    );
  });

  test("is the median of its residuals for l1", () => {
    fc.assert(
      fc.property(anyTable, ({ x, y }) => {
        const { base, trees } = fitTrees(x, y, {
          loss: { kind: "l1" },
          trees: 1,
          rate: 0.5,
          leaves: 5,
          minLeaf: 1,
        });
        if (trees.length === 0) return;
        leaf(trees[0]!, x, (rows) => 0.5 * median(rows.map((row) => y[row]! - base)));
      }),
    );
  });
});
