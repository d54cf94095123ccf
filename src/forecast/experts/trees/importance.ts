import type { FeatureImportance } from "../../../kit/artifacts/training.js";
import { featureImportance } from "../../boosting/importance.js";
import { type FeatureColumns, featureNames } from "./features.js";
import type { TreesExpert } from "./model.js";

/** What the trees made of each feature, the most telling first; features that no split uses are left out. */
export function namedImportance(expert: TreesExpert, columns: FeatureColumns): FeatureImportance["features"] {
  const { gain, splits } = featureImportance(expert.ensemble);
  const total = gain.reduce((sum, value) => sum + value, 0);
  return featureNames(expert, columns)
    .map((feature, f) => ({ feature, share: total > 0 ? gain[f]! / total : 0, splits: splits[f]! }))
    .filter((own) => own.splits > 0)
    .sort((a, b) => b.share - a.share);
}
