import type { Steps } from "./gradients.js";
import { findSplit, type LeafSums } from "./split.js";
import { BIN_SPACE, CHUNK, partStart, partsOf, type RunWork, type Workspace } from "./workspace.js";

/**
 * To fill the histograms of a leaf, from its rows, and those of its sibling, as what remains of their parent's, and to
 * find the best split of each feature in both.
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

/** Rows and features that are worth a part. */
const LEAST_ROWS = 4096;
const LEAST_FEATURES = 4;

export function examineLeaf(
  workspace: Workspace,
  { slot, begin, end, sums, sibling, siblingSums, steps }: LeafJob,
  run: RunWork,
): void {
  const { job, columns, histograms, curvatureHistograms, touched, isUnit } = workspace;
  job.set([slot, begin, end, sums.amount, sums.curvature, sums.low, sums.high]);
  job.set([sibling, siblingSums.amount, siblingSums.curvature, siblingSums.low, siblingSums.high], 7);
  job.set([steps.gradient, steps.hessian], 12);
  clearHistograms(workspace, slot, histograms);
  if (!isUnit) clearHistograms(workspace, slot, curvatureHistograms);
  run(addRows, partsOf(end - begin, LEAST_ROWS));
  run(seekSplits, partsOf(columns, LEAST_FEATURES));
  touched.fill(0);
}

/** The cells that are in use: features have far fewer bins than there is room for. */
function clearHistograms({ columns, stride, numbers }: Workspace, slot: number, all: Float64Array): void {
  for (let feature = 0; feature < columns; feature++) {
    const own = (slot * stride + feature) * BIN_SPACE;
    all.fill(0, own, own + numbers[feature]! + 1);
  }
}

/** Rows of a part: adds them to the histograms of the leaf or, in a helper, to its own. */
export function addRows(workspace: Workspace, part: number, parts: number, thread: number): void {
  const { job, rows, stride, order, rowBins, gatheredBins, gatheredAmounts, kernels, touched } = workspace;
  const { amounts, curvatures, histograms, curvatureHistograms, isUnit } = workspace;
  const { helperHistograms, helperCurvatures } = workspace;
  const [slot, begin, end] = [job[0]!, job[1]!, job[2]!];
  // Where the leaf has all rows, they are in their own order.
  const hasAll = end - begin === rows;
  const last = partStart(begin, end, part + 1, parts);
  const offset = 8 * stride * BIN_SPACE * (thread === 0 ? slot : thread - 1);
  const sums = offset + (thread === 0 ? histograms : helperHistograms).byteOffset;
  const curved = offset + (thread === 0 ? curvatureHistograms : helperCurvatures).byteOffset;
  const nearBins = gatheredBins.byteOffset + thread * CHUNK * stride;
  const near = gatheredAmounts.byteOffset + thread * CHUNK * 8;
  touched[thread] = 1;
  for (let from = partStart(begin, end, part, parts); from < last; from += CHUNK) {
    const count = Math.min(CHUNK, last - from);
    if (hasAll) {
      const bins = rowBins.byteOffset + from * stride;
      addChunk(workspace, sums, bins, amounts.byteOffset + from * 8, count);
      if (!isUnit) addChunk(workspace, curved, bins, curvatures.byteOffset + from * 8, count);
      continue;
    }
    const places = order.byteOffset + from * 4;
    // Loads from far away wait for each other less in a loop that does nothing else.
    kernels.gather(places, count, rowBins.byteOffset, stride, nearBins);
    kernels.pick(places, count, amounts.byteOffset, near);
    addChunk(workspace, sums, nearBins, near, count);
    if (isUnit) continue;
    kernels.pick(places, count, curvatures.byteOffset, near);
    addChunk(workspace, curved, nearBins, near, count);
  }
}

/** All features of some rows, few at a time: their histograms stay in the nearest cache. */
function addChunk(
  { kernels, active, columns, stride }: Workspace,
  sums: number,
  bins: number,
  amounts: number,
  count: number,
): void {
  for (let feature = 0; feature < columns; feature += 8) {
    let isActive = 0;
    for (let f = feature; f < feature + 8 && f < columns; f++) isActive |= active[f]!;
    if (isActive === 0) continue;
    const add = columns - feature > 4 ? kernels.addEight : kernels.addFour;
    add(sums + 8 * BIN_SPACE * feature, bins + feature, stride, amounts, count);
  }
}

/** Features of a part: completes the histograms of both leaves and looks for their best splits. */
export function seekSplits(workspace: Workspace, part: number, parts: number): void {
  const { job, columns, active, isUnit } = workspace;
  const { histograms, curvatureHistograms, helperHistograms, helperCurvatures } = workspace;
  const slot = job[0]!;
  const sibling = job[7]!;
  const sums = { amount: job[3]!, curvature: job[4]!, low: job[5]!, high: job[6]! };
  const siblingSums = { amount: job[8]!, curvature: job[9]!, low: job[10]!, high: job[11]! };
  const end = partStart(0, columns, part + 1, parts);
  for (let feature = partStart(0, columns, part, parts); feature < end; feature++) {
    complete(workspace, feature, slot, sibling, histograms, helperHistograms);
    if (!isUnit) complete(workspace, feature, slot, sibling, curvatureHistograms, helperCurvatures);
    if (active[feature] === 0) continue;
    findSplit(workspace, slot, feature, sums, job[12]!, job[13]!);
    if (sibling >= 0) findSplit(workspace, sibling, feature, siblingSums, job[12]!, job[13]!);
  }
}

/**
 * Adds what helpers have of a feature, and leaves in the sibling's place what its parent has beyond the other child.
 */
function complete(
  { stride, threads, touched, numbers }: Workspace,
  feature: number,
  slot: number,
  sibling: number,
  all: Float64Array,
  helpers: Float64Array,
): void {
  const own = (slot * stride + feature) * BIN_SPACE;
  const cells = numbers[feature]! + 1;
  for (let thread = 1; thread < threads; thread++) {
    if (touched[thread] === 0) continue;
    const from = ((thread - 1) * stride + feature) * BIN_SPACE;
    for (let cell = 0; cell < cells; cell++) {
      all[own + cell]! += helpers[from + cell]!;
      helpers[from + cell] = 0;
    }
  }
  if (sibling < 0) return;
  const rest = (sibling * stride + feature) * BIN_SPACE;
  for (let cell = 0; cell < cells; cell++) all[rest + cell]! -= all[own + cell]!;
}
