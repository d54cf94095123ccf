import { bitsFor, gridScale } from "./exact-sum.js";
import type { LeafSums } from "./split.js";
import { partStart, partsOf, type RunWork, type Workspace } from "./workspace.js";

/** Sizes of a step in the sums of a tree. */
export interface Steps {
  readonly gradient: number;
  readonly hessian: number;
  /** Of gradients that need not share a number with a count: for the values of leaves. */
  readonly fineGradient: number;
}

/** Rows that are worth a part. */
const LEAST_ROWS = 16_384;

/** Derives the loss at the scores of all rows. */
export function deriveLoss(workspace: Workspace, run: RunWork): void {
  run(derive, partsOf(workspace.rows, LEAST_ROWS));
}

/** Fills `amounts` and `curvatures` for the first `count` rows of the order, on which a tree is grown. */
export function packRows(
  workspace: Workspace,
  count: number,
  run: RunWork,
): { steps: Steps; sums: LeafSums } {
  const { job, found, isUnit } = workspace;
  const parts = partsOf(count, LEAST_ROWS);
  job[0] = count;
  run(measure, parts);
  let largest = 0;
  let steepest = 0;
  for (let part = 0; part < parts; part++) {
    largest = Math.max(largest, found[2 * part]!);
    steepest = Math.max(steepest, found[2 * part + 1]!);
  }
  const scale = gridScale(largest, workspace.gradientBits);
  const finest = isUnit ? 1 : gridScale(steepest, workspace.hessianBits);
  job[1] = scale;
  job[2] = finest;
  run(pack, parts);
  let amount = 0;
  let curvature = 0;
  for (let part = 0; part < parts; part++) {
    amount += found[2 * part]!;
    curvature += found[2 * part + 1]!;
  }
  return {
    steps: {
      gradient: 1 / scale,
      hessian: 1 / finest,
      fineGradient: 1 / gridScale(largest, bitsFor(workspace.rows)),
    },
    sums: { amount, curvature, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
  };
}

export function derive(workspace: Workspace, part: number, parts: number): void {
  const { objective, rows, scores, gradient, hessian } = workspace;
  const [from, to] = [partStart(0, rows, part, parts), partStart(0, rows, part + 1, parts)];
  objective.derive(scores, gradient, hessian, from, to);
}

/** The largest size of a gradient and of a hessian. */
export function measure(workspace: Workspace, part: number, parts: number): void {
  const { job, order, gradient, hessian, found, isUnit } = workspace;
  const end = partStart(0, job[0]!, part + 1, parts);
  let largest = 0;
  let steepest = 0;
  for (let i = partStart(0, job[0]!, part, parts); i < end; i++) {
    const row = order[i]!;
    largest = Math.max(largest, Math.abs(gradient[row]!));
    if (!isUnit) steepest = Math.max(steepest, hessian[row]!);
  }
  found[2 * part] = largest;
  found[2 * part + 1] = steepest;
}

/** Rounds to whole steps and sums up. */
export function pack(workspace: Workspace, part: number, parts: number): void {
  const { job, order, gradient, hessian, amounts, curvatures, found, isUnit, countUnit } = workspace;
  const end = partStart(0, job[0]!, part + 1, parts);
  const scale = job[1]!;
  const finest = job[2]!;
  let amount = 0;
  let curvature = 0;
  for (let i = partStart(0, job[0]!, part, parts); i < end; i++) {
    const row = order[i]!;
    const own = countUnit + Math.floor(gradient[row]! * scale + 0.5);
    amounts[row] = own;
    amount += own;
    if (isUnit) continue;
    const curved = Math.floor(hessian[row]! * finest + 0.5);
    curvatures[row] = curved;
    curvature += curved;
  }
  found[2 * part] = amount;
  found[2 * part + 1] = curvature;
}
