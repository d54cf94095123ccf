import { predictTrees } from "../boosting/predict.js";
import { clipRows } from "../interpret.js";
import { type Evidence, earlierFolds, type FoldEvidence } from "./evidence.js";
import { meanForecast, residualFeatures } from "./features.js";
import { learnFour } from "./learn-four.js";
import { chooseMix, type Mix, type PartForecasts } from "./mix.js";
import type { Combination } from "./model.js";
import { type FeaturesOf, type FullOptions, learnParts, type Parts } from "./parts.js";

export const DEFAULT_FULL: FullOptions = {
  stack: { ridge: 1e-2, steps: 8 },
  trees: { trees: 40, rate: 0.1, leaves: 15, minLeaf: 30, bins: 63 },
  rows: 30_000,
};

/**
 * The mean b of all experts, a ridge stack of the experts' deviations from it, and trees on the same deviations and
 * on statistics of the context; mixed by what each forecast in folds that it had not learned from. The parts
 * themselves are learned from all folds at last. Where no fold can be judged by parts that saw none of its
 * actuals, it is the plain mean.
 *
 * The function that it returns keeps what it learned from a set of folds: nested CV asks for the same sets again.
 */
export function fullLearner(options: FullOptions = DEFAULT_FULL): (evidence: Evidence) => Combination {
  const features = new Map<FoldEvidence, Float32Array>();
  const featuresOf: FeaturesOf = (fold) => {
    const own = features.get(fold) ?? residualFeatures(fold.forecasts, fold.rows);
    features.set(fold, own);
    return own;
  };
  const partsOf = remembered((folds: readonly FoldEvidence[]) => learnParts(folds, options, featuresOf));
  return (evidence) => {
    const { folds, experts } = evidence;
    const judged = folds.flatMap((fold) => {
      const parts = partsOf(foldsToJudge(folds, fold));
      return parts === null ? [] : [{ fold, forecasts: forecastParts(parts, fold, featuresOf(fold)) }];
    });
    const parts = partsOf(folds);
    if (judged.length === 0 || parts === null) return { ...learnFour(evidence), method: "full" };
    const mix = chooseMix(
      judged.map(({ fold }) => fold),
      judged.map(({ forecasts }) => forecasts),
    );
    return {
      method: "full",
      weights: Array.from({ length: evidence.segments + 1 }, () => foldIn(parts.coefficients, mix, experts)),
      residual: { weight: mix.residual, trees: parts.trees },
    };
  };
}

/** Earlier folds; where there is none, those that have no period in common with the judged one. */
function foldsToJudge(folds: readonly FoldEvidence[], judged: FoldEvidence): readonly FoldEvidence[] {
  const earlier = earlierFolds(folds, judged);
  if (earlier.length > 0) return earlier;
  return folds.filter(({ fold, rows }) => Math.abs(fold.origin - judged.fold.origin) >= rows.horizon);
}

/** Σ_k w_k · f_k = b + stack · Σ_k c_k · (f_k − b): weights of sum 1, whatever the coefficients are. */
function foldIn(coefficients: Float64Array, mix: Mix, experts: number): number[] {
  const sum = coefficients.reduce((total, value) => total + value, 0);
  return Array.from(coefficients, (value) => 1 / experts + mix.stack * (value - sum / experts));
}

function forecastParts(
  parts: Parts,
  { forecasts, rows, clip }: FoldEvidence,
  features: Float32Array,
): PartForecasts {
  const mean = meanForecast(forecasts);
  const answer = predictTrees(parts.trees, features);
  const stack = mean.map((value, cell) => {
    let corrected = value;
    for (const [k, forecast] of forecasts.entries()) {
      corrected += parts.coefficients[k]! * (forecast[cell]! - value);
    }
    return corrected;
  });
  const residual = mean.map(
    (value, cell) => value + rows.scale[Math.floor(cell / rows.horizon)]! * answer[cell]!,
  );
  for (const part of [stack, residual]) clipRows(part, rows, clip);
  return { mean, stack, residual };
}

function remembered(
  learn: (folds: readonly FoldEvidence[]) => Parts | null,
): (folds: readonly FoldEvidence[]) => Parts | null {
  const numbers = new Map<FoldEvidence, number>();
  const known = new Map<string, Parts | null>();
  return (folds) => {
    for (const fold of folds) if (!numbers.has(fold)) numbers.set(fold, numbers.size);
    const key = folds.map((fold) => numbers.get(fold)).join();
    if (!known.has(key)) known.set(key, learn(folds));
    return known.get(key)!;
  };
}
