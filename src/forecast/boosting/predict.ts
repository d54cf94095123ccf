import type { Tree, TreeEnsemble } from "./model.js";

/**
 * @param x [M × features], row-major; NaN where missing
 * @returns [M]
 * @throws RangeError when x does not hold whole rows
 */
export function predictTrees(ensemble: TreeEnsemble, x: Float32Array): Float64Array {
  const { features, base, link, trees } = ensemble;
  if (x.length % features !== 0) {
    throw new RangeError(`${x.length} values; rows of ${features} are expected`);
  }
  const scores = new Float64Array(x.length / features).fill(base);
  for (const tree of trees) addTree(tree, x, features, scores);
  if (link === "log") {
    for (let i = 0; i < scores.length; i++) scores[i] = Math.exp(scores[i]!);
  }
  return scores;
}

function addTree(tree: Tree, x: Float32Array, features: number, scores: Float64Array): void {
  // Typed arrays are several times faster to walk than the arrays of the model.
  const feature = Int32Array.from(tree.feature);
  const threshold = Float64Array.from(tree.threshold);
  const missingLeft = Uint8Array.from(tree.missingLeft, Number);
  const left = Int32Array.from(tree.left);
  const right = Int32Array.from(tree.right);
  const value = Float64Array.from(tree.value);
  for (let i = 0, row = 0; i < scores.length; i++, row += features) {
    let node = 0;
    while (feature[node]! >= 0) {
      const number = x[row + feature[node]!]!;
      const goesLeft = Number.isNaN(number) ? missingLeft[node] === 1 : number <= threshold[node]!;
      node = goesLeft ? left[node]! : right[node]!;
    }
    scores[i]! += value[node]!;
  }
}
