import { BIN_SPACE, CANDIDATE, type Workspace } from "./workspace.js";

/** Sums over the rows of a leaf, as histograms hold them, and what its value may be. */
export interface LeafSums {
  readonly amount: number;
  /** In steps; of no meaning where every hessian is 1. */
  readonly curvature: number;
  /** Monotone splits above the leaf bind its value, in units of the score. */
  readonly low: number;
  readonly high: number;
}

/** Two numbers in one, see `Workspace.amounts`. */
export const countOf = (amount: number, countUnit: number): number => Math.floor(amount / countUnit + 0.5);

/** The value of a leaf with these sums that lowers the loss most. */
export function newtonStep(gradient: number, hessian: number, l2: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, -gradient / (hessian + l2)));
}

/** A leaf with less curvature has no value that makes sense. */
const MIN_HESSIAN = 1e-3;
/** Less of what the leaf itself is worth is rounding. */
const NOISE = 1e-10;
/** Less than this share of the best is less however it is rounded. */
const SURELY = 1 - 1e-12;

/**
 * Looks at every bin of a feature's histogram, with the missing values on the right and then on the left, and writes
 * the best split to the candidates of the slot; gain 0 where none is allowed. Of equal ones the first.
 */
export function findSplit(
  workspace: Workspace,
  slot: number,
  feature: number,
  leaf: LeafSums,
  gradientStep: number,
  hessianStep: number,
): void {
  const { histograms, curvatureHistograms, candidates, countUnit, minLeaf, l2, isUnit } = workspace;
  const start = (slot * workspace.stride + feature) * BIN_SPACE;
  const numbers = workspace.numbers[feature]!;
  const direction = workspace.direction[feature]!;
  const { amount: total, curvature: totalCurvature, low, high } = leaf;
  const isBound = direction !== 0 || low > Number.NEGATIVE_INFINITY || high < Number.POSITIVE_INFINITY;
  const perUnit = 1 / countUnit;

  const count = Math.floor(total * perUnit + 0.5);
  const gradient = (total - count * countUnit) * gradientStep;
  const hessian = isUnit ? count : totalCurvature * hessianStep;
  const own = isBound
    ? worth(gradient, hessian + l2, newtonStep(gradient, hessian, l2, low, high))
    : (gradient * gradient) / (hessian + l2);

  const missing = histograms[start + numbers]!;
  const missingCurvature = isUnit ? 0 : curvatureHistograms[start + numbers]!;
  let best = own + NOISE * Math.abs(own);
  let bestBin = -1;
  let bestMissingLeft = 0;
  let bestAmount = 0;
  let bestCurvature = 0;
  const passes = missing === 0 ? 1 : 2;
  for (let missingLeft = 0; missingLeft < passes; missingLeft++) {
    let left = missingLeft === 1 ? missing : 0;
    let curvature = missingLeft === 1 ? missingCurvature : 0;
    // With the missing values on the right, all numbers may go left.
    const bins = missing !== 0 && missingLeft === 0 ? numbers : numbers - 1;
    for (let bin = 0; bin < bins; bin++) {
      left += histograms[start + bin]!;
      if (!isUnit) curvature += curvatureHistograms[start + bin]!;
      const leftCount = Math.floor(left * perUnit + 0.5);
      if (leftCount < minLeaf) continue;
      const rightCount = count - leftCount;
      if (rightCount < minLeaf) break;
      const leftGradient = (left - leftCount * countUnit) * gradientStep;
      const rightGradient = gradient - leftGradient;
      const leftHessian = isUnit ? leftCount : curvature * hessianStep;
      const rightHessian = hessian - leftHessian;
      if (leftHessian < MIN_HESSIAN || rightHessian < MIN_HESSIAN) continue;
      let gain: number;
      if (isBound) {
        const leftValue = newtonStep(leftGradient, leftHessian, l2, low, high);
        const rightValue = newtonStep(rightGradient, rightHessian, l2, low, high);
        if (direction * (rightValue - leftValue) < 0) continue;
        gain =
          worth(leftGradient, leftHessian + l2, leftValue) +
          worth(rightGradient, rightHessian + l2, rightValue);
      } else {
        const leftSquare = leftGradient * leftGradient;
        const rightSquare = rightGradient * rightGradient;
        const leftDivisor = leftHessian + l2;
        const rightDivisor = rightHessian + l2;
        // Most bins are worse than the best so far, which shows without a division.
        const divisor = leftDivisor * rightDivisor;
        if (leftSquare * rightDivisor + rightSquare * leftDivisor < best * divisor * SURELY) continue;
        gain = leftSquare / leftDivisor + rightSquare / rightDivisor;
      }
      if (gain > best) {
        best = gain;
        bestBin = bin;
        bestMissingLeft = missingLeft;
        bestAmount = left;
        bestCurvature = curvature;
      }
    }
  }
  const place = (slot * workspace.columns + feature) * CANDIDATE;
  candidates[place] = bestBin < 0 ? 0 : best - own;
  candidates[place + 1] = bestBin;
  candidates[place + 2] =
    missing === 0 && bestBin >= 0 ? moreOnTheLeft(bestAmount, total, countUnit) : bestMissingLeft;
  candidates[place + 3] = bestAmount;
  candidates[place + 4] = bestCurvature;
}

/** Twice what a leaf with this value lowers the loss by. */
const worth = (gradient: number, hessian: number, value: number): number =>
  -(2 * gradient + hessian * value) * value;

/** Where no value was missing in training, one goes the way of most rows. */
const moreOnTheLeft = (left: number, total: number, countUnit: number): number =>
  2 * countOf(left, countUnit) >= countOf(total, countUnit) ? 1 : 0;
