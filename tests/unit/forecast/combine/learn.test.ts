import { describe, expect, test } from "vitest";
import { learnersOf, selectCombination } from "../../../../src/forecast/combine/auto.js";
import { combine } from "../../../../src/forecast/combine/combine.js";
import type { Evidence } from "../../../../src/forecast/combine/evidence.js";
import { learnFour } from "../../../../src/forecast/combine/learn-four.js";
import { fullLearner } from "../../../../src/forecast/combine/learn-full.js";
import { learnSingle } from "../../../../src/forecast/combine/learn-single.js";
import type { Combination } from "../../../../src/forecast/combine/model.js";
import { nestedForecasts } from "../../../../src/forecast/combine/nested.js";
import { scoreForecasts } from "../../../../src/forecast/combine/scores.js";
import { type Cell, evidenceOf, type World } from "./support.js";

const near = (noise: number) => 1 + 0.02 * noise;

/** The last fold is new to what was learned from the others. */
function judge(world: World): { full: number; mean: number; combination: Combination } {
  const evidence = evidenceOf({ ...world, folds: 5 });
  const past = { ...evidence, folds: evidence.folds.slice(0, 4) };
  const fold = evidence.folds[4]!;
  const combination = fullLearner()(past);
  const error = (own: Combination) =>
    scoreForecasts([fold], [combine(own, fold.forecasts, fold.rows)]).wmape!;
  return { full: error(combination), mean: error(learnFour(past)), combination };
}

const sumsToOne = ({ weights }: Combination) => {
  for (const row of weights) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
};

describe("learnFull", () => {
  const biased = (by: number) => (_: Cell) => 1 + by;

  test("finds the one expert that is right", () => {
    const { full, mean, combination } = judge({
      actual: ({ series, lead, fold }) => 1 + 0.3 * Math.sin(series + lead + fold),
      experts: [
        ({ series, lead, fold, noise }) => 1 + 0.3 * Math.sin(series + lead + fold) + 0.01 * noise,
        ({ noise }) => 1 + 0.3 * noise,
        ({ noise }) => 1 + 0.3 * noise,
      ],
    });
    expect(full).toBeLessThan(0.6 * mean);
    expect(combination.weights[0]![0]).toBeGreaterThan(0.55);
    sumsToOne(combination);
  });

  test("stays near the mean where the mean is right", () => {
    const { full, mean, combination } = judge({
      actual: () => 1,
      experts: [
        ({ noise }) => 1 + 0.1 * noise,
        ({ noise }) => 1 + 0.1 * noise,
        ({ noise }) => 1 + 0.1 * noise,
      ],
    });
    expect(full).toBeLessThan(1.02 * mean);
    for (const weight of combination.weights[0]!) expect(Math.abs(weight - 1 / 3)).toBeLessThan(0.05);
    sumsToOne(combination);
  });

  test("corrects a bias that depends on the lead", () => {
    const bias = ({ lead }: Cell) => [0.2, 0.1, -0.1, -0.2][lead]!;
    const { full, mean, combination } = judge({
      actual: ({ noise }) => near(noise),
      experts: [1, 2, 3].map(() => (cell) => near(cell.noise) + bias(cell)),
    });
    expect(combination.residual!.weight).toBeCloseTo(2 / 3, 12);
    expect(full).toBeLessThan(0.5 * mean);
  });

  test("is the mean where no fold can be judged by what it did not teach", () => {
    const one = evidenceOf({ actual: () => 1, experts: [biased(0), biased(0.4)], folds: 1 });
    const overlapping = evidenceOf({ actual: () => 1, experts: [biased(0), biased(0.4)], step: 1, folds: 3 });
    for (const evidence of [one, overlapping]) {
      expect(fullLearner()(evidence)).toEqual({
        method: "full",
        weights: [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
        residual: null,
      });
    }
  });

  test("gives the same from the same evidence", () => {
    const evidence = evidenceOf({ actual: ({ noise }) => near(noise), experts: [biased(0.1), biased(-0.2)] });
    expect(fullLearner()(evidence)).toEqual(fullLearner()(evidence));
  });
});

describe("learnFour and learnSingle", () => {
  const evidence = evidenceOf({
    actual: ({ series }) => (series % 2 === 0 ? 1 : 2),
    experts: [() => 1, () => 2, () => 1.4],
    codes: (series) => (series === 119 ? 2 : series === 118 ? -1 : series % 2),
    segments: 3,
  });

  test("four weighs its members alike", () => {
    expect(learnFour(evidence).weights).toEqual(new Array(4).fill([1 / 3, 1 / 3, 1 / 3]));
    expect(learnFour(evidence, [0, 2]).weights[3]).toEqual([0.5, 0, 0.5]);
  });

  test("single takes the best of each segment, the pooled one for small and unknown segments", () => {
    // Over all series: errors of 1 in every other series, or of .4 and .6; series grow, and odd ones are larger.
    const { weights } = learnSingle(evidence, 2);
    expect(weights[0]).toEqual([1, 0, 0]);
    expect(weights[1]).toEqual([0, 1, 0]);
    expect(weights[2]).toEqual(weights[3]);
    expect(learnSingle(evidence, 1).weights[2]).toEqual([0, 1, 0]);
  });
});

describe("nested CV", () => {
  const world: World = {
    actual: ({ series, fold, lead }) => 1 + 0.2 * Math.sin(series * fold + lead),
    experts: [
      ({ series, fold, lead, noise }) => 1 + 0.2 * Math.sin(series * fold + lead) + 0.05 * noise,
      ({ noise }) => 1 + 0.2 * noise,
    ],
    folds: 5,
  };
  const learners = learnersOf({ members: [0, 1], minSegmentSeries: 1 });

  /** Evidence in which everything after the origin of a fold is another story. */
  function withOtherFuture(evidence: Evidence, kept: number): Evidence {
    const { origin } = evidence.folds[kept]!.fold;
    return {
      ...evidence,
      folds: evidence.folds.map((fold, f) => ({
        ...fold,
        actual: fold.actual.map((value, at) =>
          fold.fold.origin + 1 + (at % fold.rows.horizon) > origin ? 1e6 - value : value,
        ),
        forecasts:
          f > kept ? fold.forecasts.map((matrix) => matrix.map((value) => 7 * value)) : fold.forecasts,
      })),
    };
  }

  test.each([4, 3])("what happens after a fold's origin changes nothing in its forecast, step %i", (step) => {
    const evidence = evidenceOf({ ...world, step });
    for (const method of ["full", "single"] as const) {
      const before = nestedForecasts(
        evidence,
        learnersOf({ members: [0, 1], minSegmentSeries: 1 })[method],
        learners.four,
      );
      for (const kept of [2, 4]) {
        const changed = withOtherFuture(evidence, kept);
        const after = nestedForecasts(
          changed,
          learnersOf({ members: [0, 1], minSegmentSeries: 1 })[method],
          learners.four,
        );
        expect(after.forecasts[kept]).toEqual(before.forecasts[kept]);
      }
    }
  });

  test.each(["four", "single", "full"] as const)("%s is clipped by what each fold knew", (method) => {
    // The experts' trend goes below zero; the target has, by the last fold.
    const evidence = evidenceOf({
      ...world,
      actual: () => 1,
      experts: [() => -1, ({ noise }) => -noise - 1],
    });
    const last = evidence.folds.length - 1;
    const known = {
      ...evidence,
      folds: evidence.folds.map((fold, f) => ({ ...fold, clip: { nonNegative: f < last, clip: 3 } })),
    };
    const own = learnersOf({ members: [0, 1], minSegmentSeries: 1 });
    const lowest = nestedForecasts(known, own[method], own.four).forecasts.map((point) => Math.min(...point));
    expect(lowest.slice(0, last)).toEqual(new Array(last).fill(0));
    expect(lowest[last]).toBeLessThan(0);
  });

  test("a gap before the origin holds back the folds that end in it", () => {
    const evidence = evidenceOf(world);
    const late = {
      ...evidence,
      folds: evidence.folds.map((fold) => ({ ...fold, fold: { ...fold.fold, gap: 1 } })),
    };
    expect(nestedForecasts(evidence, learners.single, learners.four).learned).toBe(4);
    expect(nestedForecasts(late, learners.single, learners.four).learned).toBe(3);
  });

  test("auto takes what nested CV found best and shows every score", () => {
    const evidence = evidenceOf(world);
    const { winner, candidates, naive } = selectCombination(evidence, learners, learners.four);
    expect(candidates.map(({ method }) => method)).toEqual(["four", "full", "single"]);
    expect(winner.method).toBe("single");
    for (const { forecasts, wmape, mase, n, relativeError } of candidates) {
      const score = scoreForecasts(evidence.folds, forecasts);
      expect([wmape, mase, n]).toEqual([score.wmape, score.mase, 5 * 120 * 4]);
      expect(relativeError).toBeCloseTo(wmape! / naive.wmape! + mase! / naive.mase!, 12);
      expect(winner.relativeError).toBeLessThanOrEqual(relativeError);
    }
  });

  test("auto takes the plain mean where nothing could be learned", () => {
    const evidence = evidenceOf({ ...world, folds: 1 });
    expect(selectCombination(evidence, learners, learners.four).winner.method).toBe("four");
  });
});
