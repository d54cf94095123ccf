import type { FoldEvidence } from "./evidence.js";
import { relativeError, scoreForecasts, scoreNaive } from "./scores.js";

/** How much each part of a learned combination counts; the sum is 1. */
export interface Mix {
  readonly mean: number;
  readonly stack: number;
  readonly residual: number;
}

/** What each part forecasts in a fold that it has not learned from: [N × H], clipped. */
export interface PartForecasts {
  readonly mean: Float64Array;
  readonly stack: Float64Array;
  readonly residual: Float64Array;
}

/** Quarters: 15 mixes. */
const STEPS = 4;

const EQUAL: Mix = { mean: 1 / 3, stack: 1 / 3, residual: 1 / 3 };

/**
 * The mix with the lowest error relative to the naive's (WMAPE + MASE) over the folds, half-way towards equal
 * thirds: learned weights are noisy, and equal ones are hard to beat. Of equally good mixes it is the one with
 * more of the mean, then of the stack.
 * @param folds at least one
 * @param parts one a fold
 */
export function chooseMix(folds: readonly FoldEvidence[], parts: readonly PartForecasts[]): Mix {
  const best = bestMix(folds, parts);
  return {
    mean: (best.mean + EQUAL.mean) / 2,
    stack: (best.stack + EQUAL.stack) / 2,
    residual: (best.residual + EQUAL.residual) / 2,
  };
}

export function bestMix(folds: readonly FoldEvidence[], parts: readonly PartForecasts[]): Mix {
  const naive = scoreNaive(folds);
  let best = EQUAL;
  let lowest = Number.POSITIVE_INFINITY;
  for (const mix of everyMix()) {
    const error = relativeError(
      scoreForecasts(
        folds,
        parts.map((part) => mixForecasts(part, mix)),
      ),
      naive,
    );
    // A last bit more or less is no reason.
    if (error < lowest - 1e-12) [best, lowest] = [mix, error];
  }
  return best;
}

function everyMix(): Mix[] {
  const mixes: Mix[] = [];
  for (let mean = STEPS; mean >= 0; mean--) {
    for (let stack = STEPS - mean; stack >= 0; stack--) {
      mixes.push({ mean: mean / STEPS, stack: stack / STEPS, residual: (STEPS - mean - stack) / STEPS });
    }
  }
  return mixes;
}

const mixForecasts = ({ mean, stack, residual }: PartForecasts, mix: Mix): Float64Array =>
  mean.map((value, cell) => mix.mean * value + mix.stack * stack[cell]! + mix.residual * residual[cell]!);
