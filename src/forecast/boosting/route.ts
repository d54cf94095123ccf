import type { GrownNode } from "./grow.js";
import type { Tree } from "./model.js";
import { CUT_SPACE, type Workspace } from "./workspace.js";

/** Stands for "every number" as a threshold: the largest float32. */
const ABOVE_ALL = 3.4028234663852886e38;

/** A grown tree as the model has it. */
export function describeTree(
  { numbers, thresholds }: Workspace,
  nodes: readonly GrownNode[],
  values: Float64Array,
): Tree {
  const thresholdOf = ({ feature, bin }: GrownNode) => {
    if (feature < 0) return 0;
    return bin < numbers[feature]! - 1 ? thresholds[feature * CUT_SPACE + bin]! : ABOVE_ALL;
  };
  return {
    feature: nodes.map(({ feature }) => feature),
    threshold: nodes.map(thresholdOf),
    missingLeft: nodes.map(({ missingLeft }) => missingLeft),
    left: nodes.map(({ left }) => left),
    right: nodes.map(({ right }) => right),
    value: Array.from(values),
    gain: nodes.map(({ gain }) => gain),
  };
}

/** Adds the tree's values to the scores of rows that it was not grown on. */
export function addOutside(
  { numbers, columnBins, rows: count, scores }: Workspace,
  nodes: readonly GrownNode[],
  values: Float64Array,
  rows: Int32Array,
): void {
  for (const row of rows) {
    let node = 0;
    for (let { feature } = nodes[0]!; feature >= 0; { feature } = nodes[node]!) {
      const { bin, missingLeft, left, right } = nodes[node]!;
      const own = columnBins[feature * count + row]!;
      node = (own === numbers[feature]! ? missingLeft : own <= bin) ? left : right;
    }
    scores[row]! += values[node]!;
  }
}
