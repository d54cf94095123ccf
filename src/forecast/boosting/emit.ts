import { type GraphBuilder, ML, type Value } from "../onnx/builder.js";
import { reshape } from "../onnx/ops.js";
import { ELEMENT, type Tensor } from "../onnx/proto.js";
import type { TreeEnsemble } from "./model.js";

/**
 * The ensemble as a TreeEnsembleRegressor of ai.onnx.ml 3: double thresholds, values and sums. The operator rounds
 * its answer to float32, so the base is added afterwards.
 * @param x float [M, features], NaN where missing
 * @returns double [M]
 */
export function emitTrees(graph: GraphBuilder, ensemble: TreeEnsemble, x: Value): Value {
  const { base, link, trees } = ensemble;
  const score =
    trees.length === 0
      ? constantRows(graph, x, base)
      : graph.op("Add", [reshape(graph, sumOfTrees(graph, ensemble, x), [-1]), graph.double(base)]);
  return link === "log" ? graph.op("Exp", [score]) : score;
}

/** double [M, 1] */
function sumOfTrees(graph: GraphBuilder, { trees }: TreeEnsemble, x: Value): Value {
  const nodes = trees.flatMap((tree, id) =>
    tree.feature.map((feature, node) => ({
      tree: id,
      node,
      isLeaf: feature < 0,
      feature: Math.max(0, feature),
      threshold: tree.threshold[node]!,
      missingLeft: tree.missingLeft[node]! ? 1 : 0,
      left: Math.max(0, tree.left[node]!),
      right: Math.max(0, tree.right[node]!),
      value: tree.value[node]!,
    })),
  );
  const leaves = nodes.filter(({ isLeaf }) => isLeaf);
  const sum = graph.op(
    "TreeEnsembleRegressor",
    [graph.cast(x, "double")],
    {
      aggregate_function: "SUM",
      n_targets: 1,
      nodes_treeids: nodes.map(({ tree }) => tree),
      nodes_nodeids: nodes.map(({ node }) => node),
      nodes_featureids: nodes.map(({ feature }) => feature),
      nodes_modes: nodes.map(({ isLeaf }) => (isLeaf ? "LEAF" : "BRANCH_LEQ")),
      nodes_values_as_tensor: doubles(nodes.map(({ threshold }) => threshold)),
      nodes_missing_value_tracks_true: nodes.map(({ missingLeft }) => missingLeft),
      nodes_truenodeids: nodes.map(({ left }) => left),
      nodes_falsenodeids: nodes.map(({ right }) => right),
      target_treeids: leaves.map(({ tree }) => tree),
      target_nodeids: leaves.map(({ node }) => node),
      target_ids: leaves.map(() => 0),
      target_weights_as_tensor: doubles(leaves.map(({ value }) => value)),
      post_transform: "NONE",
    },
    ML,
  );
  return graph.cast(sum, "double");
}

function constantRows(graph: GraphBuilder, x: Value, value: number): Value {
  const [zero, one] = [graph.constant("int64", [1], [0]), graph.constant("int64", [1], [1])];
  const rows = graph.op("Slice", [graph.op("Shape", [x]), zero, one]);
  return graph.op("ConstantOfShape", [rows], { value: doubles([value]) });
}

function doubles(values: readonly number[]): Tensor {
  const rawData = new Uint8Array(values.length * 8);
  const view = new DataView(rawData.buffer);
  for (const [index, value] of values.entries()) view.setFloat64(index * 8, value, true);
  return { dims: [values.length], dataType: ELEMENT.double, name: "", rawData };
}
