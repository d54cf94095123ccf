import { expect, test } from "vitest";
import { combine } from "../../../../src/forecast/combine/combine.js";
import { emitCombination } from "../../../../src/forecast/combine/emit.js";
import { residualWidth } from "../../../../src/forecast/combine/features.js";
import { fullLearner } from "../../../../src/forecast/combine/learn-full.js";
import type { Combination } from "../../../../src/forecast/combine/model.js";
import { hostileRows, revealingTrees, runGraph, worstDifference } from "../experts/trees/support.js";
import { uniform } from "../learners/support.js";
import { evidenceOf } from "./support.js";

test("graph and trainer agree on a learned combination and hostile rows", async () => {
  const bias = [0.3, 0.1, -0.1, -0.3];
  const learned = fullLearner()(
    evidenceOf({
      actual: ({ noise, series }) => 1 + 0.1 * noise + (series % 7) / 20,
      experts: [0, 1, 2].map(
        (k) =>
          ({ noise, lead }) =>
            1 + 0.1 * noise + bias[lead]! * (k + 1) * 0.5,
      ),
    }),
  );
  expect(learned.residual!.trees.trees.length).toBe(40);
  const weights = [learned.weights[0]!, [1, 0, 0], [0.5, 0.25, 0.25], [0, 0, 1], learned.weights[0]!];
  const combinations: Combination[] = [
    { ...learned, weights },
    { ...learned, weights, residual: { weight: 0.5, trees: revealingTrees(residualWidth(3)) } },
  ];
  for (const shape of [
    { season: 4, horizon: 4, context: 12 },
    { season: 4, horizon: 7, context: 4 },
  ]) {
    const rows = hostileRows(shape, 0, 0);
    const draw = uniform(5);
    // Forecasts near the history, far from it, and all the same.
    const experts = [0, 1, 2].map((k) =>
      Float64Array.from({ length: rows.count * shape.horizon }, (_, cell) => {
        const row = Math.floor(cell / shape.horizon);
        const spread = row % 3 === 0 ? 0 : row % 3 === 1 ? 1 : 50;
        return rows.mean[row]! + spread * rows.scale[row]! * (draw() - 0.5) * (k + 1);
      }),
    );
    const inputs = Object.fromEntries(
      experts.map((values, k) => [`e${k}`, { values, width: shape.horizon }]),
    );
    for (const combination of combinations) {
      const expected = combine(combination, experts, rows);
      const actual = await runGraph(
        rows,
        (graph, prepared) =>
          emitCombination(
            combination,
            experts.map((_, k) => graph.input(`e${k}`, "double", ["N", shape.horizon])),
            graph,
            prepared,
          ),
        inputs,
      );
      expect(worstDifference(actual, expected, rows)).toBeLessThan(1e-5);
      expect(actual.every(Number.isFinite)).toBe(true);
    }
  }
});
