import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FeatureMatrix, fitTrees } from "../../../../src/forecast/boosting/fit.js";
import type { BoostingOptions, Loss } from "../../../../src/forecast/boosting/options.js";
import { predictTrees } from "../../../../src/forecast/boosting/predict.js";
import { anyTable, noisyTable, permuted, rowMajor } from "./support.js";

const LOSSES: readonly Loss[] = [
  { kind: "l2" },
  { kind: "l1" },
  { kind: "quantile", probability: 0.8 },
  { kind: "poisson" },
  { kind: "tweedie", power: 1.5 },
];
const small = { trees: 10, leaves: 4, minLeaf: 1, rate: 0.3 } satisfies Partial<BoostingOptions>;
const positive = (y: Float64Array) => y.map(Math.abs);

describe("an ensemble", () => {
  test.each(LOSSES)("does not depend on the order of the rows: $kind", (loss) => {
    fc.assert(
      fc.property(
        anyTable.chain(({ x, y }) =>
          fc.tuple(
            fc.constant(x),
            fc.constant(positive(y).map((target) => target / 3)),
            fc.shuffledSubarray([...Array(x.rows).keys()], { minLength: x.rows }),
          ),
        ),
        ([x, y, order]) => {
          const shuffled = fitTrees(
            permuted(x, order),
            Float64Array.from(order, (row) => y[row]!),
            { ...small, loss },
          );
          expect(shuffled).toEqual(fitTrees(x, y, { ...small, loss }));
        },
      ),
    );
  });

  test.each<Loss>([{ kind: "l2" }, { kind: "l1" }])("shifts with the targets: $kind", (loss) => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: -1000, max: 1000 }), ({ x, y }, shift) => {
        const rows = rowMajor(x);
        const before = predictTrees(fitTrees(x, y, { ...small, loss, trees: 1 }), rows);
        const moved = y.map((target) => target + shift);
        predictTrees(fitTrees(x, moved, { ...small, loss, trees: 1 }), rows).forEach((value, row) => {
          expect(value).toBeCloseTo(before[row]! + shift, 6);
        });
      }),
    );
  });

  test("is the same for equal inputs and seeds, and another for another seed", () => {
    const { x, y } = noisyTable(300, 1);
    const train = (seed: number) => fitTrees(x, y, { ...small, rowShare: 0.5, featureShare: 0.5, seed });
    expect(JSON.stringify(train(1))).toBe(JSON.stringify(train(1)));
    expect(JSON.stringify(train(1))).not.toBe(JSON.stringify(train(2)));
  });

  test.each(LOSSES)("answers with numbers for any training table: $kind", (loss) => {
    fc.assert(
      fc.property(anyTable, ({ x, y }) => {
        const ensemble = fitTrees(x, positive(y), { ...small, loss });
        for (const value of predictTrees(ensemble, rowMajor(x))) expect(value).toSatisfy(Number.isFinite);
      }),
    );
  });

  test.each(LOSSES)("takes a weight for so many copies of a row: $kind", (loss) => {
    const { x, y } = noisyTable(60, 3);
    const copies = Array.from(y, (_, row) => 1 + (row % 3));
    const order = copies.flatMap((count, row) => Array<number>(count).fill(row));
    const repeated: FeatureMatrix = {
      rows: order.length,
      columns: x.columns,
      values: Float32Array.from(
        { length: order.length * x.columns },
        (_, i) => x.values[Math.floor(i / order.length) * x.rows + order[i % order.length]!]!,
      ),
    };
    // A quantile of weighted values is not one between two of them: one tree, whose splits have to be the same.
    const options = { ...small, loss, trees: 1 };
    const weighted = fitTrees(x, positive(y), options, Float64Array.from(copies));
    const plain = fitTrees(
      repeated,
      Float64Array.from(order, (row) => Math.abs(y[row]!)),
      options,
    );
    if (loss.kind === "l1" || loss.kind === "quantile") {
      expect(Math.abs(weighted.base - plain.base)).toBeLessThan(0.1);
      return;
    }
    const before = predictTrees(plain, rowMajor(x));
    predictTrees(weighted, rowMajor(x)).forEach((value, row) => {
      expect(value).toBeCloseTo(before[row]!, 6);
    });
  });
});

describe("a monotone feature", () => {
  test.each(LOSSES)("is never answered the other way: $kind", (loss) => {
    const { x, y } = noisyTable(300, 5);
    // Against the signal of the first column, and with it in the others.
    const monotone = [-1, 1, 0, 1, 0] as const;
    const ensemble = fitTrees(x, positive(y), { ...small, leaves: 16, trees: 30, loss, monotone });
    expect(ensemble.trees.length).toBeGreaterThan(5);
    const grid = Array.from({ length: 41 }, (_, i) => -4 + i / 5);
    for (const [feature, direction] of monotone.entries()) {
      if (direction === 0) continue;
      for (let row = 0; row < 60; row++) {
        const line = grid.flatMap((value) =>
          Array.from({ length: 5 }, (_, f) => (f === feature ? value : x.values[f * x.rows + row]!)),
        );
        const answers = predictTrees(ensemble, Float32Array.from(line));
        for (let i = 1; i < answers.length; i++) {
          expect(direction * (answers[i]! - answers[i - 1]!)).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });
});

describe("early stopping", () => {
  const { x, y } = noisyTable(400, 7);
  const validation = Array.from({ length: 150 }, (_, i) => 250 + i);
  const lossOf = (trees: number): number => {
    const ensemble = { ...everything, trees: everything.trees.slice(0, trees) };
    const predicted = predictTrees(ensemble, rowMajor(x));
    return validation.reduce((sum, row) => sum + (predicted[row]! - y[row]!) ** 2, 0);
  };
  const options = { trees: 300, leaves: 16, minLeaf: 2, rate: 0.3 };
  const everything = fitTrees(x, y, { ...options, earlyStopping: { rounds: 300, validation } });
  const stopped = fitTrees(x, y, { ...options, earlyStopping: { rounds: 5, validation } });

  test("keeps the trees up to the lowest loss on rows that no tree was grown on", () => {
    expect(stopped.trees.length).toBeGreaterThan(3);
    expect(stopped.trees.length).toBeLessThan(100);
    expect(stopped.trees).toEqual(everything.trees.slice(0, stopped.trees.length));
    const best = lossOf(stopped.trees.length);
    for (let trees = 1; trees <= stopped.trees.length; trees++)
      expect(lossOf(trees)).toBeGreaterThanOrEqual(best);
  });

  test("does not look at the targets of those rows otherwise", () => {
    const other = y.map((target, row) => (row < 250 ? target : target + 0.001));
    const again = fitTrees(x, other, { ...options, earlyStopping: { rounds: 300, validation } });
    const both = Math.min(again.trees.length, everything.trees.length);
    expect(again.base).toBe(everything.base);
    expect(again.trees.slice(0, both)).toEqual(everything.trees.slice(0, both));
  });
});
