import { predictTrees } from "../../boosting/predict.js";
import type { Rows } from "../../rows.js";
import type { ExpertKind } from "../kind.js";
import { emitTreesExpert } from "./emit.js";
import { featureMatrix, levelOf } from "./features.js";
import type { TreesExpert } from "./model.js";

export const trees: ExpertKind<TreesExpert> = { forecast: forecastTrees, emit: emitTreesExpert };

function forecastTrees(expert: TreesExpert, rows: Rows): Float64Array {
  const { context, horizon, season } = rows;
  const forecast = predictTrees(expert.ensemble, featureMatrix(expert, rows));
  for (let i = 0; i < rows.count; i++) {
    const level = levelOf(rows.filled.subarray(i * context, (i + 1) * context), season);
    for (let cell = i * horizon; cell < (i + 1) * horizon; cell++) {
      forecast[cell] = level + rows.scale[i]! * forecast[cell]!;
    }
  }
  return forecast;
}
