import { expect, test } from "vitest";
import { objectiveOf, type RankedTrial, rankTrials } from "../../../../src/forecast/tune/rank.js";

/** A trial with a WMAPE for each fold. */
const trial = (
  number: number,
  changes: number,
  wmapes: readonly number[],
  origins = ["a", "b", "c"],
): RankedTrial => {
  const of = (wmape: number) => ({ wmape, mase: wmape * 10, n: 12 });
  const naive = { wmape: 0.5, mase: 1, n: 12 };
  return {
    trial: number,
    changes,
    scores: {
      folds: wmapes.map((wmape, f) => ({ origin: origins[f]!, own: of(wmape), naive })),
      own: of(wmapes.reduce((sum, value) => sum + value, 0) / wmapes.length),
      naive,
    },
  };
};

const RUNBOOK = trial(0, 0, [0.2, 0.3, 0.4]);

test("a trial that is better in every fold is chosen, although folds differ far more than trials", () => {
  const { best, chosen, standings } = rankTrials([RUNBOOK, trial(1, 1, [0.19, 0.288, 0.391])], "wmape");
  expect([best, chosen]).toEqual([1, 1]);
  // By hand: differences −.010, −.012, −.009; mean −.010333, sd .0015275, over √3 .00088192.
  expect(standings[0]!.difference!.mean).toBeCloseTo(-0.0103333, 6);
  expect(standings[0]!.difference!.standardError).toBeCloseTo(0.00088192, 7);
});

test("the runbook stays where the best is better by no more than one standard error", () => {
  const lucky = trial(1, 1, [0.17, 0.31, 0.4]);
  const { best, chosen } = rankTrials([RUNBOOK, lucky], "wmape");
  expect([best, chosen]).toEqual([1, 0]);
});

test("of trials that are as good as the best, the one with the fewest changes is chosen", () => {
  const best = trial(1, 3, [0.1, 0.2, 0.3]);
  const simple = trial(2, 1, [0.09, 0.203, 0.309]);
  const ranking = rankTrials([RUNBOOK, best, simple], "wmape");
  expect([ranking.best, ranking.chosen]).toEqual([1, 2]);
});

test("with one fold nothing can be said to be better", () => {
  const ranking = rankTrials([trial(0, 0, [0.3]), trial(1, 1, [0.1])], "wmape");
  expect([ranking.best, ranking.chosen]).toEqual([1, 0]);
});

test("a tie stays with the earlier trial", () => {
  const ranking = rankTrials([RUNBOOK, trial(1, 1, [0.2, 0.3, 0.4])], "wmape");
  expect([ranking.best, ranking.chosen]).toEqual([0, 0]);
});

test("trials with other folds, or none, are not ranked", () => {
  const other = trial(1, 1, [0.01, 0.01], ["b", "c"]);
  const failed: RankedTrial = { trial: 2, changes: 1, scores: null };
  const ranking = rankTrials([RUNBOOK, other, failed], "wmape");
  expect(ranking.best).toBe(0);
  expect(ranking.standings.map(({ trial, objective }) => [trial, objective])).toEqual([
    [0, expect.closeTo(0.3)],
    [1, null],
    [2, null],
  ]);
});

test("relative adds WMAPE and MASE as multiples of the seasonal naive's", () => {
  const scores = { own: { wmape: 0.2, mase: 0.9, n: 1 }, naive: { wmape: 0.4, mase: 1.2, n: 1 } };
  expect(objectiveOf(scores, "relative")).toBeCloseTo(0.5 + 0.75);
  expect(objectiveOf({ ...scores, own: { ...scores.own, n: 0 } }, "relative")).toBeNull();
});
