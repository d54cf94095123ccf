import { type BinnedMatrix, laneOf } from "./bins.js";
import type { GrownNode } from "./grow.js";
import type { Tree } from "./model.js";

/** Stands for "every number" as a threshold: the largest float32. */
const ABOVE_ALL = 3.4028234663852886e38;

/** A grown tree as the model has it. */
export function describeTree(nodes: readonly GrownNode[], values: Float64Array, binned: BinnedMatrix): Tree {
  const thresholdOf = ({ feature, bin }: GrownNode) =>
    feature < 0 ? 0 : (binned.thresholds[feature]![bin] ?? ABOVE_ALL);
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
  binned: BinnedMatrix,
  nodes: readonly GrownNode[],
  values: Float64Array,
  rows: Int32Array,
  scores: Float64Array,
): void {
  const bin = Int32Array.from(nodes, (node) => node.bin);
  const missing = Int32Array.from(nodes, ({ feature }) => (feature < 0 ? -1 : binned.numbers[feature]!));
  const lanes = nodes.map(({ feature }) => (feature < 0 ? null : laneOf(binned, feature)));
  for (const row of rows) {
    let node = 0;
    for (let lane = lanes[0] ?? null; lane !== null; lane = lanes[node] ?? null) {
      const own = (lane.words[row * lane.stride + lane.word]! >>> lane.shift) & 255;
      const { missingLeft, left, right } = nodes[node]!;
      node = (own === missing[node] ? missingLeft : own <= bin[node]!) ? left : right;
    }
    scores[row]! += values[node]!;
  }
}
