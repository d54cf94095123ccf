import { divideLeaf } from "./divide.js";
import type { Steps } from "./gradients.js";
import { examineLeaf, type LeafJob } from "./leaf-job.js";
import { countOf, type LeafSums, newtonStep } from "./split.js";
import { CANDIDATE, type RunWork, type Workspace } from "./workspace.js";

/** A node of a tree that grows; a leaf has feature −1. Its rows are order[begin..end − 1]. */
export interface GrownNode {
  readonly begin: number;
  readonly end: number;
  readonly sums: LeafSums;
  feature: number;
  /** The highest bin of numbers that goes left. */
  bin: number;
  missingLeft: boolean;
  gain: number;
  left: number;
  right: number;
}

/** Where the histograms of a leaf are, and its best split. */
interface OpenLeaf {
  readonly node: number;
  readonly slot: number;
  readonly feature: number;
  readonly candidate: Float64Array;
}

/**
 * Grows a tree leaf by leaf, the one with the greatest gain first, on the first `count` rows of the order, which end
 * up sorted by leaf.
 * @param rootSums of these rows
 * @returns nodes, root first
 */
export function growTree(
  workspace: Workspace,
  count: number,
  rootSums: LeafSums,
  steps: Steps,
  run: RunWork,
): GrownNode[] {
  const { minLeaf, leaves } = workspace;
  const free = Array.from({ length: leaves }, (_, slot) => leaves - 1 - slot);
  const nodes: GrownNode[] = [newLeaf(0, count, rootSums)];
  const open: OpenLeaf[] = [];
  const consider = (node: number, slot: number): void => {
    const best =
      nodes[node]!.end - nodes[node]!.begin < 2 * minLeaf ? null : bestCandidate(workspace, node, slot);
    if (best === null) free.push(slot);
    else open.push(best);
  };
  const examine = (job: Omit<LeafJob, "steps">): void => examineLeaf(workspace, { ...job, steps }, run);

  if (leaves > 1 && count >= 2 * minLeaf) {
    const slot = free.pop()!;
    const { sums } = nodes[0]!;
    examine({ slot, begin: 0, end: count, sums, sibling: -1, siblingSums: sums });
    consider(0, slot);
  }
  for (let made = 1; made < leaves && open.length > 0; made++) {
    const leaf = takeBest(open);
    const { left, right } = splitLeaf(workspace, nodes, leaf, steps, run);
    const [small, large] =
      nodes[left]!.end - nodes[left]!.begin <= nodes[right]!.end - nodes[right]!.begin
        ? [left, right]
        : [right, left];
    const isWorthIt = made + 1 < leaves && nodes[large]!.end - nodes[large]!.begin >= 2 * minLeaf;
    if (!isWorthIt) {
      free.push(leaf.slot);
      continue;
    }
    const slot = free.pop()!;
    const { begin, end, sums } = nodes[small]!;
    examine({ slot, begin, end, sums, sibling: leaf.slot, siblingSums: nodes[large]!.sums });
    consider(small, slot);
    consider(large, leaf.slot);
  }
  return nodes;
}

const newLeaf = (begin: number, end: number, sums: LeafSums): GrownNode => ({
  begin,
  end,
  sums,
  feature: -1,
  bin: -1,
  missingLeft: false,
  gain: 0,
  left: -1,
  right: -1,
});

/** Null where no feature has a split. Of equal ones the first. */
function bestCandidate(
  { candidates, columns, active }: Workspace,
  node: number,
  slot: number,
): OpenLeaf | null {
  let feature = -1;
  let gain = 0;
  for (let f = 0; f < columns; f++) {
    const own = candidates[(slot * columns + f) * CANDIDATE]!;
    if (active[f] === 0 || !(own > gain)) continue;
    gain = own;
    feature = f;
  }
  if (feature < 0) return null;
  const start = (slot * columns + feature) * CANDIDATE;
  return { node, slot, feature, candidate: candidates.slice(start, start + CANDIDATE) };
}

function takeBest(open: OpenLeaf[]): OpenLeaf {
  let best = 0;
  for (let i = 1; i < open.length; i++) {
    const difference = open[i]!.candidate[0]! - open[best]!.candidate[0]!;
    if (difference > 0 || (difference === 0 && open[i]!.node < open[best]!.node)) best = i;
  }
  return open.splice(best, 1)[0]!;
}

/** Adds the two children of a leaf. */
function splitLeaf(
  workspace: Workspace,
  nodes: GrownNode[],
  { node, feature, candidate }: OpenLeaf,
  steps: Steps,
  run: RunWork,
): { left: number; right: number } {
  const parent = nodes[node]!;
  const [gain, bin, side, amount, curvature] = candidate as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  const { sums } = parent;
  const rest = { amount: sums.amount - amount, curvature: sums.curvature - curvature };
  const bounds = childBounds(workspace, feature, sums, { amount, curvature }, rest, steps);
  const missingLeft = side === 1;
  const middle = divideLeaf(workspace, parent, { feature, bin, missingLeft }, run);
  const left = nodes.push(newLeaf(parent.begin, middle, { amount, curvature, ...bounds.left })) - 1;
  const right = nodes.push(newLeaf(middle, parent.end, { ...rest, ...bounds.right })) - 1;
  Object.assign(parent, { feature, bin, missingLeft, gain, left, right });
  return { left, right };
}

type Bounds = Pick<LeafSums, "low" | "high">;

/** Below a monotone split, each side keeps to its side of the middle between the two values. */
function childBounds(
  workspace: Workspace,
  feature: number,
  { low, high }: Bounds,
  left: Pick<LeafSums, "amount" | "curvature">,
  right: Pick<LeafSums, "amount" | "curvature">,
  steps: Steps,
): { left: Bounds; right: Bounds } {
  const direction = workspace.direction[feature]!;
  if (direction === 0) return { left: { low, high }, right: { low, high } };
  const stepOf = (sums: Pick<LeafSums, "amount" | "curvature">) => {
    const { gradient, hessian } = unpack(workspace, sums, steps);
    return newtonStep(gradient, hessian, workspace.l2, low, high);
  };
  const middle = (stepOf(left) + stepOf(right)) / 2;
  const [below, above] = [
    { low, high: middle },
    { low: middle, high },
  ];
  return direction > 0 ? { left: below, right: above } : { left: above, right: below };
}

/** Sums of gradient and hessian. */
function unpack(
  { countUnit, isUnit }: Workspace,
  { amount, curvature }: Pick<LeafSums, "amount" | "curvature">,
  steps: Steps,
): { gradient: number; hessian: number } {
  const count = countOf(amount, countUnit);
  return {
    gradient: (amount - count * countUnit) * steps.gradient,
    hessian: isUnit ? count : curvature * steps.hessian,
  };
}
