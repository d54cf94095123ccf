import type { TreeEnsemble } from "./model.js";

/** What the trees made of each feature, [features]. */
export interface Importance {
  /** By how much its splits lowered the training loss (of gradients and hessians), summed. */
  readonly gain: Float64Array;
  readonly splits: Int32Array;
}

export function featureImportance(ensemble: TreeEnsemble): Importance {
  const gain = new Float64Array(ensemble.features);
  const splits = new Int32Array(ensemble.features);
  for (const tree of ensemble.trees) {
    tree.feature.forEach((feature, node) => {
      if (feature < 0) return;
      gain[feature]! += tree.gain[node]!;
      splits[feature]! += 1;
    });
  }
  return { gain, splits };
}
