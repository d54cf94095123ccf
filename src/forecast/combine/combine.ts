import { predictTrees } from "../boosting/predict.js";
import type { Rows } from "../rows.js";
import { groupOf } from "../segment-codes.js";
import { residualFeatures } from "./features.js";
import type { Combination } from "./model.js";

/**
 * Step 6 of `ForecastModel`, before the clip.
 * @param experts [K] of [N × H], clipped
 */
export function combine(
  combination: Combination,
  experts: readonly Float64Array[],
  rows: Rows,
): Float64Array {
  const { weights, residual } = combination;
  const point = weightedSum(weights, experts, rows);
  if (residual === null) return point;
  const answer = predictTrees(residual.trees, residualFeatures(experts, rows));
  return point.map((value, cell) => {
    const scale = rows.scale[Math.floor(cell / rows.horizon)]!;
    return value + residual.weight * scale * answer[cell]!;
  });
}

function weightedSum(
  weights: Combination["weights"],
  experts: readonly Float64Array[],
  rows: Rows,
): Float64Array {
  const { horizon } = rows;
  const point = new Float64Array(rows.count * horizon);
  for (let i = 0; i < rows.count; i++) {
    const own = weights[groupOf(rows.codes[i * rows.columns] ?? -1, weights.length)] ?? weights.at(-1)!;
    experts.forEach((forecast, k) => {
      const weight = own[k]!;
      // Not 0 · ∞: an expert that is not asked has no say.
      if (weight === 0) return;
      for (let cell = i * horizon; cell < (i + 1) * horizon; cell++) point[cell]! += weight * forecast[cell]!;
    });
  }
  return point;
}
