import { type BinnedMatrix, FEATURES_PER_BLOCK } from "./bins.js";
import { bitsFor, gridScale } from "./exact-sum.js";
import { BIN_SPACE } from "./histogram.js";
import type { BoostingOptions } from "./options.js";

/**
 * What the growth of a tree works on, in shared memory: threads that are given it see the same numbers.
 *
 * A histogram's cell is one number, count · countUnit + gradient in whole steps, so that one addition does for both.
 * Steps are as fine as exact sums allow.
 */
export interface Workspace {
  readonly rows: number;
  readonly columns: number;
  readonly blocks: readonly Int32Array[];
  readonly numbers: Int32Array;
  /** [columns], 1 where the tree may look at the feature. */
  readonly active: Uint8Array;
  /** [columns], −1 | 0 | 1. */
  readonly direction: Int8Array;
  /** Rows that the tree is grown on, those of a leaf together and rising. */
  readonly order: Int32Array;
  /** [rows], for the division of a leaf. */
  readonly goingRight: Int32Array;
  /** [rows]: countUnit + gradient of a row. */
  readonly amounts: Float64Array;
  /** [rows]: hessian of a row in whole steps; null where all are 1. */
  readonly curvatures: Float64Array | null;
  /** The same two by place in `order`, for the rows that are being added. */
  readonly placedAmounts: Float64Array;
  readonly placedCurvatures: Float64Array | null;
  /** [leaves × blocks × 8 × 256] */
  readonly histograms: Float64Array;
  readonly curvatureHistograms: Float64Array | null;
  /** [leaves × columns × CANDIDATE]: the best split of each feature. */
  readonly candidates: Float64Array;
  readonly countUnit: number;
  /** Most that a gradient may have, in steps. */
  readonly gradientBits: number;
  readonly hessianBits: number;
  readonly minLeaf: number;
  readonly l2: number;
  /** What is to be done, see `LeafJob`. */
  readonly job: Float64Array;
}

/** Numbers of a candidate: gain, bin, missing left, amount and curvature of the left side. */
export const CANDIDATE = 5;

export function makeWorkspace(
  binned: BinnedMatrix,
  options: BoostingOptions,
  unitHessian: boolean,
): Workspace {
  const { rows, columns, blocks, numbers } = binned;
  const cells = options.leaves * blocks.length * FEATURES_PER_BLOCK * BIN_SPACE;
  // Twice the bits of a count, one for the sign, and the rest is for the gradient's size.
  const countBits = Math.ceil(Math.log2(rows + 1));
  const gradientBits = Math.min(30, 52 - 2 * countBits);
  const direction = new Int8Array(new SharedArrayBuffer(columns));
  direction.set(options.monotone ?? []);
  return {
    rows,
    columns,
    blocks,
    numbers: sharedCopy(numbers),
    active: new Uint8Array(new SharedArrayBuffer(columns)).fill(1),
    direction,
    order: new Int32Array(new SharedArrayBuffer(rows * 4)),
    goingRight: new Int32Array(rows),
    amounts: doubles(rows),
    curvatures: unitHessian ? null : doubles(rows),
    placedAmounts: doubles(rows),
    placedCurvatures: unitHessian ? null : doubles(rows),
    histograms: doubles(cells),
    curvatureHistograms: unitHessian ? null : doubles(cells),
    candidates: doubles(options.leaves * columns * CANDIDATE),
    countUnit: 2 ** (countBits + gradientBits + 1),
    gradientBits,
    hessianBits: bitsFor(rows),
    minLeaf: options.minLeaf,
    l2: options.l2,
    job: doubles(16),
  };
}

export const doubles = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(length * 8));

function sharedCopy(numbers: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(numbers.byteLength));
  copy.set(numbers);
  return copy;
}

/** Sizes of a step in the sums of a tree. */
export interface Steps {
  readonly gradient: number;
  readonly hessian: number;
  /** Of gradients that need not share a number with a count: for the values of leaves. */
  readonly fineGradient: number;
}

/** Fills `amounts` and `curvatures` for the rows of a tree. */
export function packRows(
  workspace: Workspace,
  rows: Int32Array,
  gradient: Float64Array,
  hessian: Float64Array,
): Steps {
  const { amounts, curvatures, countUnit, gradientBits, hessianBits } = workspace;
  let largest = 0;
  let steepest = 0;
  for (let i = 0; i < rows.length; i++) largest = Math.max(largest, Math.abs(gradient[rows[i]!]!));
  const scale = gridScale(largest, gradientBits);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    amounts[row] = countUnit + Math.floor(gradient[row]! * scale + 0.5);
  }
  const fineGradient = 1 / gridScale(largest, bitsFor(workspace.rows));
  if (curvatures === null) return { gradient: 1 / scale, hessian: 1, fineGradient };
  for (let i = 0; i < rows.length; i++) steepest = Math.max(steepest, hessian[rows[i]!]!);
  const finest = gridScale(steepest, hessianBits);
  for (let i = 0; i < rows.length; i++) curvatures[rows[i]!] = Math.floor(hessian[rows[i]!]! * finest + 0.5);
  return { gradient: 1 / scale, hessian: 1 / finest, fineGradient };
}
