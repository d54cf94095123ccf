import type { Steps } from "./gradients.js";
import type { GrownNode } from "./grow.js";
import { quantileOf } from "./quantile.js";
import { countOf, newtonStep } from "./split.js";
import { LEAF_PARTS, partStart, partsOf, type RunWork, type Workspace } from "./workspace.js";

/** Rows and leaves that are worth a part. */
const LEAST_ROWS = 16_384;
const LEAST_LEAVES = 1;

/**
 * Adds the values of a grown tree's leaves to the scores of the rows that it was grown on. Leaves are marked on their
 * rows first: what follows goes through the rows in their order, which is several times faster than leaf by leaf.
 * @returns the value of each node, with the learning rate; 0 at a split
 */
export function finishLeaves(
  workspace: Workspace,
  nodes: readonly GrownNode[],
  steps: Steps,
  run: RunWork,
): Float64Array {
  const { rows, objective, rate, leafStarts, leafValues, leafOf } = workspace;
  const leaves = nodes.flatMap(({ feature }, node) => (feature < 0 ? [node] : []));
  leaves.sort((a, b) => nodes[a]!.begin - nodes[b]!.begin);
  leaves.forEach((node, leaf) => {
    leafStarts[leaf] = nodes[node]!.begin;
  });
  const { end } = nodes[0]!;
  leafStarts[leaves.length] = end;
  workspace.job[0] = leaves.length;
  if (end < rows) leafOf.fill(leaves.length);
  run(markLeaves, partsOf(leaves.length, LEAST_LEAVES));
  const values =
    objective.leafQuantile === null
      ? newtonLeaves(workspace, nodes, leaves, steps, run)
      : quantileLeaves(workspace, nodes, leaves, objective.leafQuantile, run);
  for (let node = 0; node < nodes.length; node++) values[node]! *= rate;
  leaves.forEach((node, leaf) => {
    leafValues[leaf] = values[node]!;
  });
  leafValues[leaves.length] = 0;
  run(addToScores, partsOf(rows, LEAST_ROWS));
  return values;
}

/** Leaves of a part. */
export function markLeaves({ job, leafStarts, leafOf, order }: Workspace, part: number, parts: number): void {
  const last = partStart(0, job[0]!, part + 1, parts);
  for (let leaf = partStart(0, job[0]!, part, parts); leaf < last; leaf++) {
    const end = leafStarts[leaf + 1]!;
    for (let i = leafStarts[leaf]!; i < end; i++) leafOf[order[i]!] = leaf;
  }
}

/** Rows of a part. */
export function addToScores(
  { rows, leafOf, leafValues, scores }: Workspace,
  part: number,
  parts: number,
): void {
  const end = partStart(0, rows, part + 1, parts);
  for (let row = partStart(0, rows, part, parts); row < end; row++) scores[row]! += leafValues[leafOf[row]!]!;
}

/** With the gradients on a finer grid than that of the histograms. */
function newtonLeaves(
  workspace: Workspace,
  nodes: readonly GrownNode[],
  leaves: readonly number[],
  steps: Steps,
  run: RunWork,
): Float64Array {
  const { rows, job, leafSums, isUnit, countUnit, l2 } = workspace;
  const parts = partsOf(rows, LEAST_ROWS, LEAF_PARTS);
  job[1] = 1 / steps.fineGradient;
  run(sumLeaves, parts);
  const values = new Float64Array(nodes.length);
  leaves.forEach((node, leaf) => {
    const { sums } = nodes[node]!;
    let sum = 0;
    for (let part = 0; part < parts; part++) sum += leafSums[part * (leaves.length + 1) + leaf]!;
    const hessian = isUnit ? countOf(sums.amount, countUnit) : sums.curvature * steps.hessian;
    // Where nothing is uncertain, as with weights of zero, there is nothing to learn.
    if (hessian + l2 > 0)
      values[node] = newtonStep(sum * steps.fineGradient, hessian, l2, sums.low, sums.high);
  });
  return values;
}

/** Rows of a part: the gradients of each leaf, in whole steps. */
export function sumLeaves(workspace: Workspace, part: number, parts: number): void {
  const { rows, job, gradient, leafOf, leafSums } = workspace;
  const first = part * (job[0]! + 1);
  const scale = job[1]!;
  leafSums.fill(0, first, first + job[0]! + 1);
  const end = partStart(0, rows, part + 1, parts);
  for (let row = partStart(0, rows, part, parts); row < end; row++)
    leafSums[first + leafOf[row]!]! += Math.floor(gradient[row]! * scale + 0.5);
}

/**
 * Quantiles of the residuals. Below a monotone split each side keeps to its side of the middle between the quantiles
 * of both: the bounds of the growth are in units of gradients and say nothing here.
 */
function quantileLeaves(
  workspace: Workspace,
  nodes: readonly GrownNode[],
  leaves: readonly number[],
  probability: number,
  run: RunWork,
): Float64Array {
  const { rows, direction, leafValues } = workspace;
  run(findResiduals, partsOf(rows, LEAST_ROWS));
  run(quantileLeaf, partsOf(leaves.length, LEAST_LEAVES));
  const own = new Float64Array(nodes.length);
  leaves.forEach((node, leaf) => {
    own[node] = leafValues[leaf]!;
  });
  const low = new Float64Array(nodes.length).fill(Number.NEGATIVE_INFINITY);
  const high = new Float64Array(nodes.length).fill(Number.POSITIVE_INFINITY);
  const quantileIn = (node: number): number => {
    const { feature, begin, end } = nodes[node]!;
    return feature < 0 ? own[node]! : residualQuantile(workspace, begin, end, probability);
  };
  return Float64Array.from(nodes, ({ feature, left, right }, node) => {
    const clip = (value: number) => Math.max(low[node]!, Math.min(high[node]!, value));
    if (feature < 0) return clip(own[node]!);
    for (const child of [left, right]) {
      low[child] = low[node]!;
      high[child] = high[node]!;
    }
    const rises = direction[feature]!;
    if (rises !== 0) {
      const middle = clip((quantileIn(left) + quantileIn(right)) / 2);
      high[rises > 0 ? left : right] = middle;
      low[rises > 0 ? right : left] = middle;
    }
    return 0;
  });
}

/** Rows of a part. The gradients have done their duty, and the residuals take their place. */
export function findResiduals({ rows, y, scores, gradient }: Workspace, part: number, parts: number): void {
  const end = partStart(0, rows, part + 1, parts);
  for (let row = partStart(0, rows, part, parts); row < end; row++) gradient[row] = y[row]! - scores[row]!;
}

/** Leaves of a part. */
export function quantileLeaf(workspace: Workspace, part: number, parts: number): void {
  const { job, leafStarts, leafValues, objective } = workspace;
  const last = partStart(0, job[0]!, part + 1, parts);
  for (let leaf = partStart(0, job[0]!, part, parts); leaf < last; leaf++) {
    const [begin, end] = [leafStarts[leaf]!, leafStarts[leaf + 1]!];
    leafValues[leaf] = residualQuantile(workspace, begin, end, objective.leafQuantile!);
  }
}

function residualQuantile(
  { order, gradient: residual, weight, isWeighted }: Workspace,
  begin: number,
  end: number,
  probability: number,
): number {
  const values = new Float64Array(end - begin);
  for (let i = begin; i < end; i++) values[i - begin] = residual[order[i]!]!;
  if (!isWeighted) return quantileOf(values, null, probability);
  const weights = new Float64Array(end - begin);
  for (let i = begin; i < end; i++) weights[i - begin] = weight[order[i]!]!;
  return quantileOf(values, weights, probability);
}
