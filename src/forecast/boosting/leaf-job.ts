import { FEATURES_PER_BLOCK } from "./bins.js";
import { addEight, addFour, BIN_SPACE, gather } from "./histogram.js";
import { findSplit, type LeafSums } from "./split.js";
import type { Steps, Workspace } from "./workspace.js";

/**
 * To fill the histograms of a leaf, from its rows, and those of its sibling, as what remains of their parent's, and to
 * find the best split of each feature in both. Blocks of features do not touch each other's numbers.
 */
export interface LeafJob {
  /** Of the leaf whose rows are added: its place among the histograms. */
  readonly slot: number;
  /** Its rows in the order. */
  readonly begin: number;
  readonly end: number;
  readonly sums: LeafSums;
  /** Of the sibling, where the parent's histograms are now; −1 at the root. */
  readonly sibling: number;
  readonly siblingSums: LeafSums;
  readonly steps: Steps;
}

export function writeJob(
  { job }: Workspace,
  { slot, begin, end, sums, sibling, siblingSums, steps }: LeafJob,
): void {
  job.set([slot, begin, end, sums.amount, sums.curvature, sums.low, sums.high]);
  job.set([sibling, siblingSums.amount, siblingSums.curvature, siblingSums.low, siblingSums.high], 7);
  job.set([steps.gradient, steps.hessian], 12);
}

/** Does the job that `writeJob` wrote for one block of features. */
export function runBlock(workspace: Workspace, block: number): void {
  const { job, columns, active } = workspace;
  const firstFeature = block * FEATURES_PER_BLOCK;
  const endFeature = Math.min(columns, firstFeature + FEATURES_PER_BLOCK);
  let anyActive = 0;
  for (let feature = firstFeature; feature < endFeature; feature++) anyActive |= active[feature]!;
  if (anyActive === 0) return;
  const slot = job[0]!;
  const sibling = job[7]!;
  fill(workspace, block, slot, job[1]!, job[2]!);
  if (sibling >= 0) subtract(workspace, block, slot, sibling);
  const sums = { amount: job[3]!, curvature: job[4]!, low: job[5]!, high: job[6]! };
  const siblingSums = { amount: job[8]!, curvature: job[9]!, low: job[10]!, high: job[11]! };
  for (let feature = firstFeature; feature < endFeature; feature++) {
    if (active[feature] === 0) continue;
    findSplit(workspace, slot, feature, sums, job[12]!, job[13]!);
    if (sibling >= 0) findSplit(workspace, sibling, feature, siblingSums, job[12]!, job[13]!);
  }
}

/** Cells of a block's features. */
const BLOCK = FEATURES_PER_BLOCK * BIN_SPACE;

/** The histograms of one block in one slot. */
function part(all: Float64Array, { blocks }: Workspace, slot: number, block: number): Float64Array {
  const offset = (slot * blocks.length + block) * BLOCK;
  return all.subarray(offset, offset + BLOCK);
}

/** Rows whose words are gathered before they are added: few enough to stay in the nearest cache. */
const CHUNK = 512;

function fill(workspace: Workspace, block: number, slot: number, begin: number, end: number): void {
  const { rows, order, histograms, curvatureHistograms } = workspace;
  const { amounts, curvatures, placedAmounts, placedCurvatures } = workspace;
  const words = workspace.blocks[block]!;
  const stride = words.length / rows;
  const gathered = new Int32Array(CHUNK * stride);
  const add = stride === 1 ? addFour : addEight;
  const own = part(histograms, workspace, slot, block).fill(0);
  const curvature = curvatureHistograms && part(curvatureHistograms, workspace, slot, block).fill(0);
  if (end - begin === rows) {
    // Where the leaf has all rows, they are in their own order.
    add(own, words, amounts, 0, rows);
    if (curvature !== null && curvatures !== null) add(curvature, words, curvatures, 0, rows);
    return;
  }
  for (let from = begin; from < end; from += CHUNK) {
    const to = Math.min(end, from + CHUNK);
    // Loads from far away wait for each other less in a loop that does nothing else.
    gather(words, stride, order, from, to, gathered);
    add(own, gathered, placedAmounts, from, to);
    if (curvature !== null && placedCurvatures !== null) add(curvature, gathered, placedCurvatures, from, to);
  }
}

/** Leaves in the sibling's place what its parent has beyond the other child. */
function subtract(workspace: Workspace, block: number, slot: number, sibling: number): void {
  for (const all of [workspace.histograms, workspace.curvatureHistograms]) {
    if (all === null) continue;
    const rest = part(all, workspace, sibling, block);
    const by = part(all, workspace, slot, block);
    for (let cell = 0; cell < BLOCK; cell++) rest[cell]! -= by[cell]!;
  }
}
