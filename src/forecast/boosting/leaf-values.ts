import type { GrownNode } from "./grow.js";
import type { Objective } from "./loss.js";
import { quantileOf } from "./quantile.js";
import { countOf, newtonStep } from "./split.js";
import type { Steps, Workspace } from "./workspace.js";

/** What leaf values are made of, by row. */
export interface Targets {
  readonly y: Float64Array;
  readonly weight: Float64Array | null;
  readonly scores: Float64Array;
  readonly gradient: Float64Array;
}

/** The value of each leaf of a grown tree, without the learning rate; 0 at a split. */
export function leafValues(
  workspace: Workspace,
  nodes: readonly GrownNode[],
  objective: Objective,
  targets: Targets,
  steps: Steps,
): Float64Array {
  const { leafQuantile } = objective;
  if (leafQuantile !== null) return quantileLeaves(workspace, nodes, targets, leafQuantile);
  return Float64Array.from(nodes, (node) =>
    node.feature >= 0 ? 0 : newtonLeaf(workspace, node, targets.gradient, steps),
  );
}

/** With the gradients on a finer grid than that of the histograms. */
function newtonLeaf(workspace: Workspace, node: GrownNode, gradient: Float64Array, steps: Steps): number {
  const { order, curvatures, countUnit, l2 } = workspace;
  const { begin, end, sums } = node;
  const scale = 1 / steps.fineGradient;
  let sum = 0;
  for (let i = begin; i < end; i++) sum += Math.floor(gradient[order[i]!]! * scale + 0.5);
  const hessian = curvatures === null ? countOf(sums.amount, countUnit) : sums.curvature * steps.hessian;
  // Where nothing is uncertain, as with weights of zero, there is nothing to learn.
  return hessian + l2 > 0 ? newtonStep(sum * steps.fineGradient, hessian, l2, sums.low, sums.high) : 0;
}

/**
 * Quantiles of the residuals. Below a monotone split each side keeps to its side of the middle between the quantiles
 * of both: the bounds of the growth are in units of gradients and say nothing here.
 */
function quantileLeaves(
  { order, direction }: Workspace,
  nodes: readonly GrownNode[],
  { y, weight, scores }: Targets,
  probability: number,
): Float64Array {
  const { end: count } = nodes[0]!;
  const residuals = new Float64Array(count);
  const weights = weight === null ? null : new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const row = order[i]!;
    residuals[i] = y[row]! - scores[row]!;
    if (weights !== null) weights[i] = weight![row]!;
  }
  const quantileIn = ({ begin, end }: GrownNode): number =>
    quantileOf(
      residuals.subarray(begin, end),
      weights === null ? null : weights.subarray(begin, end),
      probability,
    );
  const low = new Float64Array(nodes.length).fill(Number.NEGATIVE_INFINITY);
  const high = new Float64Array(nodes.length).fill(Number.POSITIVE_INFINITY);
  return Float64Array.from(nodes, (node, index) => {
    const clip = (value: number) => Math.max(low[index]!, Math.min(high[index]!, value));
    if (node.feature < 0) return clip(quantileIn(node));
    const { left, right } = node;
    for (const child of [left, right]) {
      low[child] = low[index]!;
      high[child] = high[index]!;
    }
    const rises = direction[node.feature]!;
    if (rises !== 0) {
      const middle = clip((quantileIn(nodes[left]!) + quantileIn(nodes[right]!)) / 2);
      high[rises > 0 ? left : right] = middle;
      low[rises > 0 ? right : left] = middle;
    }
    return 0;
  });
}
